"""Images of an installation, put straight into a real registry."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.registry_content import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST, SCHEMA2, put_image, put_images

from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, Image, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.records import image_labels

ADA = Owner(OwnerKind.USER, "ada")
REPOSITORY = "r2d/example"
COMMIT = "a" * 40
MANIFESTS = {"Accept": f"{SCHEMA2}, {DOCKER_LIST}, {OCI_MANIFEST}, {OCI_INDEX}"}


@dataclass
class Shelf:
    """Puts images into a registry, as a build would."""

    url: str
    installation: Installation
    behind: str = ""
    """Where to write to, if not through that address."""
    auth: str | None = None
    """The header with which to write."""

    @property
    def host(self) -> str:
        """What names of images begin with."""
        return self.url.partition("://")[2]

    def name(self, repository: str = REPOSITORY, tag: str = COMMIT) -> ImageName:
        """Give the full name of an image."""
        return ImageName(self.host, repository, tag)

    def labels(self, name: ImageName) -> tuple[BuildPlan, Mapping[str, str]]:
        """Give the plan of a new build, and the labels of its image."""
        plan = BuildPlan(secrets.token_hex(16), Source("https://example.org/a"), COMMIT, name, ADA, ADA)
        return plan, image_labels(self.installation.signer, self.installation.instance, plan, "")

    async def put(self, repository: str = REPOSITORY, tag: str = COMMIT, *, oci: bool = False) -> Image:
        """Put a new image there, and say how it is to be seen; its time and size are not to be compared."""
        name = self.name(repository, tag)
        plan, labels = self.labels(name)
        digest = await asyncio.to_thread(put_image, self.url, repository, tag, labels, auth=self.auth, oci=oci)
        reference = f"{name.registry}/{name.repository}@{digest}"
        return Image(name, digest, datetime.now(UTC), 0, plan, reference)

    async def put_many(self, count: int, repository: str = REPOSITORY) -> Mapping[ImageName, str]:
        """Put many images into a repository, and give their digests."""
        names = [self.name(repository, f"{number:040x}") for number in range(count)]
        labels = {name.tag: self.labels(name)[1] for name in names}
        digests = await asyncio.to_thread(put_images, self.behind or self.url, repository, labels)
        return {name: digests[name.tag] for name in names}

    async def alias(self, image: Image, tag: str = "other") -> ImageName:
        """Give an image another tag."""
        await asyncio.to_thread(tag_again, f"{self.url}/v2/{image.name.repository}/manifests", image.digest, tag)
        return self.name(image.name.repository, tag)

    def status(self, repository: str, reference: str) -> int:
        """Ask the registry itself for a manifest, and give the status of its answer."""
        return httpx.head(f"{self.url}/v2/{repository}/manifests/{reference}", headers=MANIFESTS).status_code


def tag_again(manifests: str, reference: str, tag: str) -> None:
    """Write the manifest that is there under another tag."""
    found = httpx.get(f"{manifests}/{reference}", headers=MANIFESTS)
    found.raise_for_status()
    kind = {"Content-Type": found.headers["Content-Type"]}
    httpx.put(f"{manifests}/{tag}", content=found.content, headers=kind).raise_for_status()


@asynccontextmanager
async def registry_at(url: str, installation: Installation, **settings: Any) -> AsyncIterator[V2Registry]:
    """Open a registry adapter that renews its list for every reader, unless told otherwise."""
    async with V2Registry(url=url, installation=installation, **{"refresh_seconds": 0.0} | settings) as registry:
        yield registry


@dataclass
class Place:
    """A registry behind a proxy, and the adapter that is tried on it."""

    server: RunningRegistry
    proxy: RegistryProxy
    shelf: Shelf
    registry: V2Registry

    async def names(self) -> list[ImageName]:
        """List all names."""
        return sorted((image.name for image in (await self.registry.list()).images), key=str)


@asynccontextmanager
async def placed(folder: Path, setup: Setup, installation: Installation) -> AsyncIterator[Place]:
    """Run a registry of this kind, and all that a test needs to try an adapter on it."""
    with running_registry(folder, setup) as server, registry_proxy(server.port) as proxy:
        async with registry_at(proxy.url, installation) as registry:
            yield Place(server, proxy, Shelf(proxy.url, installation), registry)


@asynccontextmanager
async def opened(shelf: Shelf, **settings: Any) -> AsyncIterator[V2Registry]:
    """Open the registry behind a shelf."""
    async with registry_at(shelf.url, shelf.installation, **settings) as registry:
        yield registry


async def names(registry: V2Registry) -> list[str]:
    """List the full names of all images."""
    return sorted(str(image.name) for image in (await registry.list()).images)
