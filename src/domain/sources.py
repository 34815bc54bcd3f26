"""The use case before a build: what is at an address, and is there an image of it already?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from repo2docker_service.domain.curating import CuratedImages
from repo2docker_service.domain.inputs import check_source
from repo2docker_service.domain.models import Identity, Image, ResolvedSource, Source
from repo2docker_service.domain.naming import ImageNaming
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import Registry, SourceResolver


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What is known of a source before it is built."""

    resolved: ResolvedSource
    refs: Sequence[str]
    image: Image | None


@dataclass(frozen=True)
class SourceService:
    """What people can learn of a repository before they build it."""

    sources: SourceResolver
    registry: Registry
    naming: ImageNaming
    policy: Policy
    curated: CuratedImages

    async def look_up(self, who: Identity, source: Source) -> SourceReport:
        """Resolve a source, name its refs, and find the image that a build would reuse.

        Raises:
            Forbidden: the caller may not build, so may not have the service contact addresses either.
            InvalidInput, SourceForbidden, RefNotFound, SourceUnreachable: the source cannot be built.
        """
        self.policy.require_any_create(who)
        source = check_source(source)
        # Both at once, so that a slow host is waited for once.
        resolved, refs = await asyncio.gather(self.sources.resolve(source), self.sources.refs(source.address))
        image = await self.registry.find(
            self.registry.destination(*self.naming.shared(source, resolved.commit, {})).image
        )
        if image is not None:
            image = await self.curated.curate(image)
        return SourceReport(resolved, refs, image if image and self.policy.sees(who, image) else None)
