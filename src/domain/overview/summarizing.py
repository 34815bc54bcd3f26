"""The use case of looking at the whole service at once, for administrators."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from repo2docker_service.domain.capabilities import WatchesDisk
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import Unavailable
from repo2docker_service.domain.failures.causes import CauseKind
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.models import Build, Identity, ImageList
from repo2docker_service.domain.orders.admission import Admission, now
from repo2docker_service.domain.overview.readiness import Caution, Part, Readiness
from repo2docker_service.domain.overview.summary import (
    BuildSummary,
    ImageSummary,
    Usage,
    fullest,
    summarize_builds,
    summarize_images,
)
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import ImageBuilder

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole service at a glance. What cannot be found out now is None: it is never told as nothing."""

    as_of: datetime
    parts: Mapping[str, Part]
    cautions: Sequence[Caution]
    builds: BuildSummary | None
    images: ImageSummary | None
    usage: Sequence[Usage] | None
    """The owners that are nearest to their limits."""
    disk_free: int | None
    """Bytes that are free where images are made; None also where that cannot be seen."""
    disk_reserve: int
    """Bytes that have to be free for a build to begin; 0 asks for none."""


@dataclass(frozen=True)
class SummaryService:
    """Asks every part once, however many builds and images there are."""

    builder: ImageBuilder
    curated: CuratedImages
    admission: Admission
    explainer: Explainer
    readiness: Readiness
    policy: Policy
    bound: float = 5.0
    """Seconds after which a part counts as silent."""
    clock: Callable[[], datetime] = now

    async def look(self, who: Identity) -> Summary:
        """Give the summary, as far as it can be found out in a few seconds.

        Raises:
            Forbidden: the caller is no administrator.
        """
        self.policy.require_admin(who)
        health, builds, listed, free = await asyncio.gather(
            self.readiness.look(),
            self._bounded(self.builder.list),
            self._bounded(self._images),
            self._bounded(self._free_disk),
        )
        return Summary(
            as_of=self.clock(),
            parts=health.parts,
            cautions=health.cautions,
            builds=None if builds is None else summarize_builds(builds, self.clock(), self._cause_of),
            images=None if listed is None else summarize_images(listed[0], tells_outdated=listed[1]),
            usage=None
            if builds is None or listed is None
            else fullest(builds, listed[0].images, self.admission.quotas_of),
            disk_free=free,
            disk_reserve=self.builder.disk_reserve if isinstance(self.builder, WatchesDisk) else 0,
        )

    async def _bounded(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(self.bound):
                return await ask()
        return None

    async def _images(self) -> tuple[ImageList, bool]:
        """Give the images, and whether it is known which are outdated."""
        known = await self.curated.list()
        return known, await self.curated.tells_outdated(known.images)

    async def _free_disk(self) -> int | None:
        return await self.builder.free_disk() if isinstance(self.builder, WatchesDisk) else None

    def _cause_of(self, build: Build) -> CauseKind | None:
        cause = self.explainer.known(build).cause
        return cause.kind if cause is not None else None
