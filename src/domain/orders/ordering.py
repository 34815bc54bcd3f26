"""What somebody asks for becomes one build to be done, or the image that is there already."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import PrivateBuildRefused
from repo2docker_service.domain.inputs import check_request
from repo2docker_service.domain.models import BuildPlan, BuildRequest, Destination, Identity, Image, Owner, Source
from repo2docker_service.domain.naming import ImageNaming
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import Registry, SourceResolver
from repo2docker_service.domain.resolved import ResolvedSource


def new_build_id() -> str:
    """Make an id that nobody can guess and no other replica makes."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Order:
    """A build to be done."""

    plan: BuildPlan
    destination: Destination
    force: bool
    replaced: Image | None
    """The image that has the name now."""
    credentials: Credentials | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Orders:
    """Takes requests, as far as the caller may ask for what they say."""

    registry: Registry
    sources: SourceResolver
    naming: ImageNaming
    policy: Policy
    curated: CuratedImages
    reuse_outdated: bool = True
    """Whether an image is the answer although one that is built now would differ by the administrator's settings."""
    new_id: Callable[[], str] = new_build_id

    async def take(self, who: Identity, request: BuildRequest) -> Order | Image:
        """Give what is to be done, or the image that is the answer.

        Raises:
            InvalidInput, SourceForbidden, RefNotFound, SourceUnreachable: the source cannot be built.
            Forbidden: the caller may not build, not for that owner, or not replace that image.
            ImageProtected: the catalog keeps the image that would be replaced.
            PrivateBuildRefused: the image would be private, and the registry shows it to everybody.
        """
        owner = request.owner or who.owner
        self.policy.require_create(who, owner)
        request = check_request(request)
        resolved = await self.resolve(who, owner, request.source, request.credentials)
        destination = self.destination(resolved, owner, request.build_args)
        image = await self.find(destination)
        if image is not None and not request.force and await self._is_good(image):
            return image
        requested_by = who.owner
        if image is not None:
            await self._require_replaceable(who, image, request)
            owner = image.plan.owner
            if not request.force:
                # To ask for what there is already must give nobody a right to it, nor change what it is called.
                requested_by = image.plan.requested_by
                request = replace(request, title=image.plan.title, description=image.plan.description)
        if resolved.private and not await self.registry.guards(destination.image):
            raise PrivateBuildRefused
        plan = self._plan(request, resolved, destination, owner, requested_by)
        return Order(plan, destination, request.force, image, resolved.credentials)

    async def resolve(
        self, who: Identity, owner: Owner, source: Source, credentials: Credentials | None
    ) -> ResolvedSource:
        """Find the commit of a source in normal form, on the administrator's terms for its address.

        Raises:
            SourceForbidden, RefNotFound, SourceUnreachable: the source cannot be built.
        """
        terms = self.sources.terms(source.address)
        self.policy.require_source(who, owner, terms)
        resolved = await self.sources.resolve(source, credentials)
        return replace(resolved, private=terms.private or resolved.private or resolved.credentials is not None)

    def destination(self, resolved: ResolvedSource, owner: Owner, build_args: Mapping[str, str]) -> Destination:
        """Say where the image of a source goes."""
        source, commit = resolved.source, resolved.commit
        if resolved.private:
            return self.registry.destination(*self.naming.private(source, commit, build_args, owner))
        return self.registry.destination(*self.naming.shared(source, commit, build_args))

    async def find(self, destination: Destination) -> Image | None:
        """Give the image that is at a destination, and say whether it is what was built.

        Raises:
            RegistryUnavailable: the registry does not answer.
        """
        image = await self.registry.find(destination.image)
        return (await self.curated.compared([image]))[0] if image else None

    async def _is_good(self, image: Image) -> bool:
        """Whether an image is the answer: not where somebody else put it there, as that is no build of this service."""
        if self.reuse_outdated and not image.changed_outside:
            return True
        seen = await self.curated.curate(image)
        return not (seen.outdated or seen.changed_outside) or seen.curation.protected

    async def _require_replaceable(self, who: Identity, image: Image, request: BuildRequest) -> None:
        if request.force:
            self.policy.require_delete(who, image)
        await self.curated.require_replaceable(image)

    def _plan(
        self,
        request: BuildRequest,
        resolved: ResolvedSource,
        destination: Destination,
        owner: Owner,
        requested_by: Owner,
    ) -> BuildPlan:
        return BuildPlan(
            id=self.new_id(),
            source=request.source,
            commit=resolved.commit,
            image=destination.image,
            owner=owner,
            requested_by=requested_by,
            clone_address=resolved.moved_to,
            private=resolved.private,
            public_only=resolved.public_only,
            build_args=request.build_args,
            title=request.title,
            description=request.description,
        )
