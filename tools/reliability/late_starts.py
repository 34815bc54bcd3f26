"""A way to the engine on which requests to start a container arrive late, as they do at busy times."""

from __future__ import annotations

import random
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer

from tools.parts.docker_api import connect

PIECE = 1 << 16
START = re.compile(rb"POST \S+/containers/[^/\s]+/start[ ?]")
"""Clients write the head of a request at once, and begin none before the answer to the one before."""


@contextmanager
def late_starts(engine: str, longest: float, seed: int) -> Iterator[str]:
    """Listen at an address that leads to the engine; each start is held back for a random time up to the longest."""
    chance = random.Random(seed)  # noqa: S311 - the same delays each time
    delay = staticmethod(lambda: chance.uniform(0, longest))
    handler = type("Handler", (_Handler,), {"engine": engine, "delay": delay})
    # Not the trial's folder: its path may be too long for sockets.
    folder = tempfile.mkdtemp(prefix="r2d-")
    path = str(Path(folder) / "late.sock")
    try:
        with _Server(path, handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            try:
                yield f"unix://{path}"
            finally:
                server.shutdown()
                thread.join()
    finally:
        shutil.rmtree(folder)


class _Server(ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseRequestHandler):
    engine: str

    @staticmethod
    def delay() -> float:
        """Give the seconds for which the next start is held back."""
        return 0.0

    def handle(self) -> None:
        """Pass everything on in both directions until either side is gone."""
        connection = connect(self.engine, None)
        connection.connect()
        back = threading.Thread(target=_pass_on, args=(connection.sock, self.request), daemon=True)
        back.start()
        with suppress(OSError):
            while piece := self.request.recv(PIECE):
                if START.match(piece):
                    time.sleep(self.delay())
                connection.sock.sendall(piece)
            connection.sock.shutdown(socket.SHUT_RDWR)
        back.join()
        connection.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
