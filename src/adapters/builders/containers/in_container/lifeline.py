"""Knows whether what builds has stayed the same since the build began."""

from __future__ import annotations

import math
import select
import socket
import time

# Nothing ever happens to a container of this name, so the stream stays silent until the engine goes.
FILTER = b"%7B%22container%22%3A%5B%22none%22%5D%7D"
EVENTS = b"GET /events?filters=" + FILTER + b" HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n"
ANSWERS_WITHIN = 10.0
"""Seconds."""


class Lifeline:
    """A connection that ends when an engine or BuildKit does: containers can outlive it, builds in it cannot.

    Args:
        connection: to what builds, with nothing said yet.
        question: after which it stays silent, but for its first answer.
        nothing_yet: what is raised where nothing can be read.
        good_for: seconds for which its end tells anything.

    Raises:
        OSError: it gives no answer.
    """

    def __init__(
        self,
        connection: socket.socket,
        question: bytes,
        nothing_yet: tuple[type[OSError], ...] = (BlockingIOError,),
        good_for: float = math.inf,
    ) -> None:
        self.nothing_yet = nothing_yet
        self.good_until = time.monotonic() + good_for
        self.connection = connection
        connection.settimeout(ANSWERS_WITHIN)
        connection.sendall(question)
        if not connection.recv(4096):
            raise ConnectionResetError("it gave no answer")
        connection.setblocking(False)

    def broken(self) -> bool:
        """Whether it has gone, even if it is back."""
        if time.monotonic() > self.good_until:
            return False
        try:
            while select.select([self.connection], [], [], 0)[0]:
                # A stream that is closed in order says so by its last chunk.
                if self.connection.recv(4096) in {b"", b"0\r\n\r\n"}:
                    return True
        except self.nothing_yet:
            return False
        except OSError:
            return True
        return False


def of_engine(path: str) -> Lifeline:
    """Hold on to an engine."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return Lifeline(connection, EVENTS)
