"""A server of HTTP that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request. Names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query)

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True)
class Reply:
    """An answer, or what comes instead of one."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    raw: bytes | None = None
    """All that is sent, before the connection ends."""
    reset: bool = False
    """The connection breaks at the end, instead of ending."""
    pause: float = 0.0
    """Seconds before each byte of ``raw``, or before the answer."""

    def written(self, method: str) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Said", f"Content-Length: {len(self.body)}"]
        for name, values in self.headers.items():
            lines += [f"{name}: {value}" for value in ([values] if isinstance(values, str) else values)]
        return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + (b"" if method == "HEAD" else self.body)


Play = Callable[[Asked], Reply | Awaitable[Reply]]


@dataclass
class Server:
    """Plays, and remembers.

    Attributes:
        open: connections that are open now.
        connections: how many there were.
        busy: requests that are being answered now.
        busiest: most of them at a time.
    """

    play: Play
    url: str = ""
    requests: list[Asked] = field(default_factory=list)
    open: int = 0
    connections: int = 0
    busy: int = 0
    busiest: int = 0
    failures: list[Exception] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def said(self) -> list[str]:
        """What was asked, a line each."""
        return [str(request) for request in self.requests]

    async def until(self, holds: Callable[[Server], bool]) -> None:
        """Wait until something holds of the requests and connections."""
        async with asyncio.timeout(5):
            while not holds(self):
                self.news.clear()
                await self.news.wait()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes over one connection."""
        while (request := await _read(reader)) is not None:
            self.requests.append(request)
            self.news.set()
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
            try:
                reply = await self._reply(request, reader)
            finally:
                self.busy -= 1
                self.news.set()
            if reply is None or not await _say(reply, request.method, writer):
                return

    async def _reply(self, request: Asked, reader: asyncio.StreamReader) -> Reply | None:
        """Give what the play says, unless who asked hangs up before."""
        played = asyncio.ensure_future(self._play(request))
        try:
            while not played.done():
                if reader.at_eof():
                    return None
                await asyncio.wait({played}, timeout=0.02)
            return played.result()
        finally:
            played.cancel()

    async def _play(self, request: Asked) -> Reply:
        reply = self.play(request)
        if not isinstance(reply, Reply):
            reply = await reply
        if reply.raw is None:
            await asyncio.sleep(reply.pause)
        return reply


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)


async def _say(reply: Reply, method: str, writer: asyncio.StreamWriter) -> bool:
    """Answer, and tell whether the connection stays."""
    if reply.raw is None and not reply.reset:
        writer.write(reply.written(method))
        await writer.drain()
        return True
    data = reply.raw or b""
    for piece in [bytes([byte]) for byte in data] if reply.pause else [data]:
        await asyncio.sleep(reply.pause)
        writer.write(piece)
        await writer.drain()
    if reply.reset:
        writer.transport.abort()
    return False


@asynccontextmanager
async def serving(play: Play, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve on a free port of loopback, and end all connections when done."""
    server = Server(play)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.open += 1
        server.connections += 1
        try:
            with suppress(OSError, asyncio.CancelledError):
                await server.talk(reader, writer)
        except Exception as error:  # noqa: BLE001 (told to the test at its end)
            server.failures.append(error)
        finally:
            server.open -= 1
            server.news.set()
            tasks.discard(task)
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert not server.failures, server.failures


def in_turn(*replies: Reply) -> Play:
    """Give these answers, whatever is asked; the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def json_of(value: object, status: int = 200, **headers: str) -> Reply:
    """Answer with JSON; underscores in names of headers are hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


def refusing(status: int, code: str = "SAID", message: str = "as told", **headers: str) -> Reply:
    """Answer with an error as registries write it."""
    return json_of({"errors": [{"code": code, "message": message, "detail": "a secret path"}]}, status, **headers)
