"""Knows whether the engine has stayed the same since the build began."""

from __future__ import annotations

import contextlib
import select
import socket

# Nothing ever happens to a container of this name, so the stream stays silent until the engine goes.
FILTER = b"%7B%22container%22%3A%5B%22none%22%5D%7D"
REQUEST = b"GET /events?filters=" + FILTER + b" HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n"
ANSWERS_WITHIN = 10.0
"""Seconds."""


class Lifeline:
    """A stream that ends when the engine does: containers can outlive it, builds in it cannot."""

    def __init__(self, path: str) -> None:
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(ANSWERS_WITHIN)
        self.connection.connect(path)
        self.connection.sendall(REQUEST)
        head = b""
        while b"\r\n\r\n" not in head and (piece := self.connection.recv(4096)):
            head += piece

    def broken(self) -> bool:
        """Whether the engine has gone, even if it is back."""
        with contextlib.suppress(OSError):
            if not select.select([self.connection], [], [], 0)[0]:
                return False
            # A stream that is closed in order says so by its last chunk.
            return self.connection.recv(4096) in {b"", b"0\r\n\r\n"}
        return True
