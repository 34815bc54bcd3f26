"""Finds what can be collected: one class for each kind. What each gives can be removed, or only be looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from repo2docker_service.domain.archive.log_archive import LogArchive
from repo2docker_service.domain.capabilities import Collectable, KeepsCache, WatchesDisk
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import (
    BuildActive,
    BuildNotFound,
    DeletionRefused,
    ImageHasSiblings,
    ImageInUse,
    ImageMoved,
    ImageNotFound,
    RegistryUnavailable,
)
from repo2docker_service.domain.models import Build, Destination, Image, ImageName
from repo2docker_service.domain.orders.admission import now
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.domain.retention.leftovers import Spare, of_build, of_cache, of_copy, of_image
from repo2docker_service.domain.retention.retention import (
    LocalCopy,
    Retention,
    end_of,
    expired_builds,
    is_chosen,
    is_older,
    is_used,
    old_images,
    spare_copies,
    spoken,
    why_expired,
)

_STAYS = (DeletionRefused, ImageHasSiblings, ImageInUse, ImageMoved, ImageNotFound)
"""Why an image is left alone after all."""


class Collector(Protocol):
    """Finds what can go of one kind."""

    async def find(self) -> Sequence[Spare]:
        """Give it, what is to go first at the beginning.

        Raises:
            BuilderUnavailable: the engine does not answer.
        """
        ...


@dataclass(frozen=True)
class EndedBuilds:
    """Records and logs of builds that ended long ago, or of which there are too many."""

    builder: ImageBuilder
    may_go: Callable[[Build], Awaitable[bool]]
    """Says whether a build may go now; it may have to be archived first."""
    clock: Callable[[], datetime] = now

    async def find(self) -> Sequence[Spare]:
        """Give what is past the builder's retention."""
        if not isinstance(self.builder, Collectable):
            return []
        kept, at = self.builder.retention, self.clock()
        expired = expired_builds(await self.builder.list(), kept, at)
        return [Spare(of_build(build, why_expired(build, kept, at)), partial(self._forget, build)) for build in expired]

    async def _forget(self, build: Build) -> bool:
        if not await self.may_go(build):
            return False
        try:
            await self.builder.forget(build.id)
        except (BuildNotFound, BuildActive):
            return False  # another replica was quicker, or something of it still runs
        return True


@dataclass(frozen=True)
class ArchivedBuilds:
    """Archived records and logs of builds that ended long ago."""

    archive: LogArchive
    clock: Callable[[], datetime] = now

    async def find(self) -> Sequence[Spare]:
        """Give what is past the archive's retention; nothing while the archive is away."""
        if self.archive.retention is None:
            return []
        kept = Retention(builds=self.archive.retention)
        try:
            archived = await self.archive.list()
        except RegistryUnavailable:
            return []
        at = self.clock()
        old = [build for build in archived if is_older(end_of(build), kept.builds, at)]
        return [Spare(of_build(build, why_expired(build, kept, at)), partial(self._remove, build.id)) for build in old]

    async def _remove(self, build_id: str) -> bool:
        try:
            return await self.archive.remove(build_id)
        except DeletionRefused:
            return False


@dataclass(frozen=True)
class SpareCopies:
    """What the engine has of images that the registry holds, too."""

    builder: ImageBuilder
    registry: Registry
    curated: CuratedImages
    clock: Callable[[], datetime] = now

    async def find(self) -> Sequence[Spare]:
        """Give those that are past the builder's retention."""
        return await self._find(early=False)

    async def find_early(self) -> Sequence[Spare]:
        """Give also those that are younger, unless copies are kept for ever."""
        return await self._find(early=True)

    async def _find(self, *, early: bool) -> Sequence[Spare]:
        if not isinstance(self.builder, Collectable) or self.builder.retention.copies is None:
            return []
        retention = replace(self.builder.retention, copies=timedelta()) if early else self.builder.retention
        # Copies first: an image that is delivered in between is then not among them.
        copies = await copies_of(self.builder, self.registry)
        spare = spare_copies(copies, await self.builder.list(), retention, self.clock())
        found = [copy for copy in spare if await self._can_be_had_again(copy)]
        why = "The disk is short" if early else f"It was made more than {spoken(retention.copies)} ago"
        return [
            Spare(of_copy(copy, f"{why}; the registry has it."), partial(self.builder.drop_copy, copy))
            for copy in found
        ]

    async def _can_be_had_again(self, copy: LocalCopy) -> bool:
        """Whether the registry has this very image now, and nobody wants it kept."""
        try:
            image = await self.registry.find(copy.name)
            if image is None or image.plan.id != copy.plan.id:
                return False
            return not (await self.curated.curate(image)).curation.protected
        except RegistryUnavailable:
            return False


async def copies_of(builder: Collectable, registry: Registry) -> Sequence[LocalCopy]:
    """Give what the engine has of images that are pushed; of others it has the images themselves."""
    return [copy for copy in await builder.copies() if _is_pushed(registry, copy.name)]


def _is_pushed(registry: Registry, name: ImageName) -> bool:
    there = registry.destination(name.repository, name.tag)
    # Where one repository holds all images, the registry would make another tag of a name that is its own already.
    return there == Destination(replace(name, tag=there.image.tag), push=True)


@dataclass(frozen=True)
class OldImages:
    """Images that were made long ago, in the registry or in the engine's own store where that is the registry."""

    builder: ImageBuilder
    registry: Registry
    curated: CuratedImages
    age: timedelta | None = None
    """From when they were made; None, as long as no administrator says otherwise, keeps them for ever."""
    clock: Callable[[], datetime] = now

    async def find(self) -> Sequence[Spare]:
        """Give those that nobody is known to need; none where it cannot be known, or while the registry is away."""
        if self.age is None or not isinstance(self.builder, Collectable):
            return []
        try:
            images = (await self.curated.list()).images
        except RegistryUnavailable:
            return []
        used, builds = await self.builder.used_images(), await self.builder.list()
        old = old_images(images, builds, used, self.age, self.clock())
        copies = {
            (copy.name, copy.plan.id): copy for copy in (await copies_of(self.builder, self.registry) if old else ())
        }
        why = f"It was made more than {spoken(self.age)} ago, and there is a newer one of its repository."
        return [
            Spare(
                of_image(image, why),
                partial(self._delete, self.builder, image, copies.get((image.name, image.plan.id))),
            )
            for image in old
        ]

    async def _delete(self, builder: Collectable, image: Image, copy: LocalCopy | None) -> bool:
        # Looked at once more, as others may have gone before it, which takes its time.
        try:
            if await self._is_needed(builder, image):
                return False
            # The copy first: in the very last moment only the engine knows whether something is being made of it.
            if copy is not None and not await builder.drop_copy(copy):
                return False
            await self.registry.delete(image.name, image.digest)
        except (*_STAYS, RegistryUnavailable):
            return False
        return True

    async def _is_needed(self, builder: Collectable, image: Image) -> bool:
        if is_chosen(await self.curated.curate(image)):
            return True
        under_way = {build.plan.image for build in await self.builder.list() if not build.state.ended}
        used = await builder.used_images()
        return image.name in under_way or is_used(image, used)


@dataclass(frozen=True)
class SpareBuildCache:
    """What the engine keeps of the steps of builds beyond the limit that an administrator has set."""

    builder: ImageBuilder

    async def find(self) -> Sequence[Spare]:
        """Give it as one thing."""
        if not isinstance(self.builder, KeepsCache):
            return []
        spare = await self.builder.spare_cache()
        return [] if spare is None else [Spare(of_cache(spare), partial(_prune, self.builder))]


async def _prune(builder: KeepsCache) -> bool:
    return await builder.prune_cache() > 0


@dataclass(frozen=True)
class Room:
    """What goes earlier than it should where too little disk is free for another build."""

    builder: ImageBuilder
    copies: SpareCopies

    async def missing(self) -> int:
        """Give the bytes that are missing; 0 also where that cannot be known."""
        if not isinstance(self.builder, WatchesDisk) or not self.builder.disk_reserve:
            return 0
        free = await self.builder.free_disk()
        return 0 if free is None else max(self.builder.disk_reserve - free, 0)

    async def find(self) -> Sequence[Spare]:
        """Give as many copies as make room by what they say of their size, the oldest first.

        Much of it may be shared with other images, so that more than these may have to go.
        """
        missing, found = await self.missing(), list[Spare]()
        for spare in await self.copies.find_early() if missing else ():
            if missing <= 0:
                break
            found.append(spare)
            missing -= spare.what.size
        return found
