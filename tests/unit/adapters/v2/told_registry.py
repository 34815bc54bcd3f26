"""A registry in memory, which records what it is asked and fails as it is told."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repo2docker_service.adapters.changes import Changes
from repo2docker_service.adapters.registries.v2.errors import NotFound
from repo2docker_service.adapters.registries.v2.inventory.images import RegistryImages
from repo2docker_service.adapters.registries.v2.inventory.ours import OurImages
from repo2docker_service.adapters.registries.v2.inventory.places import Listing
from repo2docker_service.adapters.registries.v2.inventory.scope import Scope
from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore
from repo2docker_service.adapters.registries.v2.protocol.manifests import Kind, Summary
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, ImageList, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.records import image_labels
from repo2docker_service.domain.signing import Signer

HOST = "registry.example.org"
PREFIX = "r2d"
REPOSITORY = "r2d/example"
COMMIT = "a" * 40
CREATED = datetime(2026, 2, 3, tzinfo=UTC)
ADA = Owner(OwnerKind.USER, "ada")
INSTALLATION = Installation("test", Signer([b"a key for tests only"]), Path("nowhere"))
LOG = logging.getLogger("told")


def name_of(tag: str = COMMIT, repository: str = REPOSITORY) -> ImageName:
    """Make the full name of an image."""
    return ImageName(HOST, repository, tag)


def digest_of(text: str) -> str:
    """Make a digest."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def summary_for(name: ImageName, build_id: str = "") -> Summary:
    """Say what a new image of ours is of."""
    plan = BuildPlan(build_id or secrets.token_hex(16), Source("https://example.org/a"), COMMIT, name, ADA, ADA)
    labels = image_labels(INSTALLATION.signer, INSTALLATION.instance, plan, "")
    digest = digest_of(plan.id)
    return Summary(digest, "application/json", Kind.IMAGE, 1000, CREATED, labels, digest_of(f"config {plan.id}"))


@dataclass
class ToldRegistry:
    """Implements the calls of a registry's client. Every one gives others their turn first."""

    tags_of: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    summaries: dict[str, Summary] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    failing: dict[tuple[str, ...], Exception] = field(default_factory=dict)
    """What is raised instead of an answer, by the call or its beginning."""
    layers_of_all: list[str] = field(default_factory=lambda: [digest_of(f"layer {number}") for number in range(3)])
    lost: set[str] = field(default_factory=set)
    """Layers that cannot be read."""
    in_flight: int = 0
    most_in_flight: int = 0
    hold: asyncio.Event | None = None
    """Answers wait for it, while there is one."""
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, name: ImageName | None = None, build_id: str = "") -> str:
        """Put a new image of ours under a name, and give its digest."""
        name = name or name_of()
        summary = summary_for(name, build_id)
        self.summaries[summary.digest] = summary
        self.tags_of[name.repository][name.tag] = summary.digest
        return summary.digest

    def alias(self, name: ImageName, tag: str) -> None:
        """Give an image another tag."""
        self.tags_of[name.repository][tag] = self.tags_of[name.repository][name.tag]

    def count(self) -> Counter[str]:
        """Give how often each call was made, and begin to count anew."""
        counted = Counter(call for call, *_ in self.asked)
        self.asked.clear()
        return counted

    async def until(self, *call: str) -> None:
        """Wait until a call that begins so is made."""
        while not any(asked[: len(call)] == call for asked in self.asked):
            self._rung.clear()
            await self._rung.wait()

    async def ping(self) -> None:
        await self._asked("ping")

    async def repositories(self, prefix: str) -> list[str]:
        await self._asked("repositories", prefix)
        return [name for name, tags in self.tags_of.items() if tags]

    async def tags(self, repository: str) -> list[str]:
        await self._asked("tags", repository)
        return sorted(self.tags_of[repository])

    async def digest(self, repository: str, reference: str) -> str | None:
        await self._asked("digest", repository, reference)
        return self.tags_of[repository].get(reference)

    async def summary(self, repository: str, digest: str) -> Summary:
        await self._asked("summary", repository, digest)
        if digest not in self.summaries:
            raise NotFound("it has no such thing", status=404)
        return self.summaries[digest]

    async def tagged(self, repository: str, tag: str) -> Summary | None:
        await self._asked("tagged", repository, tag)
        return self.summaries.get(self.tags_of[repository].get(tag, ""))

    async def delete_logs(self, repository: str, digest: str) -> None:
        await self._asked("delete_logs", repository, digest)

    async def layers(self, repository: str, digest: str) -> list[str]:
        await self._asked("layers", repository, digest)
        return self.layers_of_all

    async def gives(self, repository: str, digest: str) -> bool:
        await self._asked("gives", repository, digest)
        return digest not in self.lost

    async def delete(self, repository: str, reference: str) -> bool:
        await self._asked("delete", repository, reference)
        tags = self.tags_of[repository]
        gone = [tag for tag, digest in tags.items() if reference in (tag, digest)]
        for tag in gone:
            del tags[tag]
        return bool(gone)

    async def _asked(self, *call: str) -> None:
        hold = self.hold
        self.asked.append(call)
        self._rung.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            if hold is not None:
                await hold.wait()
        finally:
            self.in_flight -= 1
        for length in range(1, len(call) + 1):
            if call[:length] in self.failing:
                raise self.failing[call[:length]]


@dataclass
class Desk:
    """What a test of listing and deleting needs."""

    folder: Path
    client: ToldRegistry = field(default_factory=ToldRegistry)
    changes: Changes[ImageName] = field(default_factory=Changes)

    def store(self) -> ImageStore:
        """Make a cache in the test's own folder."""
        return ImageStore(self.folder / "registry.sqlite", "test", LOG)

    @asynccontextmanager
    async def opened(self, listing: Listing = Listing.CATALOG, **settings: Any) -> AsyncIterator[RegistryImages]:
        """Open the images of the registry; the list is renewed for every reader, unless told otherwise."""
        scope = Scope(HOST, PREFIX, listing, **{"refresh_seconds": 0.0} | settings)
        images = RegistryImages(self.client, self.store(), self.changes, OurImages(INSTALLATION), scope, LOG)
        await images.open()
        try:
            yield images
        finally:
            await images.close()


async def names(images: RegistryImages) -> list[ImageName]:
    """List the names of all images, in order."""
    return sorted((image.name for image in (await images.list()).images), key=str)


async def settled(images: RegistryImages) -> ImageList:
    """Wait until the renewal with which everything begins has ended, and list."""
    while (listed := await images.list()).stale:  # noqa: ASYNC110  # no reader is told
        await asyncio.sleep(0.001)
    return listed
