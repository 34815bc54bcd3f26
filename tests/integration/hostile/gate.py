"""A proxy before an engine's socket that passes on the calls of a list only, and remembers who made which."""

from __future__ import annotations

import os
import re
import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from repo2docker_service.adapters.builders.containers.in_container.socket_filter import copy, read_head

SERVICE, BUILDER, PUSHER = "service", "builder", "pusher"
LAUNCHER = {b"build": BUILDER, b"push": PUSHER}
REFUSED = b'HTTP/1.1 403 Forbidden\r\nContent-Length: 24\r\nConnection: close\r\n\r\n{"message": "not on it"}'


@dataclass
class Gate:
    """What may be asked, by whom, and what was."""

    path: Path
    real: str
    lists: Mapping[str, Sequence[str]]
    """Calls such as ``GET /containers/{id}/json``."""
    used: set[tuple[str, str]] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address of the engine behind it."""
        return f"unix://{self.path}"

    @contextmanager
    def open(self) -> Iterator[Gate]:
        """Listen where only root can connect."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.path))
            self.path.chmod(0o600)
            listener.listen(100)
            accepting = threading.Thread(target=self._accept, args=(listener,))
            accepting.start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                accepting.join()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head, rest = read_head(client)
            if not head:
                return  # only tried whether it can be opened, and may be gone
            who = _who(client)
            if not self._is_listed(who, head.split(b"\r\n", 1)[0].decode()):
                client.sendall(REFUSED)
                return
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(self.real)
                engine.sendall(_last_of_its_connection(head) + rest)
                upward = threading.Thread(target=copy, args=(client, engine), daemon=True)
                upward.start()
                copy(engine, client)
                client.shutdown(socket.SHUT_RDWR)
                upward.join()

    def _is_listed(self, who: str, line: str) -> bool:
        method, target, _ = line.split(" ")
        call = f"{method} {re.sub(r'^/v1[.][0-9]+', '', target.partition('?')[0])}"
        for listed in self.lists[who]:
            if re.fullmatch(_pattern(listed), call):
                self.used.add((who, listed))
                return True
        self.refused.add((who, call))
        return False


def _pattern(listed: str) -> str:
    return re.escape(listed).replace(r"\{id\}", "[^/]+").replace(r"\{name\}", ".+")


def _last_of_its_connection(head: bytes) -> bytes:
    lines = head.split(b"\r\n")
    if any(line.lower().startswith(b"upgrade:") for line in lines):
        return head + b"\r\n\r\n"
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close", b"", b""])


def _who(client: socket.socket) -> str:
    pid, _, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if pid == os.getpid():
        return SERVICE
    *_, last = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    return LAUNCHER[last]
