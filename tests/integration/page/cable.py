"""A connection between a browser and a service that can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

_PIECE: Final = 1 << 16


@dataclass
class Cable:
    """Passes connections on to a port of this machine, while it is whole."""

    listener: socket.socket
    port: int
    is_cut: bool = False
    _open: set[socket.socket] = field(default_factory=set)

    @property
    def place(self) -> str:
        """Host and port of this end."""
        host, port = self.listener.getsockname()
        return f"{host}:{port}"

    def cut(self) -> None:
        """End all connections, and hang up on new ones."""
        self.is_cut = True
        for each in [*self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Pass on again what comes from now on."""
        self.is_cut = False

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.port))
                for source, sink in ((near, far), (far, near)):
                    self._open.add(source)
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                sink.sendall(piece)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open.discard(source)
        source.close()


@contextmanager
def cable_to(port: int) -> Iterator[Cable]:
    """Lay a cable, and take it away at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        cable = Cable(listener, port)
        threading.Thread(target=cable.serve, daemon=True).start()
        try:
            yield cable
        finally:
            cable.cut()
            listener.shutdown(socket.SHUT_RDWR)
