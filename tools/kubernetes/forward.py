"""Servers of this machine's loopback interface, for a cluster that only reaches another address of it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer

PIECE = 1 << 18


@contextmanager
def forwarded(port: int, host: str) -> Iterator[str]:
    """Pass connections to a port of this address on to the same port of 127.0.0.1, and give `address:port`."""
    handler = type("Handler", (_Handler,), {"target": ("127.0.0.1", port)})
    with _Server((host, port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"{host}:{port}"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class _Handler(BaseRequestHandler):
    target: tuple[str, int]

    def handle(self) -> None:
        """Copy both ways until both have ended; one that breaks ends the other."""
        with socket.create_connection(self.target, timeout=10) as onward, contextlib.suppress(OSError):
            onward.settimeout(None)
            back = threading.Thread(target=_copy, args=(onward, self.request), daemon=True)
            back.start()
            _copy(self.request, onward)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
