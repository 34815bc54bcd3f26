"""The application behind bounded connections, which are spoken over letter by letter."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress

import uvicorn
from tests.unit.entrypoints.http.conftest import World, until

from repo2docker_service.entrypoints.http.connections import BoundedConnection

HEAD = b"Host: x\r\nAuthorization: Bearer ada-token\r\n"
PIECE = b"x" * 4096
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Impatient(BoundedConnection):
    patience = 0.3


class Server:
    """The application behind bounded connections."""

    def __init__(self, port: int, connections: Collection[object]) -> None:
        self.port = port
        self.connections = connections

    async def connect(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, *pieces: bytes) -> bytes:
        """Send these on one connection, and give all that comes back until it ends."""
        reader, writer = await self.connect()
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
        answer = await self.rest(reader)
        writer.close()
        return answer

    async def rest(self, reader: asyncio.StreamReader) -> bytes:
        async with asyncio.timeout(5):
            answer = b""
            with suppress(ConnectionError):
                while piece := await reader.read(65536):
                    answer += piece
            return answer


@asynccontextmanager
async def serving(world: World, kind: type[BoundedConnection] = BoundedConnection) -> AsyncIterator[Server]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(world.app, http=kind, log_level="error", timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    try:
        yield Server(listener.getsockname()[1], server.server_state.connections)
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 10)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
