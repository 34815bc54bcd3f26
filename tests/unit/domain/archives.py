"""An archive in memory, which is away when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from repo2docker_service.domain.errors import BuildNotFound, RegistryUnavailable
from repo2docker_service.domain.models import Build, LogChunk
from repo2docker_service.domain.streams.following import line_of


@dataclass
class Shelf:
    """Implements the port of archives."""

    retention: timedelta | None = None
    patience: timedelta = timedelta(days=7)
    away: bool = False
    refused: dict[str, Exception] = field(default_factory=dict)
    """What is raised for builds that cannot be kept, though others can, by their ids."""
    asked: list[str] = field(default_factory=list)
    kept: dict[str, tuple[Build, list[str]]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, build_id: str) -> None:
        """Wait until a build is kept."""
        async with asyncio.timeout(5):
            while build_id not in self.kept:
                self.news.clear()
                await self.news.wait()

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise RegistryUnavailable("registry", "it is away")

    def wants(self, build: Build) -> bool:
        return build.state.ended and not build.plan.private

    async def put(self, build: Build, log: AsyncIterator[LogChunk]) -> bool:
        self._ask(f"put {build.id}")
        if build.id in self.refused:
            raise self.refused[build.id]
        if build.id not in self.kept:
            # No archive keeps what was found out since, nor what is known from elsewhere.
            build = replace(build, cause=None, launchable=None, estimated_seconds=None)
            self.kept[build.id] = build, [line async for chunk in log for line in chunk.lines]
            self.news.set()
        return True

    async def ids(self) -> Collection[str]:
        self._ask("ids")
        return [*self.kept]

    async def list(self) -> Sequence[Build]:
        self._ask("list")
        return [build for build, _ in self.kept.values()]

    async def find(self, build_id: str) -> Build | None:
        self._ask(f"find {build_id}")
        return self.kept[build_id][0] if build_id in self.kept else None

    async def read(self, build_id: str, after: str = "") -> AsyncIterator[LogChunk]:
        self._ask(f"read {build_id}")
        if build_id not in self.kept:
            raise BuildNotFound(build_id)
        lines = self.kept[build_id][1]
        for number in range(line_of(after) + 1, len(lines) + 1):
            yield LogChunk(number, (lines[number - 1],), str(number))

    async def remove(self, build_id: str) -> bool:
        self._ask(f"remove {build_id}")
        return self.kept.pop(build_id, None) is not None
