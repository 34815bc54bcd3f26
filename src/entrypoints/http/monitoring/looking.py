"""Looks at the service when somebody asks for its figures."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.exposition import choose_encoder

from repo2docker_service.domain.archive.archiving import Archiver
from repo2docker_service.domain.capabilities import WatchesDisk
from repo2docker_service.domain.errors import ServiceError
from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.domain.overview.readiness import PARTS, PLUGINS, Part, Readiness
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.entrypoints.http.monitoring.build_ends import BuildEnds, now
from repo2docker_service.entrypoints.http.monitoring.figures import Figures

_UNKNOWN: Final = float("nan")
_EVERY: Final = 0.5
"""Seconds between two measurements of the event loop."""


@dataclass
class Looking:
    """Looks at most once in a while, and once for all who ask at the same time."""

    figures: Figures
    builder: ImageBuilder
    readiness: Readiness
    ends: BuildEnds
    archiver: Archiver
    bound: float = 5.0
    """Seconds after which the builder counts as silent."""
    keep: float = 2.0
    """Seconds for which a look is good."""
    clock: Callable[[], float] = time.monotonic
    _good_until: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        """Give the figures in the format that the reader takes, and that format's name."""
        async with self._lock:
            if self.clock() >= self._good_until:
                await self._look()
                self._good_until = self.clock() + self.keep
        encode, media_type = choose_encoder(accept)
        return encode(self.figures.registry), media_type

    async def _look(self) -> None:
        health, _, _ = await asyncio.gather(self.readiness.look(), self._look_at_builds(), self._look_at_disk())
        self._tell_parts(health.parts)
        self.figures.logs_to_archive.set(len(self.archiver.waiting))
        warnings = Counter(caution.part for caution in health.cautions)
        for name in (*PARTS, PLUGINS):
            self.figures.warnings.labels(name).set(warnings[name])

    def _tell_parts(self, parts: Mapping[str, Part]) -> None:
        for name, part in parts.items():
            self.figures.part_up.labels(name).set(part.ok)
            self.figures.part_answer.labels(name).set(part.seconds)

    async def _look_at_builds(self) -> None:
        try:
            async with asyncio.timeout(self.bound):
                builds = await self.builder.list()
        except (ServiceError, TimeoutError):
            # What is not known is not told: an old figure would be taken for how it is.
            self.figures.builds.clear()
            self.figures.longest_wait.set(_UNKNOWN)
            return
        self.ends.look(builds)
        self._tell_builds(builds)

    async def _look_at_disk(self) -> None:
        free: int | None = None
        if isinstance(self.builder, WatchesDisk):
            self.figures.disk_reserve.set(self.builder.disk_reserve)
            with suppress(ServiceError, TimeoutError):
                async with asyncio.timeout(self.bound):
                    free = await self.builder.free_disk()
        self.figures.disk_free.set(_UNKNOWN if free is None else free)

    def _tell_builds(self, builds: Sequence[Build]) -> None:
        counts = Counter(build.state for build in builds)
        for state in BuildState:
            self.figures.builds.labels(state).set(counts[state])
        waiting = [build.created_at for build in builds if build.state is BuildState.QUEUED]
        longest = (now() - min(waiting)).total_seconds() if waiting else 0.0
        self.figures.longest_wait.set(max(0.0, longest))


async def measure_loop(figures: Figures, every: float = _EVERY) -> None:
    """Measure how late the event loop is, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every
        await asyncio.sleep(every)
        figures.loop_lag.observe(max(0.0, loop.time() - due))
