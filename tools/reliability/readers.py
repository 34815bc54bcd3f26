"""Readers of a log's event stream that cost little, so that hundreds of them fit into one process."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from .loud_lines import read_piece

RECEIVE_BUFFER = 4096
SIP = 1024
"""Bytes that a slow reader takes each second."""


@dataclass
class Tally:
    """What one reader was sent."""

    lines: int = 0
    wrong: int = 0
    """Lines that were out of place or damaged."""
    received: int = 0
    """Bytes."""
    last_id: str = ""
    last_event: str = ""
    """The name of the last event."""
    closed: bool = False
    """Whether the server ended the connection."""
    status: int = 0
    seconds: float = 0
    """From the request to the end."""
    first_line: float = float("inf")
    """Seconds from the request to the first lines."""


@dataclass
class Reader(asyncio.Protocol):
    """Reads as fast as it is sent to, and checks every line."""

    request: bytes
    lags: Counter[int]
    """How many lines came so many milliseconds late; shared."""
    tally: Tally = field(default_factory=Tally)
    reached: int = 0
    """The number of the last line that came, or after which it asked to begin."""
    asked: float = 0
    head: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the answer has begun, or will never."""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    _raw: bytearray = field(default_factory=bytearray)
    _body: bytearray = field(default_factory=bytearray)
    _transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self.asked = time.time()
        self._transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Take the framing off, and read the events that are whole."""
        self.tally.received += len(data)
        self._raw += data
        if self.tally.status or self._read_head():
            self._unpack()
            end = self._body.rfind(b"\n\n")
            if end >= 0:
                whole = bytes(self._body[:end])
                del self._body[: end + 2]
                self._read(whole)

    def _read_head(self) -> bool:
        end = self._raw.find(b"\r\n\r\n")
        if end < 0:
            return False
        self.tally.status = int(self._raw.split(b" ", 2)[1])
        del self._raw[: end + 4]
        self.head.set()
        if self.tally.status != 200:
            self.finish()
        return True

    def _unpack(self) -> None:
        raw, start = self._raw, 0
        while (end := raw.find(b"\r\n", start)) >= 0 and self.tally.status == 200:
            size = int(raw[start:end], 16)
            if len(raw) < end + 4 + size:
                break
            self._body += raw[end + 2 : end + 2 + size]
            start = end + 4 + size
        del raw[:start]

    def _read(self, events: bytes) -> None:
        now = time.time()
        for event in events.split(b"\n\n"):
            fields = dict(part.split(b": ", 1) for part in event.split(b"\n") if b": " in part)
            name = fields.get(b"event", b"").decode()
            if name:
                self.tally.last_event = name
            if name == "log":
                self._take(fields[b"data"], now)
                self.tally.last_id = fields[b"id"].decode()
            elif name == "end":
                self.finish()

    def _take(self, data: bytes, now: float) -> None:
        piece = read_piece(data)
        if not self.tally.lines:
            self.tally.first_line = now - self.asked
        self.tally.lines += piece.lines
        self.tally.wrong += piece.wrong if piece.first == self.reached + 1 else piece.lines
        self.reached = piece.first + piece.lines - 1
        self.lags[int((now - max(piece.oldest, self.asked)) * 1000)] += piece.lines

    def connection_lost(self, _exc: Exception | None) -> None:
        """Note that the server hung up."""
        self.tally.closed = not self.done.is_set()
        self.finish()

    def finish(self) -> None:
        """Read no more."""
        if not self.done.is_set():
            self.done.set()
            self.head.set()
            self.tally.seconds = time.time() - self.asked
            if self._transport is not None:
                self._transport.close()


async def sip(host: str, port: int, request: bytes, until: asyncio.Event) -> Tally:
    """Ask, and then take a little each second, with next to no buffer, until told otherwise or hung up on."""
    loop, tally, asked = asyncio.get_running_loop(), Tally(), time.time()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        connection.settimeout(0)
        try:
            await loop.sock_connect(connection, (host, port))
            await loop.sock_sendall(connection, request)
            while not until.is_set() and not tally.closed:
                await asyncio.sleep(1)
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        taken = await loop.sock_recv(connection, SIP)
                        tally.received += len(taken)
                        tally.closed = not taken
        except ConnectionError:
            tally.closed = True
    tally.seconds = time.time() - asked
    return tally
