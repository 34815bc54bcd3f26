"""The use case of collecting what nobody needs any more, for administrators and by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from repo2docker_service.domain.admission import now
from repo2docker_service.domain.capabilities import Collectable
from repo2docker_service.domain.curating import CuratedImages
from repo2docker_service.domain.errors import (
    BuildActive,
    BuildNotFound,
    Forbidden,
    RegistryUnavailable,
    Unavailable,
)
from repo2docker_service.domain.models import Build, Destination, Identity
from repo2docker_service.domain.policy import Action, Policy
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.domain.retention import LocalCopy, expired_builds, spare_copies

T = TypeVar("T")

_AT_ONCE: Final = 8
_FIRST: Final = 600.0
"""Seconds after the start; nothing goes while somebody may only be trying settings."""
_EVERY: Final = 3600.0
"""Seconds."""
audit: Final = logging.getLogger("repo2docker_service.audit")
"""Tells what was removed, as it tells what people removed, whatever the level of all else."""
logger: Final = logging.getLogger("repo2docker_service.cleanup")


class Kind(StrEnum):
    """What can be collected."""

    BUILD = "build"
    """The record and log of an ended build; its image stays."""
    COPY = "copy"
    """What the engine has of an image that the registry holds."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that nobody needs any more."""

    kind: Kind
    name: str
    """A build's id, or an image's full name."""
    repo: str
    since: datetime
    """When the build ended or the image was made."""
    size: int = 0
    """Bytes of an image, also those that it shares with others; 0 for a build."""


@dataclass(frozen=True)
class CleanupService:
    """Finds and removes what is kept longer than the builder's retention says.

    It never touches images in the registry, nor where the engine's own store is the registry.
    """

    builder: ImageBuilder
    registry: Registry
    curated: CuratedImages
    policy: Policy
    clock: Callable[[], datetime] = now
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def preview(self, who: Identity) -> Sequence[Leftover]:
        """Say what would go now.

        Raises:
            Forbidden: the caller is no administrator.
            BuilderUnavailable: the engine does not answer.
        """
        self._require_admin(who)
        builds, copies = await self._builds(), await self._copies()
        return [*map(_of_build, builds), *map(_of_copy, copies)]

    async def clean_up(self, who: Identity) -> Sequence[Leftover]:
        """Remove what is not needed any more, and say what it was.

        Raises:
            Forbidden: the caller is no administrator.
            BuilderUnavailable: the engine does not answer; something may be gone already.
        """
        self._require_admin(who)
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
        while True:
            try:
                await self.collect()
            except Unavailable as error:
                logger.info("Nothing is collected now: %s", error)
            except Exception:
                logger.exception("Collecting failed")
            await asyncio.sleep(_EVERY)

    async def collect(self) -> Sequence[Leftover]:
        """Do the same on nobody's behalf."""
        async with self._turn:
            builds = await _some_at_once(self._forget, await self._builds())
            copies = await _some_at_once(self._drop, await self._copies())
        return [*builds, *copies]

    def _require_admin(self, who: Identity) -> None:
        if not self.policy.is_admin(who):
            raise Forbidden(Action.ADMIN)

    async def _builds(self) -> Sequence[Build]:
        if not isinstance(self.builder, Collectable):
            return []
        return expired_builds(await self.builder.list(), self.builder.retention, self.clock())

    async def _copies(self) -> Sequence[LocalCopy]:
        if not isinstance(self.builder, Collectable) or self.builder.retention.copies is None:
            return []
        # Copies first: an image that is delivered in between is then not among them.
        copies = [copy for copy in await self.builder.copies() if self._is_a_copy(copy)]
        spare = spare_copies(copies, await self.builder.list(), self.builder.retention, self.clock())
        return [copy for copy in spare if await self._can_be_had_again(copy)]

    def _is_a_copy(self, copy: LocalCopy) -> bool:
        """Whether images of this name are pushed; where they are not, it is the image itself."""
        return self.registry.destination(copy.name.repository, copy.name.tag) == Destination(copy.name, push=True)

    async def _can_be_had_again(self, copy: LocalCopy) -> bool:
        """Whether the registry has this very image now, and nobody wants it kept."""
        try:
            image = await self.registry.find(copy.name)
            if image is None or image.plan.id != copy.build_id:
                return False
            return not (await self.curated.curate(image)).curation.protected
        except RegistryUnavailable:
            return False

    async def _forget(self, build: Build) -> Leftover | None:
        try:
            await self.builder.forget(build.id)
        except (BuildNotFound, BuildActive):
            return None  # another replica was quicker, or something of it still runs
        return _told(_of_build(build))

    async def _drop(self, copy: LocalCopy) -> Leftover | None:
        dropped = isinstance(self.builder, Collectable) and await self.builder.drop_copy(copy)
        return _told(_of_copy(copy)) if dropped else None


async def _some_at_once(remove: Callable[[T], Awaitable[Leftover | None]], items: Sequence[T]) -> Sequence[Leftover]:
    gone: list[Leftover | None] = []
    for start in range(0, len(items), _AT_ONCE):
        gone += await asyncio.gather(*map(remove, items[start : start + _AT_ONCE]))
    return [each for each in gone if each is not None]


def _told(gone: Leftover) -> Leftover:
    known = {"action": "collect", "who": "service", "outcome": "done"}
    known |= {"kind": gone.kind.value, "target": gone.name, "repo": gone.repo}
    audit.info(" ".join(f"{name}={value}" for name, value in known.items()), extra={"data": known})
    return gone


def _of_build(build: Build) -> Leftover:
    return Leftover(Kind.BUILD, build.id, build.plan.source.address, build.finished_at or build.created_at)


def _of_copy(copy: LocalCopy) -> Leftover:
    return Leftover(Kind.COPY, str(copy.name), copy.repo, copy.created_at, copy.size)
