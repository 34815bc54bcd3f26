"""A registry collects garbage between pushes, and readers never stop."""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass, field

from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.errors import ImageNotFound, RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.records import image_labels
from repo2docker_service.domain.signing import Signer
from tools.parts.registry import RunningRegistry, running_registry
from tools.parts.registry_content import put_image

from .figures import Figure, at_least, exactly, known
from .registry_probe import is_whole
from .rig import Rig

REPOSITORIES = 10
LAYERS = 3
ADA = Owner(OwnerKind.USER, "ada")


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    rounds: int
    """In each, an image is pushed and perhaps one deleted."""
    pushes_between_collections: int
    collections_between_floods: int
    """A flood deletes all images."""


FULL = Size(rounds=1000, pushes_between_collections=10, collections_between_floods=10)
SHORT = Size(rounds=40, pushes_between_collections=10, collections_between_floods=2)


@dataclass
class Counts:
    """What was seen."""

    pushed: int = 0
    found_lost: int = 0
    """Pushes of which the service said that they did not arrive."""
    damaged: int = 0
    """Pushes that it called good, with something missing."""
    deleted: int = 0
    deleted_twice: int = 0
    restarts: int = 0
    """Restarts of the registry begun and ended."""
    collections: int = 0
    reads: int = 0
    failed_reads: int = 0
    live: dict[ImageName, str] = field(default_factory=dict)
    """Digests of the images that have to be there."""


def run(rig: Rig, size: Size) -> list[Figure]:
    """While a registry collects garbage between pushes, images stay whole, and one that is not is never called good."""
    folder = rig.folder / rig.instance()
    folder.mkdir()
    with running_registry(folder) as server:
        installation = Installation(rig.instance(), Signer([secrets.token_bytes(32)]), folder)
        counts = asyncio.run(_rounds(server, installation, size, random.Random(rig.seed)))  # noqa: S311 - it has to be the same every time
        damaged = sum(not is_whole(server.url, name.repository, digest) for name, digest in counts.live.items())
    return [
        known("images pushed", counts.pushed),
        known("collections of garbage, the registry running", counts.collections),
        known("pushes that the registry took and lost, found at once", counts.found_lost),
        exactly("pushes called good with a blob missing", counts.damaged, 0),
        known("images deleted", counts.deleted),
        exactly("second deletions that are not told as such", counts.deleted - counts.deleted_twice, 0),
        at_least("images that have to be there in the end", len(counts.live), 1),
        exactly("of these, images with a blob missing", damaged, 0),
        known("pulls meanwhile", counts.reads),
        exactly("pulls that failed", counts.failed_reads, 0),
    ]


async def _rounds(server: RunningRegistry, installation: Installation, size: Size, chance: random.Random) -> Counts:
    counts = Counts()
    async with V2Registry(url=server.url, installation=installation, refresh_seconds=0.5) as registry:
        readers = [asyncio.create_task(_read(registry, server.url, counts, chance)) for _ in range(2)]
        for number in range(size.rounds):
            await _push(registry, server, installation, counts, number)
            if chance.random() < 0.7 and counts.live:
                await _delete(registry, counts, chance.choice(list(counts.live)))
            if number % size.pushes_between_collections == size.pushes_between_collections - 1:
                counts.collections += 1
                if counts.collections % size.collections_between_floods == 0 and number < size.rounds - 1:
                    # When nothing is left, the next image finds a registry that believes it has its layers.
                    for name in list(counts.live):
                        await _delete(registry, counts, name)
                await asyncio.to_thread(server.collect_garbage, delete_untagged=True)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    return counts


async def _push(
    registry: V2Registry, server: RunningRegistry, installation: Installation, counts: Counts, number: int
) -> None:
    """Push as a build does, and again after the registry was restarted when it did not arrive, as its log advises."""
    name = registry.destination(f"r2d/example-{number % REPOSITORIES}", secrets.token_hex(20)).image
    for _ in range(2):
        plan = BuildPlan(secrets.token_hex(16), Source("https://example.org/a"), name.tag, name, ADA, ADA)
        labels = image_labels(installation.signer, installation.instance, plan, "")
        digest = await asyncio.to_thread(put_image, server.url, name.repository, name.tag, labels, layers=LAYERS)
        counts.pushed += 1
        try:
            await registry.verify_push(name, digest, plan.id)
        except NotDelivered:
            counts.found_lost += 1
            counts.restarts += 1
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            counts.restarts += 1
        else:
            counts.damaged += not await asyncio.to_thread(is_whole, server.url, name.repository, digest)
            counts.live[name] = digest
            return
    raise RuntimeError(f"{name} did not arrive after a restart of the registry either")


async def _delete(registry: V2Registry, counts: Counts, name: ImageName) -> None:
    digest = counts.live.pop(name)
    await registry.delete(name, digest)
    counts.deleted += 1
    try:
        await registry.delete(name, digest)
    except ImageNotFound:
        counts.deleted_twice += 1


async def _read(registry: V2Registry, url: str, counts: Counts, chance: random.Random) -> None:
    """List all, and pull one that has to be there."""
    while True:
        counts.reads += 1
        begun = counts.restarts
        try:
            await registry.list()
            if counts.live:
                name = chance.choice(list(counts.live))
                whole = await asyncio.to_thread(is_whole, url, name.repository, counts.live[name])
                counts.failed_reads += not whole and name in counts.live and counts.restarts == begun
        except RegistryUnavailable:
            pass  # it is being restarted
        await asyncio.sleep(0.02)
