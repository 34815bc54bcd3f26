"""The use case before a build: what is at an address, and is there an image of it already?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.inputs import check_credentials, check_source
from repo2docker_service.domain.models import Identity, Image, Owner, Source
from repo2docker_service.domain.orders.estimates import usual_seconds
from repo2docker_service.domain.orders.ordering import Orders
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.domain.resolved import NamedRef, RefKind, ResolvedSource

_LISTED: Final = 50_000
"""Refs that are asked for; hardly any repository has more."""
_MOST_REFS: Final = 400
_DIGITS: Final = re.compile(r"(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What is known of a source before it is built."""

    resolved: ResolvedSource
    refs: Sequence[NamedRef]
    image: Image | None
    usual_seconds: float | None
    """How long builds of it took lately."""


@dataclass(frozen=True)
class SourceService:
    """What people can learn of a repository before they build it."""

    orders: Orders
    builder: ImageBuilder

    async def look_up(
        self, who: Identity, source: Source, owner: Owner | None = None, credentials: Credentials | None = None
    ) -> SourceReport:
        """Resolve a source, name its refs, find the image that a build would reuse, and how long one usually takes.

        Args:
            who: the caller.
            source: where the code is.
            owner: for whom it would be built; the caller when nobody is named.
            credentials: what opens the repository.

        Raises:
            Forbidden: the caller may not build, so may not have the service contact addresses either.
            InvalidInput, SourceForbidden, RefNotFound, SourceUnreachable: the source cannot be built.
        """
        orders, policy = self.orders, self.orders.policy
        policy.require_any_create(who)
        if owner is not None:
            policy.require_create(who, owner)
        source, credentials, owner = check_source(source), check_credentials(credentials), owner or who.owner
        policy.require_source(who, owner, orders.sources.terms(source.address))
        # Both at once, so that a slow host is waited for once.
        resolved, refs = await asyncio.gather(
            orders.resolve(who, owner, source, credentials),
            orders.sources.refs(source.address, limit=_LISTED, credentials=credentials),
        )
        image = await orders.find(orders.destination(resolved, owner, {}))
        if image is not None:
            image = await orders.curated.curate(image)
        seen = image if image and policy.sees(who, image) and not _is_built_anew(image) else None
        offered = refs if len(refs) <= _MOST_REFS else await asyncio.to_thread(_offered, refs)
        return SourceReport(resolved, offered, seen, await self._usual_seconds(source, owner))

    async def _usual_seconds(self, source: Source, owner: Owner) -> float | None:
        with suppress(BuilderUnavailable):  # all else is known without it
            return usual_seconds(await self.builder.list(), source.address, owner)
        return None


def _is_built_anew(image: Image) -> bool:
    return bool(image.changed_outside) and not image.curation.protected


def _offered(refs: Sequence[NamedRef]) -> Sequence[NamedRef]:
    """Give the first branches, and the tags that count highest: of many the newest ones are looked for."""
    branches = [ref for ref in refs if ref.kind is RefKind.BRANCH]
    tags = sorted((ref for ref in refs if ref.kind is RefKind.TAG), key=_counted, reverse=True)
    half = _MOST_REFS // 2
    kept = branches[: max(half, _MOST_REFS - len(tags))]
    return [*kept, *tags[: _MOST_REFS - len(kept)]]


def _counted(ref: NamedRef) -> list[tuple[str, int, str]]:
    """Give what sorts names by the numbers in them: 1.10 comes after 1.9."""
    parts = _DIGITS.split(ref.name)
    numbers = [part.lstrip("0") for part in parts[1::2]]
    return [(text, len(number), number) for text, number in zip(parts[::2], [*numbers, ""], strict=True)]
