"""Reads the ends of logs, to say what went wrong in failed builds."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import replace
from typing import Final

from repo2docker_service.domain.archive.kept_builds import KeptBuilds
from repo2docker_service.domain.errors import BuildNotFound, LogCollected, Unavailable
from repo2docker_service.domain.failures.causes import Cause
from repo2docker_service.domain.failures.diagnosis import IN_LOG, find_cause
from repo2docker_service.domain.models import Build
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.domain.streams.closing import close

_LINES: Final = 400
"""Lines at the end of a log that are looked at."""
_PATIENCE: Final = 1.0
"""Seconds for which an answer is kept back until a log is read. It is read on, for the next one."""
_LONGEST: Final = 60.0
"""Seconds that reading a log may take; after that nothing is said of its build."""
_READINGS: Final = 4
"""Logs that are read at once; who asks for more gets builds without causes, for now."""
_KNOWN: Final = 5000
"""Builds of which it is remembered what went wrong."""


class Explainer:
    """Finds the causes of failed builds, each once per process."""

    def __init__(
        self,
        logs: ImageBuilder | KeptBuilds,
        patience: float = _PATIENCE,
        *,
        longest: float = _LONGEST,
        most_readings: int = _READINGS,
        most_known: int = _KNOWN,
    ) -> None:
        self._logs = logs
        self._patience = patience
        self._longest = longest
        self._most_readings = most_readings
        self._most_known = most_known
        self._known: OrderedDict[str, Cause | None] = OrderedDict()
        self._readings: dict[str, asyncio.Task[None]] = {}

    def known(self, build: Build) -> Build:
        """Give a build with its cause if that is known already."""
        cause = self._known.get(build.id) if build.reason in IN_LOG else None
        return build if cause is None else replace(build, cause=cause)

    async def explained(self, build: Build) -> Build:
        """Give an ended build with its cause, where it failed and the log tells; any other as it is.

        The log of a build can be long: where it is not read in time, the build is given without.
        """
        if build.reason in IN_LOG and build.id not in self._known and (reading := self._reading_of(build)):
            await asyncio.wait((reading,), timeout=self._patience)
            if reading.done() and not reading.cancelled():
                reading.result()
        return self.known(build)

    async def close(self) -> None:
        """Read no more."""
        readings = list(self._readings.values())
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    def _reading_of(self, build: Build) -> asyncio.Task[None] | None:
        if build.id not in self._readings and len(self._readings) < self._most_readings:
            reading = self._readings[build.id] = asyncio.create_task(self._read(build))
            reading.add_done_callback(lambda _: self._readings.pop(build.id))
        return self._readings.get(build.id)

    async def _read(self, build: Build) -> None:
        cause: Cause | None = None
        try:
            with suppress(TimeoutError, LogCollected):
                async with asyncio.timeout(self._longest):
                    cause = find_cause(build.reason, await self._last_lines(build.id))
        except (Unavailable, BuildNotFound):
            return  # whoever asks next may learn it
        self._known[build.id] = cause
        while len(self._known) > self._most_known:
            self._known.popitem(last=False)

    async def _last_lines(self, build_id: str) -> deque[tuple[int, str]]:
        lines: deque[tuple[int, str]] = deque(maxlen=_LINES)
        chunks = self._logs.read_log(build_id)
        try:
            async for chunk in chunks:
                lines.extend(enumerate(chunk.lines, chunk.first))
                await asyncio.sleep(0)  # a log that is there already would wait nowhere, and everybody else for it
        finally:
            await close(chunks)
        return lines
