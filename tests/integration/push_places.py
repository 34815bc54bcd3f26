# ruff: noqa: ASYNC110  # nobody tells of changes where no process sees to builds
"""A registry, and builders that push to it."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.registry import RunningRegistry, Setup, running_registry

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, ImageName

PASSWORD = f"pass:wörd-{secrets.token_hex(8)}"
MANIFEST = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}


@dataclass
class Support:
    """What a builder needs of a registry, and what was asked of it."""

    host: str
    password: str = ""
    open_to_all: bool = False
    trouble: Exception | None = None
    no_credentials: Exception | None = None
    verified: list[tuple[str, str, str]] = field(default_factory=list)

    async def push_config(self) -> bytes:
        if self.no_credentials:
            raise self.no_credentials
        auth = base64.b64encode(f"ada:{self.password}".encode()).decode()
        return json.dumps({"auths": {self.host: {"auth": auth}} if self.password else {}}).encode()

    async def guards(self, image: ImageName) -> bool:
        assert image.registry == self.host
        return not self.open_to_all

    async def verify_push(self, image: ImageName, digest: str, build_id: str) -> None:
        self.verified.append((str(image), digest, build_id))
        await asyncio.sleep(0.3)
        if self.trouble:
            raise self.trouble


@dataclass
class Place:
    """A registry, and a builder that pushes to it."""

    registry: RunningRegistry
    support: Support
    repositories: Repositories
    engine: Engine

    def builder(self, **traits: Any) -> DockerImageBuilder:
        builder = docker_builder(
            self.engine, self.repositories.image, self.repositories.installation, **({"push_patience": 3} | traits)
        )
        builder.push_with(self.support)
        return builder

    def plan(self, content: str = "") -> tuple[BuildPlan, Destination]:
        """Plan a build whose image is quickly pushed, or holds this content."""
        files = {"Dockerfile": "FROM scratch\nCOPY token /token\n", "token": content or secrets.token_hex(8)}
        plan, _ = self.repositories.plan(files)
        image = replace(plan.image, registry=self.registry.host)
        return replace(plan, image=image), Destination(image, push=True)

    def stored(self, image: ImageName) -> httpx.Response:
        """Ask the registry for a manifest."""
        url = f"{self.registry.url}/v2/{image.repository}/manifests/{image.tag}"
        return httpx.get(url, headers=MANIFEST, auth=("ada", PASSWORD) if self.support.password else None)

    def tags(self, *, temporary: bool) -> list[str]:
        """Give the names of this installation's images on the engine."""
        images = DockerApi(self.engine.url).ask("GET", "/images/json")
        names = [
            name
            for image in images
            for name in image["RepoTags"] or ()
            if self.repositories.installation.image_prefix in name
        ]
        return [name for name in names if (":b-" in name) is temporary]


@contextmanager
def place_to_push_to(
    folder: Path, repositories: Repositories, engine: Engine, setup: Setup | None = None
) -> Iterator[Place]:
    """Run a registry of this kind, with nothing in it."""
    folder.mkdir()
    with running_registry(folder, setup) as registry:
        support = Support(registry.host, PASSWORD if setup else "")
        yield Place(registry, support, repositories, engine)


async def log_of(builder: DockerImageBuilder, build_id: str) -> list[str]:
    """Follow a log to its end, by which the build has to have ended too."""
    lines = [line async for chunk in builder.read_log(build_id, follow=True) for line in chunk.lines]
    assert (await builder.get(build_id)).state.ended
    return lines


async def ended(builder: DockerImageBuilder, build_id: str) -> Build:
    return await until(builder, build_id, *(state for state in BuildState if state.ended))


async def until(builder: DockerImageBuilder, build_id: str, *states: BuildState) -> Build:
    async with asyncio.timeout(90):
        while (build := await builder.get(build_id)).state not in states:
            await asyncio.sleep(0.1)
    return build


async def built_by_hand(builder: DockerImageBuilder, plan: BuildPlan, destination: Destination) -> Work:
    """Start a build with a builder that sees to nothing by itself, and wait until it has made the image."""
    await builder.start(plan, destination)
    work = await builder._view.work(plan.id)
    await builder._reconciler.chores.settled(f"fill {plan.id}")
    await builder._store.start(work.builder.id)
    while not (work := await builder._view.work(plan.id)).builder.exited:
        await asyncio.sleep(0.05)
    return work
