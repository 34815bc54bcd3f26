"""The use case of removing all that belongs to one owner, for administrators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from repo2docker_service.domain.archive.kept_builds import KeptBuilds
from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE, LogArchive
from repo2docker_service.domain.capabilities import Collectable
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import (
    BuildFinished,
    BuildNotFound,
    ImageHasSiblings,
    ImageInUse,
    ImageNotFound,
    ImageProtected,
    ServiceError,
)
from repo2docker_service.domain.models import Build, Identity, Image, ImageList, ImageName, Owner
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.domain.retention.collecting import copies_of
from repo2docker_service.domain.retention.leftovers import Leftover, of_build, of_copy, of_image, some_at_once, tell
from repo2docker_service.domain.retention.retention import LocalCopy, is_used

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Holding:
    """Something that belongs to an owner."""

    what: Leftover
    stays: str = ""
    """Why it is left, in whole sentences; empty for what goes."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that belongs to an owner."""

    items: Sequence[Holding]
    partial: bool = False
    """Whether there may be images that are not known, as of a registry that could not be asked lately."""


@dataclass(frozen=True)
class RemovalService:
    """Removes an owner's builds, queued and running ones too, with their logs, and images with their copies.

    What a group owns stays, whoever of its members asked for it. Asked again, it goes on with what was left.
    """

    builder: ImageBuilder
    registry: Registry
    curated: CuratedImages
    policy: Policy
    archive: LogArchive = NO_ARCHIVE

    async def preview(self, who: Identity, owner: Owner, *, protected: bool = False) -> Holdings:
        """Say what there is, and why some of it would be left, as far as that is known beforehand.

        Args:
            who: the caller.
            owner: whose things.
            protected: also what the catalog protects.

        Raises:
            Forbidden: the caller is no administrator.
            Unavailable: the engine or the registry does not answer.
        """
        self.policy.require_admin(who)
        builds = [Holding(of_build(build)) for build in await self._builds(owner)]
        known, used = await self.curated.list(), await self._used()
        images = _of(owner, known)
        left = {image.name: reason for image in images if (reason := _reason_to_stay(image, used, protected=protected))}
        held = [Holding(of_image(image), left.get(image.name, "")) for image in images]
        copies = await self._copies(owner, left)
        dropped = [Holding(of_copy(copy), _in_use(copy)) for copy in copies]
        return Holdings([*builds, *held, *dropped], _is_partial(known))

    async def remove(self, who: Identity, owner: Owner, *, protected: bool = False) -> Holdings:
        """Remove it, and say of each thing whether it is gone.

        Args:
            who: the caller.
            owner: whose things.
            protected: also what the catalog protects. What is in use stays nevertheless.

        Raises:
            Forbidden: the caller is no administrator.
            Unavailable: the engine or the registry does not answer. What was removed by then is gone.
        """
        self.policy.require_admin(who)
        await self.curated.list()  # while it cannot be known what there is, nothing goes
        remove = partial(_attempt, who)
        builds = await some_at_once(lambda each: remove(of_build(each), self._end, each.id), await self._builds(owner))
        # Listed only now: a build may have come to its end meanwhile.
        known, used = await self.curated.list(), await self._used()
        images = _of(owner, known)
        going = [str(image.name) for image in images if not _reason_to_stay(image, used, protected=protected)]
        delete = partial(self._delete, going=going, protected=protected)
        held = await some_at_once(lambda image: remove(of_image(image), delete, image), images)
        left = [image.name for image, holding in zip(images, held, strict=True) if holding.stays]
        copies = await self._copies(owner, left)
        dropped = await some_at_once(lambda copy: remove(of_copy(copy), self._drop, copy), copies)
        return Holdings([*builds, *held, *dropped], _is_partial(known))

    async def _builds(self, owner: Owner) -> Sequence[Build]:
        kept = await self.builder.list()
        known = {build.id for build in kept}
        archived = [build for build in await self.archive.list() if build.id not in known]
        return [build for build in (*kept, *archived) if build.plan.owner == owner]

    async def _copies(self, owner: Owner, left: Collection[ImageName]) -> Sequence[LocalCopy]:
        """Give the copies of all images but those that are left."""
        found = await copies_of(self.builder, self.registry) if isinstance(self.builder, Collectable) else ()
        return [copy for copy in found if copy.plan.owner == owner and copy.name not in left]

    async def _used(self) -> Collection[str]:
        return await self.builder.used_images() if isinstance(self.builder, Collectable) else ()

    async def _end(self, build_id: str) -> None:
        with suppress(BuildFinished, BuildNotFound):
            await self.builder.cancel(build_id)
        await KeptBuilds(self.builder, self.archive).forget(build_id)

    async def _delete(self, image: Image, *, going: Collection[str], protected: bool) -> None:
        if reason := _reason_to_stay(await self.curated.curate(image), await self._used(), protected=protected):
            raise _Left(reason)
        try:
            await self.registry.delete(image.name, image.digest)
        except ImageHasSiblings as error:
            # Its other names go, too, unless one of them is somebody else's.
            if not {*error.siblings} <= {*going}:
                raise
            await self.registry.delete(image.name, image.digest, siblings=True)

    async def _drop(self, copy: LocalCopy) -> None:
        if isinstance(self.builder, Collectable) and not await self.builder.drop_copy(copy):
            raise _Left(_in_use(copy) or "The engine did not let it go: it may be in use since a moment ago.")


class _Left(ServiceError):
    """Something is left, for the reason that is given."""


async def _attempt(who: Identity, what: Leftover, remove: Callable[[T], Awaitable[None]], item: T) -> Holding:
    """Remove something, or tell why not; what is gone before is gone."""
    try:
        await remove(item)
    except (ImageNotFound, BuildNotFound):
        return Holding(what)
    except ServiceError as error:
        return Holding(what, str(error))
    tell(what, "remove", str(who.owner))
    return Holding(what)


def _of(owner: Owner, known: ImageList) -> Sequence[Image]:
    return [image for image in known.images if image.plan.owner == owner]


def _is_partial(known: ImageList) -> bool:
    return known.partial or known.stale


def _reason_to_stay(image: Image, used: Collection[str], *, protected: bool) -> str:
    if image.curation.protected and not protected:
        return str(ImageProtected(str(image.name)))
    return str(ImageInUse(str(image.name))) if is_used(image, used) else ""


def _in_use(copy: LocalCopy) -> str:
    return str(ImageInUse(str(copy.name))) if copy.in_use else ""
