"""Engines as far as a test needs one: they listen on a Unix socket and say what they are told to."""

import asyncio
import contextlib
import itertools
import queue
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

SECOND = 10**9


def stamp(nanoseconds: int) -> str:
    """Write a time as the engine does."""
    seconds, fraction = divmod(nanoseconds, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"


def nanoseconds(since: str) -> int:
    """Read a time as the engine does."""
    seconds, _, fraction = since.partition(".")
    return int(seconds) * SECOND + int(f"{fraction:0<9}")


@dataclass(frozen=True)
class Written:
    """An entry of the engine's log."""

    time: int
    text: str

    @property
    def frame(self) -> bytes:
        data = f"{stamp(self.time)} {self.text}".encode()
        return bytes([1, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@dataclass
class LoggingEngine:
    """Serves ``/version`` and the log of one container; every other answer is ``status``."""

    path: str
    log: list[Written] = field(default_factory=list)
    ends_after: int | None = None
    """Entries after which an answer ends early."""
    breaks: bool = False
    """An answer ends without saying so."""
    status: int = HTTPStatus.NOT_FOUND
    asked: list[dict[str, str]] = field(default_factory=list)
    open: int = 0
    """Connections that are open now."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    noticed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def write(self, *entries: Written) -> None:
        self.log += entries
        self.changed.set()

    def end(self) -> None:
        self.ended = True
        self.changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of who asks and who is connected."""
        async with asyncio.timeout(5):
            while not holds():
                self.noticed.clear()
                await self.noticed.wait()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["LoggingEngine"]:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self.open += 1
            with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
            self.open -= 1
            self.noticed.set()
            writer.close()

        server = await asyncio.start_unix_server(serve, self.path)
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ")[1].decode())
            if target.path.endswith("/version"):
                writer.write(answer(b'{"ApiVersion":"1.41"}'))
            elif target.path.endswith("/containers/x/logs"):
                self.asked.append(dict(parse_qsl(target.query)))
                self.noticed.set()
                # Where there are no chunks, only the end of the connection tells the end of the answer.
                chunked = b" HTTP/1.1\r\n" in head
                if not await self._follow(reader, writer, self.asked[-1], chunked=chunked) or not chunked:
                    return
            else:
                body = b"" if head.startswith(b"HEAD") else b'{"message":"in its own words"}'
                writer.write(answer(body, self.status))

    async def _follow(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[str, str], *, chunked: bool
    ) -> bool:
        gone = asyncio.create_task(reader.read(1))
        version, header = ("1.1", "Transfer-Encoding: chunked") if chunked else ("1.0", "Connection: close")
        writer.write(f"HTTP/{version} 200 OK\r\n{header}\r\n\r\n".encode())
        tail = len(self.log) if asked["tail"] == "all" else int(asked["tail"])
        since = nanoseconds(asked.get("since", "0"))
        place, given, begun = max(len(self.log) - tail, 0), 0, False
        while True:
            # The engine looks for the first entry that is late enough, and gives all that follow.
            fresh = late_enough(self.log[place:], 0 if begun else since)
            place, begun = len(self.log), begun or bool(fresh)
            if self.ends_after is not None:
                fresh = fresh[: self.ends_after - given]
            given += len(fresh)
            data = b"".join(entry.frame for entry in fresh)
            if data:
                writer.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
            if self.ended or asked.get("follow", "0") == "0" or given == self.ends_after:
                break
            self.changed.clear()
            news = asyncio.create_task(self.changed.wait())
            await asyncio.wait([gone, news], return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if gone.done():
                return False
        if self.breaks:
            await writer.drain()
            gone.cancel()
            return False
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        writer.write(b"0\r\n\r\n" if chunked else b"")
        return True


def late_enough(entries: list[Written], since: int) -> list[Written]:
    return list(itertools.dropwhile(lambda entry: entry.time < since, entries))


def answer(body: bytes = b"", status: int = HTTPStatus.OK) -> bytes:
    """Make a whole answer with a JSON body."""
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


Talk = Callable[[socket.socket], None]


@dataclass
class RawEngine:
    """Hands each connection to ``talk``, in a thread, and afterwards tells what else came on it."""

    path: Path
    talk: Talk
    connections: int = 0
    rest: "queue.Queue[bytes]" = field(default_factory=queue.Queue)

    @contextmanager
    def listening(self) -> Iterator["RawEngine"]:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.path))
            listener.listen()
            thread = threading.Thread(target=self._accept, args=(listener,))
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            self.talk(connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            self.rest.put(read_all(connection))


def read_all(connection: socket.socket) -> bytes:
    """Read to the end."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """Read so many bytes, or fewer when there are no more."""
    data = b""
    while len(data) < count and (piece := connection.recv(count - len(data))):
        data += piece
    return data


def read_request(connection: socket.socket) -> bytes:
    """Read up to the empty line, byte by byte, so that nothing else is taken."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            break
        data += piece
    return data
