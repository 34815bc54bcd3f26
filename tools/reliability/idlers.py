"""Thousands of connections that ask for something and then do next to nothing, held by a process of their own.

Some never finish the head of their request, of which they send a line now and then; others never read their answer.
The process is told what to do in one line of JSON, says when all are connected, and holds on until it is ended.
"""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .crowd import HOST, ROOT
from .readers import RECEIVE_BUFFER

FIRST_LINE = b"GET / HTTP/1.1\r\n"
ONE_MORE_LINE = b"X-Still-Here: yes\r\n"
PER_SECOND = 1000
"""Connections that are opened each second; to open connections is work for both ends, to hold them is none."""
LISTENING = "0A"
AT_REST = ("05", "06", "07")
"""States of connections that cost nothing any more."""


@dataclass(frozen=True)
class Order:
    """How many of each kind there are."""

    port: int
    halves: int
    """Those whose requests never end."""
    readers: int
    """Those who never read."""
    request: str
    """What the latter send."""
    pause: float
    """Seconds from one line of an endless head to the next."""


@contextmanager
def idlers(order: Order) -> Iterator[None]:
    """Hold all connections while the context is open."""
    command = [sys.executable, "-m", "tools.reliability.idlers", json.dumps(asdict(order))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("The connections could not be made.")
        yield
    finally:
        process.kill()
        process.communicate()


def held(port: int) -> list[int]:
    """Give the bytes that the kernel holds of answers, for each connection to a port of this machine."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    here = f":{port:04X}"
    return [
        int(row[4].partition(":")[0], 16)
        for row in rows
        if row[1].endswith(here) and row[3] not in (LISTENING, *AT_REST)
    ]


def _hold(order: Order) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Hundreds of requests at once are another matter, so each waits for the first word to the one before.
    readers = [_answered(_connected(order.port, order.request.encode())) for _ in range(order.readers)]
    halves = [_connected(order.port, FIRST_LINE) for _ in range(order.halves)]
    print("connected", flush=True)
    while readers or halves:
        _go_on(halves, order.pause)


def _connected(port: int, said: bytes) -> socket.socket:
    time.sleep(1 / PER_SECOND)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    connection.settimeout(60)
    connection.connect((HOST, port))
    connection.sendall(said)
    return connection


def _answered(connection: socket.socket) -> socket.socket:
    connection.recv(1, socket.MSG_PEEK)
    return connection


def _go_on(halves: Sequence[socket.socket], pause: float) -> None:
    begun = time.monotonic()
    for number, each in enumerate(halves, 1):
        time.sleep(max(0.0, begun + pause * number / len(halves) - time.monotonic()))
        with suppress(OSError):
            each.sendall(ONE_MORE_LINE)


if __name__ == "__main__":
    _hold(Order(**json.loads(sys.argv[1])))
