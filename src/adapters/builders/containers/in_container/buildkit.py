"""A BuildKit daemon in place of a Docker engine, for buildx's remote driver.

buildx is told of a socket in the container. The launcher passes on what comes there, over TLS where the daemon has it:
repo2docker's user never sees what opens the daemon.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .guard import wait_or_end
from .listening import BoundedListener

TLS = "/run/tls"
"""Where a pod has the files by which the daemon and its clients know each other."""
AUTHORITY, CERTIFICATE, KEY = "ca.crt", "tls.crt", "tls.key"
SOCKET = "buildkit.sock"
NAME = "r2d"
PATIENCE, PAUSE = 60.0, 1.0
"""Seconds for which a daemon that is being restarted is tried again, and between two tries."""
KEEPALIVE = {socket.TCP_KEEPIDLE: 15, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 4}
"""Seconds and tries after which a daemon whose machine is gone counts as gone, as Go's programs have it."""
ANSWERS_WITHIN = 10.0
"""Seconds that it has to take a connection."""
HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""How a client of HTTP/2 begins, with settings that change nothing (RFC 9113, 3.4); it may say nothing more."""
GOOD_FOR = 7000.0
"""Seconds after which it asks who is silent whether he is there, and leaves who does not answer."""
NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""What is raised where a connection has nothing to read or no room; what comes may be for TLS itself."""
PIECE = 1 << 16
"""Bytes read at once: more than one record of TLS, so that none is left where nobody looks for it."""


@dataclass(frozen=True)
class Daemon:
    """A BuildKit daemon: ``HOST:PORT``, and the folder with the files for TLS; none where it has no TLS."""

    address: str
    tls: str = ""

    def connect(self) -> socket.socket:
        """Connect to it.

        Raises:
            OSError: it cannot be reached, or is not who it should be.
        """
        host, _, port = self.address.rpartition(":")
        plain = socket.create_connection((host.strip("[]"), int(port)), ANSWERS_WITHIN)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEPALIVE.items():
            plain.setsockopt(socket.IPPROTO_TCP, option, value)
        return self._context().wrap_socket(plain, server_hostname=host.strip("[]")) if self.tls else plain

    def connect_patiently(self, patience: float = PATIENCE) -> socket.socket:
        """Connect to it, and wait while it is being restarted.

        Raises:
            Ended: a signal has come meanwhile.
            OSError: it stays away.
        """
        deadline, told = time.monotonic() + patience, False
        while True:
            try:
                return self.connect()
            except OSError as error:
                if isinstance(error, ssl.SSLCertVerificationError) or time.monotonic() + PAUSE > deadline:
                    raise
                if not told:
                    print(f"BuildKit at {self.address} is waited for: {error}", flush=True)
                told = True
            wait_or_end(PAUSE)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=os.path.join(self.tls, AUTHORITY))
        certificate = os.path.join(self.tls, CERTIFICATE)
        if os.path.exists(certificate):
            context.load_cert_chain(certificate, os.path.join(self.tls, KEY))
        context.set_alpn_protocols(["h2"])
        return context


def daemon_of(told: Mapping[str, Any], folder: str = TLS) -> Daemon:
    """Give the daemon of a plan.

    Raises:
        RuntimeError: it is to be spoken to over TLS, and a file for that is missing.
    """
    if not told["tls"]:
        return Daemon(told["address"])
    files = set(os.listdir(folder))
    needed = {AUTHORITY} | ({CERTIFICATE, KEY} if files & {CERTIFICATE, KEY} else set())
    if missing := sorted(needed - files):
        raise RuntimeError(f"the Secret that opens BuildKit has no {' and no '.join(missing)}")
    return Daemon(told["address"], folder)


class Forward(BoundedListener):
    """Listens at a path and passes everything on to a daemon."""

    def __init__(self, path: str, daemon: Daemon) -> None:
        super().__init__(path)
        self.daemon = daemon

    def talk(self, client: socket.socket) -> None:
        """Pass bytes both ways until one side ends."""
        with self.daemon.connect() as server:
            relay(client, server)


def relay(client: socket.socket, server: socket.socket) -> None:
    """Pass bytes both ways in one thread, as a connection over TLS is not to be used by two."""
    other = {client: server, server: client}
    waiting = dict.fromkeys(other, b"")
    for each in other:
        each.setblocking(False)
    while True:
        # Nothing more is read for a side that has not taken what came before.
        readers = [each for each in other if not waiting[other[each]]]
        readable, writable, _ = select.select(readers, [each for each in other if waiting[each]], [])
        for each in readable:
            with contextlib.suppress(*NOTHING_YET):
                piece = each.recv(PIECE)
                if not piece:
                    return
                waiting[other[each]] = piece
        for each in writable:
            with contextlib.suppress(*NOTHING_YET):
                waiting[each] = waiting[each][each.send(waiting[each]) :]


def environment(folder: str) -> dict[str, str]:
    """Give what has buildx build there; an image has one manifest and no attestations beside it."""
    return {"BUILDX_BUILDER": NAME, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "R2D_BUILDKIT": address(folder)}


def address(folder: str) -> str:
    """Give the address by which buildx knows the daemon."""
    return "unix://" + os.path.join(folder, SOCKET)


def introduce(env: Mapping[str, str]) -> None:
    """Tell buildx of the daemon.

    Raises:
        RuntimeError: buildx cannot be told, for a reason that it says.
    """
    command = ["docker", "buildx", "create", "--name", NAME, "--driver", "remote", env["R2D_BUILDKIT"]]
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip() or f"it ended with {done.returncode}"
        raise RuntimeError(f"buildx cannot be told of BuildKit: {said}")
