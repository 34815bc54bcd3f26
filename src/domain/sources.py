"""The use case before a build: what is at an address, and is there an image of it already?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.inputs import check_credentials, check_source
from repo2docker_service.domain.models import Identity, Image, Owner, Source
from repo2docker_service.domain.ordering import Orders
from repo2docker_service.domain.resolved import ResolvedSource


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What is known of a source before it is built."""

    resolved: ResolvedSource
    refs: Sequence[str]
    image: Image | None


@dataclass(frozen=True)
class SourceService:
    """What people can learn of a repository before they build it."""

    orders: Orders

    async def look_up(
        self, who: Identity, source: Source, owner: Owner | None = None, credentials: Credentials | None = None
    ) -> SourceReport:
        """Resolve a source, name its refs, and find the image that a build would reuse.

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
            orders.sources.refs(source.address, credentials=credentials),
        )
        image = await orders.registry.find(orders.destination(resolved, owner, {}).image)
        if image is not None:
            image = await orders.curated.curate(image)
        return SourceReport(resolved, refs, image if image and policy.sees(who, image) else None)
