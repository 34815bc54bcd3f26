"""Servers of few lines: one that says what a test tells it to, and one that passes bytes on."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Sayer:
    """Answers every request with what it is told, and remembers what it was asked."""

    answer: bytes = b""
    url: str = ""
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    hang_up_at: int = 0
    """The number of the request at which it hangs up instead of answering, counted from 1."""
    pause: float = 0
    """Seconds between one byte and the next."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes over one connection."""
        self.connections += 1
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests.append(head.decode())
                if len(self.requests) == self.hang_up_at:
                    return
                await self._say(writer)

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        pieces = [bytes([byte]) for byte in self.answer] if self.pause else [self.answer]
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(self.pause)


@dataclass
class Relay:
    """Passes connections on to a port of this machine, and counts what comes back."""

    port: int
    url: str = ""
    received: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.port)
        asking = asyncio.create_task(self._pass(reader, behind_writer))
        try:
            while piece := await behind_reader.read(1 << 16):
                self.received += len(piece)
                writer.write(piece)
                await writer.drain()
        finally:
            asking.cancel()
            writer.close()
            behind_writer.close()
            await asyncio.gather(asking, behind_writer.wait_closed(), return_exceptions=True)

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Listen on a free port of loopback, and end all connections when done."""
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def page(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Make an HTTP answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "".join(f"{line}\r\n" for line in head).encode() + b"\r\n" + body


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for a host name, and give its file and what a server needs."""
    key, file = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run([*command, *subject, "-keyout", key, "-out", file], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context
