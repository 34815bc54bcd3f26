"""A socket for repo2docker's user, behind which the launcher decides what passes."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from abc import ABC, abstractmethod

MOST_AT_ONCE = 64
"""Connections. A child that holds all of them keeps itself waiting, and cannot use up what the launcher needs."""


class BoundedListener(ABC):
    """Listens at a path for so many connections at once, each of them in a thread."""

    def __init__(self, path: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)  # noqa: S103 - the child is another user, and nobody else is in the container
        self.listener.listen(4 * MOST_AT_ONCE)
        self._free = threading.Semaphore(MOST_AT_ONCE)

    def serve(self) -> None:
        """Serve in the background until the process ends."""
        threading.Thread(target=self._accept, daemon=True).start()

    @abstractmethod
    def talk(self, client: socket.socket) -> None:
        """Serve one connection; whoever calls this closes it afterwards, whatever error it ended with."""

    def _accept(self) -> None:
        while True:
            self._free.acquire()
            client, _ = self.listener.accept()
            try:
                threading.Thread(target=self._handle, args=(client,), daemon=True).start()
            except RuntimeError:  # the child has taken all processes that the container may have
                client.close()
                self._free.release()

    def _handle(self, client: socket.socket) -> None:
        try:
            with client, contextlib.suppress(OSError, RuntimeError):
                self.talk(client)
        finally:
            self._free.release()
