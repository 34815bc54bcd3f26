"""What nobody needs any more is collected as greedily as can be, beside builds and launches."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.signing import Signer
from tools.parts.docker_api import DockerApi
from tools.parts.registry import running_registry

from .engine_facts import remove_everything
from .figures import Figure, at_least, exactly, known
from .image_users import Users
from .rig import Rig
from .trivial_builder import TrivialBuilder, trivial_builder

LAUNCHERS = 2
BUILDERS = 1
FIRST = 8
"""Images that are there when it begins."""
SUPPLIES = 0.2
"""Images that come anew, in each round on average."""
TWICE = 0.2
"""How many of the rounds are done by two services at the same time."""
AT_ONCE = 1e-9
"""Days."""


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    pushed: int
    """Rounds in which images are in a registry, and the engine has copies."""
    kept: int
    """Rounds in which the engine's own store is the registry."""


FULL = Size(pushed=700, kept=300)
SHORT = Size(pushed=24, kept=12)


class FullEngine(DockerImageBuilder):
    """Believes that there is never enough space, so that no copy is too young to go."""

    async def free_disk(self) -> int | None:
        """Give nothing."""
        return 0


def run(rig: Rig, size: Size) -> list[Figure]:
    """However greedily is collected beside builds and launches, nothing goes that is in use or being made."""
    folder = rig.folder / rig.instance()
    folder.mkdir()
    with trivial_builder(rig) as trivial, running_registry(folder) as server:
        pushed = asyncio.run(_rounds(rig, trivial, size.pushed, server.url))
        kept = asyncio.run(_rounds(rig, trivial, size.kept, ""))
    return [*_figures("a registry", pushed, size.pushed), *_figures("the engine's own store", kept, size.kept)]


def _figures(place: str, seen: Counter[str], rounds: int) -> list[Figure]:
    copies = [at_least("copies collected", seen["copy"], rounds / 20)] if place == "a registry" else []
    found = [
        known("rounds of collection", rounds),
        at_least("images collected", seen["image"], rounds / 10),
        *copies,
        at_least("builds collected", seen["build"], 1),
        at_least("launches", seen["launches"], rounds / 10),
        exactly(
            "images that a container was made of when a round began, and gone after it", seen["lost for a server"], 0
        ),
        exactly("images that a build was replacing when a round began, and gone after it", seen["lost for a build"], 0),
        exactly("containers that lack the content of their image", seen["content lost"], 0),
        known("images that went in the moment in which they were taken into use", seen["lost at once"]),
        known("launches of images that had just gone", seen["too late"]),
        at_least("builds done", seen["builds"], 1),
        exactly("builds that did not succeed", seen["failed"], 0),
        exactly("new images that were not there after their build", seen["lost new"], 0),
    ]
    return [Figure(f"{place}: {each.what}", each.value, each.goal, each.met, each.unit) for each in found]


async def _rounds(rig: Rig, trivial: TrivialBuilder, rounds: int, url: str) -> Counter[str]:
    async with _users(rig, trivial, url) as users:
        policy, curated = Policy(scopes_allow), CuratedImages(users.registry)
        first, second = (
            CleanupService(users.builder, users.registry, curated, policy, images_for=timedelta()) for _ in range(2)
        )
        tasks = [asyncio.create_task(users.launch()) for _ in range(LAUNCHERS)]
        tasks += [
            asyncio.create_task(users.build(f"{trivial.address}-{number}", f"built-{number}"))
            for number in range(BUILDERS)
        ]
        for _ in range(FIRST):
            await users.supply()
        for _ in range(rounds):
            if users.chance.random() < SUPPLIES:
                await users.supply()
            collecting = [first.collect(), *([second.collect()] if users.chance.random() < TWICE else [])]
            needed = set(users.needs)
            for gone in await asyncio.gather(*collecting):
                users.seen.update(each.kind.value for each in gone)
            await users.look_after(needed)
            for task in tasks:
                if task.done():
                    task.result()  # raises what it ended with
        users.stopping = True
        await asyncio.gather(*tasks)
        return users.seen


@asynccontextmanager
async def _users(rig: Rig, trivial: TrivialBuilder, url: str) -> AsyncIterator[Users]:
    name = rig.instance()
    folder = rig.folder / name
    folder.mkdir()
    installation = Installation(name, Signer([secrets.token_bytes(32)]), folder, f"r2d-{name}")
    builder = FullEngine(
        installation=installation,
        url=rig.engine,
        repo2docker_image=trivial.image,
        network="host",
        concurrency=BUILDERS,
        retention_days=AT_ONCE,
        local_copy_days=AT_ONCE,
    )
    registry = (
        V2Registry(installation=installation, url=url, refresh_seconds=0.5)
        if url
        else DockerDaemonRegistry(installation=installation, url=rig.engine)
    )
    if isinstance(registry, V2Registry):
        builder.push_with(registry)
    docker, chance = DockerApi(rig.engine), random.Random(rig.seed)  # noqa: S311 - it has to be the same every time
    try:
        async with registry, builder:
            yield Users(installation, builder, registry, docker, trivial, url, chance)
    finally:
        await asyncio.to_thread(remove_everything, docker, name)
