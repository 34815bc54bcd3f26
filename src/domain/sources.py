"""The use case before a build: what is at an address, and is there an image of it already?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.estimates import usual_seconds
from repo2docker_service.domain.inputs import check_credentials, check_source
from repo2docker_service.domain.models import Identity, Image, Owner, Source
from repo2docker_service.domain.ordering import Orders
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.domain.resolved import NamedRef, ResolvedSource

_MOST_REFS: Final = 200


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
            orders.sources.refs(source.address, limit=_MOST_REFS, credentials=credentials),
        )
        image = await orders.registry.find(orders.destination(resolved, owner, {}).image)
        if image is not None:
            image = await orders.curated.curate(image)
        seen = image if image and policy.sees(who, image) else None
        return SourceReport(resolved, refs, seen, await self._usual_seconds(source, owner))

    async def _usual_seconds(self, source: Source, owner: Owner) -> float | None:
        with suppress(BuilderUnavailable):  # all else is known without it
            return usual_seconds(await self.builder.list(), source.address, owner)
        return None
