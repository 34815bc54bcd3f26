"""The use cases around builds: start, list, follow, cancel, forget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from repo2docker_service.domain.archive.kept_builds import KeptBuilds
from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE, LogArchive
from repo2docker_service.domain.errors import BuildFinished, BuildNotFound, LogCollected, RegistryUnavailable
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.models import (
    Build,
    BuildRequest,
    BuildState,
    Identity,
    Image,
    LogChunk,
    Owner,
)
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.estimates import all_estimated, estimated
from repo2docker_service.domain.orders.ordering import Orders
from repo2docker_service.domain.paging import Page, paginate
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.domain.progress import advance
from repo2docker_service.domain.searching import holds_words
from repo2docker_service.domain.streams.following import Feeds, Follower
from repo2docker_service.domain.streams.merging import merge

_PATIENCE: Final = 2.0
"""Seconds for which a build is kept back until the registry says which digest its image has."""


@dataclass(frozen=True)
class BuildService:
    """What people can do with builds. Items that a caller may not know of are answered as missing."""

    builder: ImageBuilder
    registry: Registry
    policy: Policy
    orders: Orders
    admission: Admission
    explainer: Explainer
    feeds: Feeds = field(default_factory=Feeds)
    archive: LogArchive = NO_ARCHIVE

    @property
    def _kept(self) -> KeptBuilds:
        return KeptBuilds(self.builder, self.archive)

    async def start(self, who: Identity, request: BuildRequest) -> Build:
        """Give the build that makes what is asked for.

        That is a new one, one under way, the one of an existing image, or one that has just failed by its own fault
        (unless forced): it would fail again. Where outdated images are not reused, they are built again as their
        owners asked for them, whoever asks now.

        Raises:
            InvalidInput, SourceForbidden, RefNotFound, SourceUnreachable: the source cannot be built.
            Forbidden: the caller may not build, not for that owner, or not replace that image.
            ImageProtected: the catalog keeps the image that would be replaced.
            PrivateBuildRefused: the image would be private, and the registry shows it to everybody.
            QuotaExceeded: the owner has as many builds or images as allowed.
            DiskLow: there is too little space for another build.
        """
        order = await self.orders.take(who, request)
        if isinstance(order, Image):
            return finished_build(order)
        return await self.admission.start(
            order.plan,
            order.destination,
            force=order.force,
            replaced=order.replaced,
            credentials=order.credentials,
        )

    async def get(self, who: Identity, build_id: str) -> Build:
        """Give one build as it is now; of a failed one what its log tells, unless that takes too long to read.

        Raises:
            BuildNotFound: there is none, or none that the caller may know of.
        """
        build = await self._require(who, build_id)
        if not build.state.ended:
            return estimated(build, await self.builder.list())
        return await self._ended(build)

    async def list(
        self,
        who: Identity,
        *,
        state: BuildState | None = None,
        owner: Owner | None = None,
        q: str = "",
        limit: int = 50,
        cursor: str = "",
    ) -> Page[Build]:
        """Give the builds that the caller may know of, newest first; causes where somebody has looked already.

        Args:
            who: the caller.
            state: only those in this state.
            owner: only this owner's.
            q: only those of which all of these words occur in source, title, description or the owner's name.
            limit: how many at most.
            cursor: where to go on, from the page before.

        Raises:
            Forbidden: the caller may read nothing at all.
            BadCursor: the cursor was not given out by this method.
        """
        self.policy.require_read(who)
        builds = await self.builder.list()
        sees = self.policy.sight_of(who)
        wanted = [
            build
            for build in builds
            if state in (None, build.state)
            and owner in (None, build.plan.owner)
            and holds_words(q, build.plan, build.plan.title, build.plan.description)
            and sees(build)
        ]
        page = paginate(wanted, lambda build: (build.created_at.timestamp(), build.id), limit=limit, cursor=cursor)
        return replace(page, items=[self.explainer.known(each) for each in all_estimated(page.items, builds)])

    async def log(self, who: Identity, build_id: str, after: str = "") -> Follower:
        """Read the log as far as it is written.

        Raises:
            BuildNotFound: there is no such build for the caller.
            LogCollected: the build is known, its log is gone.
        """
        await self._require_log(who, build_id)
        return self.feeds.follow((build_id, "read"), after, lambda cursor: self._kept.read_log(build_id, cursor))

    async def follow(self, who: Identity, build_id: str, after: str = "") -> Follower:
        """Give the lines of a log as they come and the build whenever it changes; the last item is the ended build.

        All who follow a build share one reading of it.

        Raises:
            BuildNotFound: there is no such build for the caller.
            LogCollected: the build is known, its log is gone.
            BadCursor: the place to go on from was not given out by this service.
        """
        await self._require_log(who, build_id)
        self.builder.read_log(build_id, after)  # raises BadCursor, and reads nothing yet
        return self.feeds.follow((build_id, "follow"), after, lambda cursor: self._follow(build_id, cursor))

    async def _follow(self, build_id: str, cursor: str) -> AsyncIterator[LogChunk | Build]:
        lines = self._kept.read_log(build_id, cursor, follow=True)
        changes = (change async for change in self.builder.watch() if change.id == build_id)
        # Read only now, so that no change falls between reading and watching.
        build = estimated(await self._kept.get(build_id), await self.builder.list())
        progress, estimate = build.progress, build.estimated_seconds
        yield build
        # The log ends after the build has; by then nothing more can change.
        async for item in merge(lines, changes):
            if isinstance(item, LogChunk):
                yield item
                advanced = advance(progress, item.lines)
                if advanced != progress:
                    progress = advanced
                    build = replace(build, progress=progress)
                    yield build
            elif not item.state.ended:
                changed = replace(item, progress=progress, estimated_seconds=estimate)
                if changed != build:
                    build = changed
                    yield build
        yield await self._ended(await self._kept.get(build_id))

    async def watch(self, who: Identity) -> AsyncIterator[Build]:
        """Give each build that the caller may know of whenever it changes.

        Raises:
            Forbidden: the caller may read nothing at all.
        """
        self.policy.require_read(who)
        return (build async for build in self.builder.watch() if self.policy.sees(who, build))

    async def cancel(self, who: Identity, build_id: str) -> Build:
        """End a build and keep its log.

        Raises:
            BuildNotFound: there is no such build for the caller.
            Forbidden: it is somebody else's.
            BuildFinished: it has ended otherwise.
        """
        build = await self._require(who, build_id)
        self.policy.require_cancel(who, build)
        try:
            return await self.builder.cancel(build_id)
        except BuildNotFound:
            if not build.state.ended:
                raise
            raise BuildFinished(build_id, build.state) from None

    async def forget(self, who: Identity, build_id: str) -> None:
        """Remove the record and log of an ended build; its image stays.

        Raises:
            BuildNotFound: there is no such build for the caller.
            Forbidden: it is somebody else's.
            BuildActive: it has not ended.
        """
        self.policy.require_forget(who, await self._require(who, build_id))
        await self._kept.forget(build_id)

    async def _require(self, who: Identity, build_id: str) -> Build:
        try:
            build = await self._kept.get(build_id)
        except (BuildNotFound, RegistryUnavailable):
            image = await self._image_of(build_id)
            if image is None:
                raise
            build = finished_build(image)
        if not self.policy.sees(who, build):
            raise BuildNotFound(build_id)
        return build

    async def _require_log(self, who: Identity, build_id: str) -> Build:
        build = await self._require(who, build_id)
        if build.reused:
            with suppress(BuildNotFound):
                await self._kept.get(build_id)  # tells of an archive that does not answer
            raise LogCollected(build_id)
        return build

    async def _ended(self, build: Build) -> Build:
        return await self._with_digest(await self.explainer.explained(build))

    async def _with_digest(self, build: Build) -> Build:
        if build.state is not BuildState.SUCCEEDED or build.reused:
            return build
        for look in (self.registry.recall, self.registry.find):
            try:
                async with asyncio.timeout(_PATIENCE):
                    image = await look(build.plan.image)
            except (RegistryUnavailable, TimeoutError):
                break  # all else about the build is known
            # The name may meanwhile belong to a later build.
            if image is not None and image.plan.id in (build.id, build.made_by):
                digest = build.digest or image.digest
                launchable = image.launchable if digest == image.digest else None
                return replace(build, digest=digest, launchable=launchable, changed_outside=digest != image.digest)
        return build

    async def _image_of(self, build_id: str) -> Image | None:
        images = (await self.registry.list()).images
        return next((image for image in images if image.plan.id == build_id), None)


def finished_build(image: Image) -> Build:
    """Give the build that made an image, as far as the image tells."""
    return Build(
        plan=image.plan,
        state=BuildState.SUCCEEDED,
        created_at=image.created_at,
        finished_at=image.created_at,
        digest=image.digest,
        changed_outside=bool(image.changed_outside),
        launchable=image.launchable,
        reused=True,
    )
