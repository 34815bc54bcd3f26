"""Whether a build may begin now, and what its turn is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from repo2docker_service.domain.capabilities import WatchesDisk
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import DiskLow
from repo2docker_service.domain.models import Build, BuildPlan, Destination, Image, Owner, Reason
from repo2docker_service.domain.orders.estimates import estimated
from repo2docker_service.domain.orders.extending import Extensions, NoExtensions
from repo2docker_service.domain.orders.queueing import next_round
from repo2docker_service.domain.orders.quotas import NO_LIMITS, Quotas
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.domain.rebuilds.build_settings import why_outdated

_FAILS_AGAIN: Final = timedelta(minutes=10)
"""For how long a build that failed by its own fault is taken for the answer to the same request."""


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Admission:
    """Lets builds into the queue."""

    builder: ImageBuilder
    registry: Registry
    quotas: Quotas = NO_LIMITS
    own_quotas: Mapping[Owner, Quotas] = field(default_factory=dict)
    """Of owners for whom others hold."""
    extensions: Extensions = field(default_factory=NoExtensions)
    clock: Callable[[], datetime] = now
    _turns: WeakValueDictionary[Owner, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def quotas_of(self, owner: Owner) -> Quotas:
        """Give the limits that hold for an owner."""
        return self.own_quotas.get(owner, self.quotas)

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        force: bool = False,
        replaced: Image | None = None,
        credentials: Credentials | None = None,
    ) -> Build:
        """Start a build, or give the one that makes this image already, or one that has just failed to.

        Args:
            plan: what to build; it gets its turn here.
            destination: where the image goes.
            force: start although the same has just failed by its own fault, and would fail again.
            replaced: the image that has the name now.
            credentials: what opens the repository.

        Raises:
            QuotaExceeded: the owner has as many builds or images as allowed.
            DiskLow: there is too little space for another one.
            BuildVetoed: a plugin has something against it.
            PluginUnavailable: a plugin that has a say in it fails or does not answer.
        """
        plan = await self.extensions.extend(plan)
        # One after the other: requests that come together would each find room, and the same turn.
        async with self._turns.setdefault(plan.owner, asyncio.Lock()):
            builds = await self.builder.list()
            same = [build for build in builds if build.plan.image == plan.image]
            if all(build.state.ended for build in same):
                failed = None if force else await self._just_failed(same)
                if failed is not None:
                    return failed
                await self._require_room(builds, plan.owner, replaced)
                await self._require_disk(same)
            plan = replace(plan, round=next_round(builds, plan.owner))
            build = await self.builder.start(plan, destination, anew=force, credentials=credentials)
            return estimated(build, builds)

    async def _require_disk(self, same: Sequence[Build]) -> None:
        if isinstance(self.builder, WatchesDisk) and self.builder.disk_reserve:
            latest = _latest(same)
            if latest and latest.reason is Reason.PUSH_FAILED and not await self._is_outdated(latest):
                return  # its image only has to be stored, after which what it takes here can go
            free = await self.builder.free_disk()
            if free is not None and free < self.builder.disk_reserve:
                raise DiskLow(free)

    async def _just_failed(self, builds: Sequence[Build]) -> Build | None:
        latest = _latest(builds)
        if latest is None or latest.reason is not Reason.BUILD_FAILED or latest.finished_at is None:
            return None
        if abs(self.clock() - latest.finished_at) >= _FAILS_AGAIN:
            return None
        # What an administrator has changed since then may be what was missing.
        return None if await self._is_outdated(latest) else latest

    async def _is_outdated(self, build: Build) -> bool:
        return bool(why_outdated(build.settings, await self.builder.settings()))

    async def _require_room(self, builds: Sequence[Build], owner: Owner, replaced: Image | None) -> None:
        quotas = self.quotas_of(owner)
        quotas.require_room_for_build(builds, owner)
        if quotas.images and replaced is None:
            images = (await self.registry.list()).images
            stored = sum(image.plan.owner == owner for image in images)
            quotas.require_room_for_image(builds, stored, owner)


def _latest(builds: Sequence[Build]) -> Build | None:
    return max(builds, key=lambda build: build.created_at, default=None)
