"""Reads the ends of logs, to say what went wrong in failed builds."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from repo2docker_service.domain.causes import Cause
from repo2docker_service.domain.diagnosis import find_cause, plain
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound
from repo2docker_service.domain.models import Build, LogChunk, Reason
from repo2docker_service.domain.ports import ImageBuilder

_LINES: Final = 400
"""Lines at the end of a log that are looked at."""
_PATIENCE: Final = 1.0
"""Seconds for which an answer is kept back to read a log. The next one goes on where this one stopped."""
_KNOWN: Final = 5000
"""Builds of which it is remembered what went wrong."""
_BEGUN: Final = 16
"""Logs that are so long that they are read in several goes, at once."""
_IN_LOG: Final = frozenset({Reason.BUILD_FAILED, Reason.OUT_OF_RESOURCES, Reason.SOURCE_UNREACHABLE})
"""Reasons of which a log may say more."""

Value = TypeVar("Value")


@dataclass(slots=True)
class _Reading:
    cursor: str = ""
    lines: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_LINES))
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def add(self, chunk: LogChunk) -> None:
        first = max(0, len(chunk.lines) - _LINES)
        self.lines.extend((chunk.first + place, plain(chunk.lines[place])) for place in range(first, len(chunk.lines)))
        self.cursor = chunk.cursor


class Explainer:
    """Finds the causes of failed builds, each once per process."""

    def __init__(
        self, builder: ImageBuilder, patience: float = _PATIENCE, *, most_known: int = _KNOWN, most_begun: int = _BEGUN
    ) -> None:
        self._builder = builder
        self._patience = patience
        self._most_known = most_known
        self._most_begun = most_begun
        self._known: OrderedDict[str, Cause | None] = OrderedDict()
        self._begun: OrderedDict[str, _Reading] = OrderedDict()

    def known(self, build: Build) -> Build:
        """Give a build with its cause if that is known already."""
        cause = self._known.get(build.id) if build.reason in _IN_LOG else None
        return build if cause is None else replace(build, cause=cause)

    async def explained(self, build: Build) -> Build:
        """Give an ended build with its cause, where it failed and the log tells; any other as it is.

        The log of a build can be long: where it is not read in time, the build is given without.
        """
        if build.reason not in _IN_LOG:
            return build
        if build.id not in self._known:
            try:
                async with asyncio.timeout(self._patience):
                    await self._read(build)
            except (BuilderUnavailable, BuildNotFound, TimeoutError):
                return build  # all else about the build is known
        return self.known(build)

    async def _read(self, build: Build) -> None:
        reading = self._begun.setdefault(build.id, _Reading())
        _bound(self._begun, self._most_begun)
        async with reading.lock:
            if build.id in self._known:
                return  # somebody else has read it meanwhile
            async with _closing(self._builder.read_log(build.id, reading.cursor)) as chunks:
                async for chunk in chunks:
                    reading.add(chunk)
            self._known[build.id] = find_cause(build.reason, reading.lines)
            _bound(self._known, self._most_known)
        self._begun.pop(build.id, None)


def _bound(values: OrderedDict[str, Value], most: int) -> None:
    while len(values) > most:
        values.popitem(last=False)


@asynccontextmanager
async def _closing(chunks: AsyncIterator[LogChunk]) -> AsyncIterator[AsyncIterator[LogChunk]]:
    try:
        yield chunks
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
