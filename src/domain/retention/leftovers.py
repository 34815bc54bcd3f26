"""What nobody needs any more, and how it is told when it has gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from repo2docker_service.domain import auditing
from repo2docker_service.domain.errors import Unavailable
from repo2docker_service.domain.models import Build, Image
from repo2docker_service.domain.retention.retention import LocalCopy, SpareCache

T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE: Final = 8
logger: Final = logging.getLogger("repo2docker_service.cleanup")


class Kind(StrEnum):
    """What can be removed."""

    BUILD = "build"
    """The record and log of an ended build; its image stays."""
    COPY = "copy"
    """What the engine has of an image that the registry holds."""
    IMAGE = "image"
    """An image of the registry, or of the engine's own store where that is the registry."""
    CACHE = "cache"
    """What the engine keeps of the steps of builds, whoever has built."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that nobody needs any more."""

    kind: Kind
    name: str
    """A build's id, an image's full name, or ``build-cache``."""
    repo: str
    """The address of the repository; empty for what is of many."""
    since: datetime
    """When the build ended, the image was made, or the cache was used last."""
    size: int = 0
    """Bytes of an image, also those that it shares with others; 0 for a build."""
    why: str = field(default="", compare=False)
    """A sentence that says by what rule it may go; empty where it goes by no rule."""


@dataclass(frozen=True)
class Spare:
    """A leftover, and the way to remove it."""

    what: Leftover
    remove: Callable[[], Awaitable[bool]]
    """Says whether that was done: it may be gone, or needed again by now."""


async def some_at_once(work: Callable[[T], Awaitable[R]], items: Sequence[T]) -> Sequence[R]:
    """Do something with each item, a few at a time, and give what came of it in the same order."""
    done: list[R] = []
    for start in range(0, len(items), _AT_ONCE):
        done += await asyncio.gather(*map(work, items[start : start + _AT_ONCE]))
    return done


async def remove_all(spares: Sequence[Spare]) -> Sequence[Leftover]:
    """Remove what can be removed, and give it; each is told to the audit stream when it has gone.

    What cannot be removed is written to the log and left: it would otherwise keep all that comes after it, each time.

    Raises:
        Unavailable: so many could not be removed, one after the other, that it is not about them.
    """
    failed = 0

    async def remove(spare: Spare) -> Leftover | None:
        nonlocal failed
        try:
            done = await spare.remove()
        except Unavailable as error:
            failed += 1
            if failed >= _AT_ONCE:
                raise
            logger.warning("The %s %s is not collected: %s", spare.what.kind.value, spare.what.name, error)
            return None
        failed = 0
        if not done:
            return None
        tell(spare.what)
        return spare.what

    return [gone for gone in await some_at_once(remove, spares) if gone is not None]


def tell(gone: Leftover, action: str = "collect", who: str = "service") -> None:
    """Write to the audit stream what has gone, and on whose behalf."""
    known = {"action": action, "who": who, "outcome": "done"}
    known |= {"kind": gone.kind.value, "target": gone.name, "repo": gone.repo}
    auditing.tell({name: value for name, value in known.items() if value})


def of_build(build: Build, why: str = "") -> Leftover:
    """Describe a build."""
    ended = build.finished_at or build.created_at
    return Leftover(Kind.BUILD, build.id, build.plan.source.address, ended, why=why)


def of_copy(copy: LocalCopy, why: str = "") -> Leftover:
    """Describe a copy of an image."""
    return Leftover(Kind.COPY, str(copy.name), copy.plan.source.address, copy.created_at, copy.size, why)


def of_image(image: Image, why: str = "") -> Leftover:
    """Describe an image."""
    return Leftover(Kind.IMAGE, str(image.name), image.plan.source.address, image.created_at, image.size, why)


def of_cache(cache: SpareCache) -> Leftover:
    """Describe what is too much of an engine's build cache."""
    return Leftover(
        Kind.CACHE, "build-cache", "", cache.since, cache.size, "The build cache is larger than it should be."
    )
