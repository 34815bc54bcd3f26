"""The artifacts of this service, beside the images and never listed as such."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from repo2docker_service.adapters.artifacts import Artifact, Part
from repo2docker_service.adapters.registries.v2.errors import Refused, RegistryError
from repo2docker_service.adapters.registries.v2.inventory.deleting import explained
from repo2docker_service.adapters.registries.v2.inventory.images import RegistryImages
from repo2docker_service.adapters.registries.v2.inventory.places import Listing
from repo2docker_service.adapters.registries.v2.inventory.pooling import each
from repo2docker_service.adapters.registries.v2.inventory.scope import Scope
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.models import ImageName

_SHARED: Final = "builds"


@dataclass(frozen=True)
class V2Artifacts:
    """Implements :class:`~repo2docker_service.adapters.artifacts.ArtifactStore`."""

    client: RegistryClient
    images: RegistryImages
    scope: Scope
    guarding: Callable[[ImageName], Awaitable[bool]]
    name: str
    """What the registry is called in errors."""

    @property
    def shared(self) -> str:
        """A repository beside those of images, or that of all images where there is one."""
        prefix = self.scope.prefix
        return prefix if self.scope.listing is Listing.SINGLE else f"{prefix}/{_SHARED}"

    async def tags(self) -> Mapping[str, str]:
        """Ask all repositories of ours."""
        found: dict[str, str] = {}

        async def look(repository: str) -> None:
            found.update(dict.fromkeys(await self.client.log_tags(repository), repository))

        with self._plainly():
            repositories = sorted({*await self.images.repositories(), self.shared})
            await each(repositories, look, self.scope.workers)
        return found

    async def repository_of(self, build_id: str) -> str:
        """Look through the list of images."""
        with self._plainly():
            images = (await self.images.list()).images
        return next((image.name.repository for image in images if image.plan.id == build_id), "")

    async def guards(self, image: ImageName) -> bool:
        """Ask without credentials."""
        return await self.guarding(image)

    async def holds(self, repository: str, reference: str) -> str:
        """Ask for a digest."""
        with self._plainly():
            return await self.client.digest(repository, reference) or ""

    async def upload(self, repository: str, content: bytes) -> Part:
        """Store a blob."""
        with self._plainly():
            return await self.client.artifacts.upload(repository, content)

    async def attach(
        self, repository: str, tag: str, config: bytes, layers: Sequence[Part], *, subject: str, created: str
    ) -> str:
        """Store config and manifest, and tell of them where the registry does not."""
        attach = partial(self.client.artifacts.attach, repository, tag, config, layers)
        with self._plainly():
            return await attach(subject=subject, created=created)

    async def fetch(self, repository: str, tag: str) -> Artifact | None:
        """Ask for manifest and config."""
        with self._plainly():
            return await self.client.artifacts.fetch(repository, tag)

    async def read(self, repository: str, part: Part) -> bytes:
        """Ask for a blob."""
        with self._plainly():
            return await self.client.artifacts.read(repository, part)

    async def discard(self, repository: str, artifact: Artifact) -> bool:
        """Delete a manifest; its blobs go when the registry collects garbage."""
        with self._plainly():
            try:
                return await self.client.artifacts.discard(repository, artifact)
            except Refused as refused:
                raise explained(f"{repository}@{artifact.digest}", refused) from refused

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except RegistryError as error:
            raise RegistryUnavailable(f"registry {self.name}", error.problem) from error
