"""Server-sent events over a plain socket, and a follower of a build's log that goes on after every break."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

SILENCE = 20.0
"""Seconds without any byte after which a connection counts as dead; heartbeats come every 15."""
PAUSE = 0.05
"""Seconds between two tries to connect."""
NOBODY_THERE = {502, 503, 504}
"""What a proxy answers while no replica does; and a replica, while the engine does not."""
BUFFER = 1 << 22


class Cut(Exception):
    """A stream was over before it said so."""


class Refused(Exception):
    """A stream was answered by an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was sent."""

    name: str
    data: str
    id: str = ""


async def events(url: str, token: str, after: str = "") -> AsyncGenerator[Event]:
    """Give the events of a stream as long as it lasts.

    Raises:
        Refused: it is answered by an error.
        Cut: it cannot be reached, ends, breaks, or is silent for too long.
    """
    try:
        reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port, limit=BUFFER)
    except OSError as error:
        raise Cut(f"no connection: {error}") from error
    try:
        writer.write(_request(url, token, after))
        await _head(reader)
        async with aclosing(_lines(reader)) as lines:
            async for event in _parsed(lines):
                yield event
        raise Cut("ended")
    except (OSError, EOFError) as error:  # TimeoutError is an OSError, too
        raise Cut(type(error).__name__) from error
    finally:
        writer.close()


def _request(url: str, token: str, after: str) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = {"Host": parts.netloc, "Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    headers |= {"Last-Event-ID": after} if after else {}
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


async def _head(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(SILENCE):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head.split()[1])
    if status != 200:
        raise Refused(status, await _some_text(reader))
    if "transfer-encoding: chunked" not in head.lower():
        raise Refused(status, f"not a stream in chunks: {head}")


async def _some_text(reader: asyncio.StreamReader) -> str:
    try:
        async with asyncio.timeout(1):
            return (await reader.read(2000)).decode(errors="replace")
    except TimeoutError:
        return ""


async def _lines(reader: asyncio.StreamReader) -> AsyncGenerator[bytes]:
    """Give the lines of a body in chunks."""
    rest = b""
    while True:
        async with asyncio.timeout(SILENCE):
            size = int(await reader.readuntil(b"\r\n"), 16)
            chunk = (await reader.readexactly(size + 2))[:-2]
        if not size:
            return
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line


async def _parsed(lines: AsyncGenerator[bytes]) -> AsyncGenerator[Event]:
    fields: dict[str, str] = {}
    async for line in lines:
        if not line:
            if "event" in fields:
                yield Event(fields["event"], fields.get("data", ""), fields.get("id", ""))
            fields = {}
        elif not line.startswith(b":"):
            key, _, value = line.decode().partition(": ")
            fields[key] = value


@dataclass
class Break:
    """A moment at which a follower lost its stream; times are those of the monotonic clock."""

    why: str
    at: float
    resumed: float | None = None
    """When the next event came."""

    @property
    def seconds(self) -> float:
        """How long the follower heard nothing; without an end when it never heard anything again."""
        return float("inf") if self.resumed is None else self.resumed - self.at


@dataclass
class Follower:
    """Follows a log to its end, connecting again with the last event's id whenever the stream breaks."""

    api: str
    """The API's address, with a slash at its end."""
    build_id: str
    token: str
    numbered: list[tuple[int, str]] = field(default_factory=list)
    """Each line that came, with its number, in the order of arrival."""
    gaps: int = 0
    """Lines that were left out."""
    repeats: int = 0
    """Lines that came again."""
    breaks: list[Break] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)
    """The final build, once the stream has said that it is complete."""
    last_id: str = ""

    @property
    def lines(self) -> list[str]:
        """The texts of all lines that came."""
        return [text for _, text in self.numbered]

    async def follow(self, within: float) -> Self:
        """Follow to the end, through any number of breaks.

        Raises:
            TimeoutError: the end does not come within so many seconds.
            Refused: the service says that there is no such log, or something else that does not pass.
        """
        async with asyncio.timeout(within):
            while not self.end:
                try:
                    await self._listen()
                except Cut as cut:
                    self._lost(str(cut))
                except Refused as refusal:
                    if refusal.status not in NOBODY_THERE:
                        raise
                    self._lost(str(refusal.status))
                if not self.end:
                    await asyncio.sleep(PAUSE)
        return self

    async def _listen(self) -> None:
        url = f"{self.api}builds/{self.build_id}/log"
        async with aclosing(events(url, self.token, self.last_id)) as stream:
            async for event in stream:
                if event.name in ("reconnect", "error"):
                    raise Cut(event.name)
                self._take(event)
                if self.end:
                    return

    def _lost(self, why: str) -> None:
        # Tries in vain are part of the break that began before them.
        if not self.breaks or self.breaks[-1].resumed is not None:
            self.breaks.append(Break(why, time.monotonic()))

    def _take(self, event: Event) -> None:
        if self.breaks and self.breaks[-1].resumed is None:
            self.breaks[-1].resumed = time.monotonic()
        data = json.loads(event.data)
        if event.name == "log":
            self._count(data["first"], data["lines"])
            self.last_id = event.id
        elif event.name == "state":
            self.states.append(data["state"])
        elif event.name == "end":
            self.end = data

    def _count(self, first: int, lines: list[str]) -> None:
        reached = self.numbered[-1][0] if self.numbered else 0
        self.gaps += max(0, first - reached - 1)
        self.repeats += max(0, min(reached, first + len(lines) - 1) - first + 1)
        self.numbered.extend(enumerate(lines, first))
