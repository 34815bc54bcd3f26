"""The least that sending a fast log to many costs: a bare program that sends ready chunks to everyone who asks.

It runs under the same server as the service does. Nothing is read, and each chunk is made once, every 50 ms.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tools.parts.ports import free_port

from .loud_program import line
from .replica import STARTS_WITHIN

FLUSH = 0.05
ROOT = Path(__file__).parents[2]


@dataclass
class Broadcast:
    """Chunks that are made once, and handed to whoever follows."""

    per_second: int
    width: int
    seconds: float
    chunks: list[bytes] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False
    making: asyncio.Task[None] | None = None

    async def begin(self, _request: Request) -> Response:
        """Begin to make chunks; those who follow must be there by now."""
        self.making = asyncio.create_task(self._make())
        return PlainTextResponse("begun")

    async def live(self, _request: Request) -> Response:
        """Say that the process lives."""
        return PlainTextResponse("ok")

    async def follow(self, _request: Request) -> Response:
        """Send every chunk as soon as it is there."""
        return StreamingResponse(self._chunks(), media_type="text/event-stream")

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()
        begun, made, whole = loop.time(), 0, int(self.per_second * self.seconds)
        while made < whole:
            await asyncio.sleep(FLUSH)
            reached = min(whole, int((loop.time() - begun) * self.per_second))
            self._publish(_log(made + 1, reached, self.width))
            made = reached
        self.over = True
        self._publish(b'event: end\ndata: {"state":"failed"}\n\n')

    def _publish(self, chunk: bytes) -> None:
        self.chunks.append(chunk)
        waited, self.more = self.more, asyncio.Event()
        waited.set()

    async def _chunks(self) -> AsyncGenerator[bytes]:
        yield b"retry: 2000\n\n"
        sent = 0
        while True:
            if sent < len(self.chunks):
                yield self.chunks[sent]
                sent += 1
            elif self.over:
                return
            else:
                await self.more.wait()


def _log(first: int, last: int, width: int) -> bytes:
    now = time.time()
    lines = [line(number, now, width).decode().rstrip("\n") for number in range(first, last + 1)]
    data = json.dumps({"first": first, "lines": lines}, separators=(",", ":"))
    return f"id: {last}\nevent: log\ndata: {data}\n\n".encode()


@dataclass(frozen=True)
class Floor:
    """The program, from outside."""

    pid: int
    port: int

    def begin(self) -> None:
        """Let it send."""
        httpx.post(f"http://127.0.0.1:{self.port}/begin").raise_for_status()


@contextmanager
def floor(per_second: int, width: int, seconds: float) -> Iterator[Floor]:
    """Run the program."""
    port = free_port()
    words = [str(port), str(per_second), str(width), str(seconds)]
    with subprocess.Popen([sys.executable, "-m", "tools.reliability.bare_floor", *words], cwd=ROOT) as process:
        try:
            _wait_for(port)
            yield Floor(process.pid, port)
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    with httpx.Client(timeout=5) as client:
        while time.monotonic() < deadline:
            try:
                client.get(f"http://127.0.0.1:{port}/health/live")
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return
    raise RuntimeError("The bare program did not start.")


def _serve(port: str, per_second: str, width: str, seconds: str) -> None:
    broadcast = Broadcast(int(per_second), int(width), float(seconds))
    routes = [
        Route("/begin", broadcast.begin, methods=["POST"]),
        Route("/health/live", broadcast.live),
        Route("/log", broadcast.follow),
    ]
    uvicorn.run(Starlette(routes=routes), port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
