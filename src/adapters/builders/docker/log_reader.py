"""Reads the log of one container, from any place, without gap or repeat."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import aiohttp

from repo2docker_service.adapters.builders.docker.labels import Kind
from repo2docker_service.adapters.builders.docker.log_cursor import LogCursor
from repo2docker_service.adapters.builders.docker.log_frames import Entry, Frames, Lines
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.models import LogChunk

# The engine searches a log from its start for a time; asked for its tail too, it does not. Wider and wider tails are
# tried until one begins with the entry of the cursor itself.
_TAILS: Final = ("1000", "10000", "100000", "all")


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
        pending: list[str] = []
        place = self.cursor
        async with aclosing(self._entries(follow=follow)) as batches:
            async for entries in batches:
                for entry in entries:
                    place = _after(place, entry)
                    line = lines.feed(entry)
                    if line is not None:
                        place = self._take(line, place, pending)
                if pending:
                    yield self._chunk(pending)
        if lines.pieces and ended:
            self._take(lines.rest(), place, pending)
            if pending:
                yield self._chunk(pending)

    def _take(self, line: str, place: LogCursor, pending: list[str]) -> LogCursor:
        if self.skip:
            self.skip -= 1
        else:
            pending.append(line)
            place = replace(place, line=place.line + 1)
        self.cursor = place
        return place

    def _chunk(self, pending: list[str]) -> LogChunk:
        lines = tuple(pending)
        pending.clear()
        return LogChunk(self.cursor.line - len(lines) + 1, lines, str(self.cursor))

    async def _entries(self, *, follow: bool) -> AsyncGenerator[list[Entry], None]:
        """Give the entries after the cursor, as many at once as have come."""
        start = self.cursor
        for tail in _TAILS if start.time else ("all",):
            to_skip, found = start.seen, tail == "all"
            async with aclosing(self._stream(start, tail, follow=follow)) as batches:
                async for entries in batches:
                    if not found and entries[0].time != start.time:
                        break  # more than this tail was written since
                    found = True
                    while to_skip and entries and entries[0].time == start.time:
                        del entries[0]
                        to_skip -= 1
                    if entries:
                        yield entries
                else:
                    return

    async def _stream(self, start: LogCursor, tail: str, *, follow: bool) -> AsyncGenerator[list[Entry], None]:
        frames = Frames()
        since = {"since": start.since} if start.time else {}
        path = f"containers/{self.container}/logs"
        flags = {"stdout": "1", "stderr": "1", "timestamps": "1", "tail": tail, "follow": str(int(follow))}
        try:
            async with self.engine.get(path, **flags, **since) as response:
                async for data in response.content.iter_any():
                    if entries := list(frames.feed(data)):
                        yield entries
        except aiohttp.ClientPayloadError:
            return  # the engine stopped; whoever reads finds out what became of the container


def _after(place: LogCursor, entry: Entry) -> LogCursor:
    if entry.time == place.time:
        return replace(place, seen=place.seen + 1)
    return replace(place, time=entry.time, seen=1)
