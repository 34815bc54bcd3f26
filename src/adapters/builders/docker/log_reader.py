"""Reads the log of one container, from any place, without gap or repeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Final

import aiohttp

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.log_cursor import LogCursor
from repo2docker_service.adapters.builders.docker.log_frames import Entry, Frames, Lines, batches
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.models import LogChunk

# The engine searches a log from its start for a time; asked for its tail too, it does not. Wider and wider tails are
# tried until one begins with the entry before the cursor's own.
_TAILS: Final = ("1000", "10000", "100000", "all")
_BATCH: Final = 500
"""Entries that are worked on at once."""
_GATHER: Final = 0.05
"""Seconds between two reads of a log that is followed: what comes meanwhile is one chunk for all who follow."""
_FILL: Final = 0.005
"""Seconds for which a log that is only read may gather in the connection, so that it is taken in large pieces."""
_MUCH: Final = 32 * 1024
"""Bytes that are worth no waiting for more."""


@dataclass(slots=True)
class LogReader:
    """Goes through one container's log and remembers where it is."""

    engine: EngineConnection
    container: str
    part: Kind
    cursor: LogCursor
    """The last line given, perhaps of the part before."""
    skip: int = 0
    """Lines still to be passed over, when only a line's number was known."""

    def __post_init__(self) -> None:
        if self.cursor.part is not self.part:
            self.cursor = LogCursor(self.cursor.line, self.part)

    async def read(self, *, follow: bool = False, ended: bool = False) -> AsyncGenerator[LogChunk, None]:
        """Give what comes after the cursor.

        The engine may end the stream early. Reading again goes on where this stopped.

        Args:
            follow: wait for more until the engine ends the stream.
            ended: the container has exited, so a last line without an end is one, too.
        """
        lines = Lines()
        place = self.cursor
        async with aclosing(self._entries(follow=follow)) as streamed:
            async for entries in streamed:
                for batch in batches(entries, _BATCH):
                    complete, used = lines.feed(batch)
                    if complete and (chunk := self._take(complete, place.after(batch[:used]))):
                        yield chunk
                    place = place.after(batch)
        if lines.begun and ended and (chunk := self._take([lines.rest()], place)):
            yield chunk

    def _take(self, lines: list[str], place: LogCursor) -> LogChunk | None:
        new = lines[self.skip :]
        self.skip -= len(lines) - len(new)
        first = self.cursor.line + 1
        self.cursor = replace(place, line=self.cursor.line + len(new))
        return LogChunk(first, tuple(new), str(self.cursor)) if new else None

    async def _entries(self, *, follow: bool) -> AsyncGenerator[list[Entry], None]:
        """Give the entries after the cursor, as many at once as have come."""
        start = self.cursor
        time, before = start.time.encode(), start.before.encode()
        for tail in _TAILS if before else ("all",):
            found, to_skip = not time, start.seen
            async with aclosing(self._stream(start, tail, follow=follow)) as streamed:
                async for entries in streamed:
                    # In the whole log it may come late: clocks are set back at times, and then the engine begins early.
                    seen = 0 if found else _place_of(before or time, entries)
                    if not found and seen and tail != "all":
                        break  # more than this tail was written since
                    found = seen < len(entries)
                    while seen < len(entries) and before and entries[seen][0] == before:
                        seen += 1
                    while seen < len(entries) and to_skip and entries[seen][0] == time:
                        seen, to_skip = seen + 1, to_skip - 1
                    if seen < len(entries):
                        before = b""
                        yield entries[seen:]
            if found or tail == "all":
                return

    async def _stream(self, start: LogCursor, tail: str, *, follow: bool) -> AsyncGenerator[list[Entry], None]:
        frames = Frames()
        since = {"since": start.since} if start.time else {}
        path = f"containers/{self.container}/logs"
        flags = {"stdout": "1", "stderr": "1", "timestamps": "1", "tail": tail, "follow": str(int(follow))}
        try:
            async with self.engine.get(path, **flags, **since) as response:
                ended = asyncio.Event()
                response.content.on_eof(ended.set)
                async for data in response.content.iter_any():
                    if entries := frames.feed(data):
                        yield entries
                    if len(data) < _MUCH:
                        await (_either(ended, _GATHER) if follow else _fill(response))
        except aiohttp.ClientPayloadError:
            return  # the engine stopped; whoever reads finds out what became of the container


async def _fill(response: aiohttp.ClientResponse) -> None:
    # The engine writes entry by entry; to be woken for each costs more than to read it.
    protocol = response.connection and response.connection.protocol
    if protocol:
        protocol.pause_reading()
        await asyncio.sleep(_FILL)
        protocol.resume_reading()


def _place_of(time: bytes, entries: list[Entry]) -> int:
    return next((place for place, entry in enumerate(entries) if entry[0] == time), len(entries))


async def _either(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
