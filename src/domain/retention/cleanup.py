"""The use case of collecting what nobody needs any more, for administrators and by itself."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from repo2docker_service.domain.archive.archiving import Archiver
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import Unavailable
from repo2docker_service.domain.models import Identity
from repo2docker_service.domain.orders.admission import now
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.domain.retention.collecting import (
    ArchivedBuilds,
    Collector,
    EndedBuilds,
    OldImages,
    Room,
    SpareBuildCache,
    SpareCopies,
)
from repo2docker_service.domain.retention.leftovers import Leftover, Spare, remove_all

_FIRST: Final = 600.0
"""Seconds after the start; nothing goes while somebody may only be trying settings."""
_EVERY: Final = 60
"""Rounds of looking at the disk, after each of which everything is looked at."""
_LOOK: Final = 60.0
"""Seconds between two looks at the disk: whoever is refused a build for want of space can soon try again."""
logger: Final = logging.getLogger("repo2docker_service.cleanup")


@dataclass(frozen=True)
class CleanupService:
    """Finds and removes what is kept longer than the administrator wants.

    Images themselves, and the engine's build cache, are only touched where an administrator has set a rule for them.
    """

    builder: ImageBuilder
    registry: Registry
    curated: CuratedImages
    policy: Policy
    clock: Callable[[], datetime] = now
    images_for: timedelta | None = None
    """How long images are kept; None: for ever."""
    archiver: Archiver | None = None
    """Archives the logs of builds before they go; None: they just go."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def _archiver(self) -> Archiver:
        return self.archiver or Archiver(self.builder)

    @property
    def _copies(self) -> SpareCopies:
        return SpareCopies(self.builder, self.registry, self.curated, self.clock)

    @property
    def _room(self) -> Room:
        return Room(self.builder, self._copies)

    @property
    def _collectors(self) -> Sequence[Collector]:
        return (
            EndedBuilds(self.builder, self._archiver.may_go, self.clock),
            ArchivedBuilds(self._archiver.archive, self.clock),
            self._copies,
            OldImages(self.builder, self.registry, self.curated, self.images_for, self.clock),
            SpareBuildCache(self.builder),
        )

    async def preview(self, who: Identity) -> Sequence[Leftover]:
        """Say what would go now.

        Raises:
            Forbidden: the caller is no administrator.
            BuilderUnavailable: the engine does not answer.
        """
        self.policy.require_admin(who)
        found = [spare.what for collector in (*self._collectors, self._room) for spare in await collector.find()]
        return list(dict.fromkeys(found))

    async def clean_up(self, who: Identity) -> Sequence[Leftover]:
        """Remove what is not needed any more, and say what it was.

        Raises:
            Forbidden: the caller is no administrator.
            BuilderUnavailable: the engine does not answer; something may be gone already.
        """
        self.policy.require_admin(who)
        return await self.collect()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Collect now and then while the context is open."""
        task = asyncio.create_task(self._again_and_again())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _again_and_again(self) -> None:
        await asyncio.sleep(_FIRST)
        for number in itertools.count():
            try:
                await (self.make_room() if number % _EVERY else self.collect())
            except Unavailable as error:
                logger.info("Nothing is collected now: %s", error)
            except Exception:
                logger.exception("Collecting failed")
            await asyncio.sleep(_LOOK)

    async def collect(self) -> Sequence[Leftover]:
        """Do the same on nobody's behalf."""
        gone: list[Leftover] = []
        async with self._turn:
            for collector in self._collectors:
                gone += await remove_all(await collector.find())
        return [*gone, *await self.make_room()]

    async def make_room(self) -> Sequence[Leftover]:
        """Remove copies before their time while too little disk is free for another build, and say which.

        Raises:
            BuilderUnavailable: the engine does not answer; something may be gone already.
        """
        gone: list[Leftover] = []
        async with self._turn:
            spares: Sequence[Spare] = await self._copies.find_early() if await self._room.missing() else ()
            for spare in spares:
                gone += await remove_all([spare])
                if not await self._room.missing():
                    break
        return gone
