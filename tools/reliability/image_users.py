"""Who needs images while they are collected: people who launch servers, and builds that replace images."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination, Image, ImageName, Source
from repo2docker_service.domain.naming import temporary_tag
from repo2docker_service.domain.ports import Registry
from repo2docker_service.domain.records import image_labels
from tools.parts.docker_api import DockerApi, EngineError
from tools.parts.registry_content import put_image

from .engine_facts import import_image
from .garbage import ADA
from .trivial_builder import TrivialBuilder

SOURCES = 3
LONGEST_LIFE = 3.0
"""Seconds of a server, which last for some rounds."""
LOOKS_EVERY = 0.1
BETWEEN_BUILDS = 1.0


@dataclass(frozen=True, slots=True)
class Need:
    """An image that has to stay for now."""

    why: str
    """``server`` or ``build``."""
    image: ImageName
    digest: str
    container: str = ""
    """That of the server; some only exist, some run."""


@dataclass
class Users:
    """All of them, on one engine, and what they saw."""

    installation: Installation
    builder: DockerImageBuilder
    registry: Registry
    docker: DockerApi
    trivial: TrivialBuilder
    url: str
    """The registry's address; empty where the engine's own store is the registry."""
    chance: random.Random
    needs: dict[str, Need] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    stopping: bool = False

    async def supply(self) -> None:
        """Put a new image into the registry, and a copy of it into the engine."""
        number = self.chance.randrange(SOURCES)
        plan, destination = self._plan(f"https://example.org/{number}", f"supplied-{number}", secrets.token_hex(20))
        await asyncio.to_thread(self._push if self.url else self._import, destination.image, self._labels(plan))
        await self.registry.find(destination.image)  # it is listed from now on

    async def launch(self) -> None:
        """Launch servers from any image that is listed, by the reference that spawners are given, and stop them."""
        while not self.stopping:
            images = (await self.registry.list()).images
            container = await asyncio.to_thread(self._create, self.chance.choice(images)) if images else None
            if container is None:
                self.seen["too late"] += bool(images)
                await asyncio.sleep(LOOKS_EVERY)
                continue
            self.seen["launches"] += 1
            await asyncio.sleep(self.chance.uniform(0, LONGEST_LIFE))
            self.needs.pop(container, None)
            await asyncio.to_thread(self.docker.ask, "DELETE", f"/containers/{container}", {"force": "1"})

    async def build(self, address: str, repository: str) -> None:
        """Build new commits of a repository, and such as were built before, one after the other."""
        commits: list[str] = []
        while not self.stopping:
            again = bool(commits) and self.chance.random() < 0.5
            commit = self.chance.choice(commits) if again else secrets.token_hex(20)
            commits.append(commit)
            plan, destination = self._plan(address, repository, commit)
            await self.builder.start(plan, destination, anew=True)
            replaced = await self.registry.find(plan.image)
            if replaced is not None:
                self.needs[plan.id] = Need("build", plan.image, replaced.digest)
            await asyncio.to_thread(self._make, plan)
            self.seen["failed"] += not await self._succeeds(plan.id)
            self.needs.pop(plan.id, None)
            found = await self.registry.find(plan.image)
            # Nobody else builds of this repository: it is the newest.
            self.seen["lost new"] += found is None or found.plan.id != plan.id
            self.seen["builds"] += 1
            await asyncio.sleep(BETWEEN_BUILDS)

    async def _succeeds(self, build_id: str) -> bool:
        with suppress(BuildNotFound):  # it is collected as soon as it has ended
            while not (build := await self.builder.get(build_id)).state.ended:  # noqa: ASYNC110
                await asyncio.sleep(LOOKS_EVERY)
            return build.state is BuildState.SUCCEEDED
        return True

    async def look_after(self, before: Collection[str]) -> None:
        """See what is left of what is needed, of which some was needed already before the round."""
        for key, need in list(self.needs.items()):
            found = await self.registry.find(need.image)
            whole = not need.container or await asyncio.to_thread(self._has_content, need)
            if key not in self.needs:
                continue  # it is not needed any more, since a moment ago
            self.seen["content lost"] += not whole
            if found is None:
                self.seen[f"lost for a {need.why}" if key in before else "lost at once"] += 1
            if found is None or found.digest != need.digest:  # a build may have replaced it
                del self.needs[key]

    def _plan(self, address: str, repository: str, commit: str) -> tuple[BuildPlan, Destination]:
        destination = self.registry.destination(f"{self.installation.image_prefix}/{repository}", commit)
        return BuildPlan(secrets.token_hex(16), Source(address), commit, destination.image, ADA, ADA), destination

    def _labels(self, plan: BuildPlan) -> dict[str, str]:
        return image_labels(self.installation.signer, self.installation.instance, plan, "")

    def _push(self, name: ImageName, labels: Mapping[str, str]) -> None:
        put_image(self.url, name.repository, name.tag, labels, created=datetime.now(UTC).isoformat())
        self._pull(f"{name.registry}/{name.repository}", name.tag)

    def _pull(self, repository: str, reference: str) -> None:
        for _ in self.docker.follow("/images/create", {"fromImage": repository, "tag": reference}):
            pass

    def _import(self, name: ImageName, labels: Mapping[str, str]) -> None:
        """Put an image of one file into the engine."""
        import_image(self.docker, f"{name.registry}/{name.repository}", name.tag, labels)

    def _commit(self, name: ImageName, labels: Mapping[str, str]) -> None:
        """Put an image into the engine that programs run from."""
        container = self._container(self.trivial.base)
        query = {"container": container, "repo": f"{name.registry}/{name.repository}", "tag": name.tag}
        self.docker.ask("POST", "/commit", query, {"Labels": labels})
        self.docker.ask("DELETE", f"/containers/{container}")

    def _make(self, plan: BuildPlan) -> None:
        """Let a build find the image that it is to make: a small one to push, else one to run servers from."""
        make = self._import if self.url else self._commit
        make(replace(plan.image, tag=temporary_tag(plan.id)), self._labels(plan))

    def _create(self, image: Image) -> str | None:
        """Make a container as a spawner does, which pulls what the engine does not have; None when nobody has it."""
        try:
            container = self._container(image.launch_reference)
        except EngineError:
            try:
                self._pull(*image.launch_reference.split("@"))
                container = self._container(image.launch_reference)
            except (EngineError, TypeError):
                return None
        self.needs[container] = Need("server", image.name, image.digest, container)
        if self._is_runnable(image.name) and self.chance.random() < 0.5:
            self.docker.ask("POST", f"/containers/{container}/start")
        return container

    def _container(self, image: str) -> str:
        wanted = {"Image": image, "Entrypoint": [], "Cmd": ["sleep", "600"]}
        created: str = self.docker.ask("POST", "/containers/create", None, wanted)["Id"]
        return created

    def _is_runnable(self, image: ImageName) -> bool:
        return not self.url and "/built-" in str(image)

    def _has_content(self, need: Need) -> bool:
        """Whether the engine gives a file of the image that a container is made of; true of one that is gone itself."""
        supplied = "/layer-0" if self.url and "/supplied-" in str(need.image) else "/token"
        file = "/bin/sh" if self._is_runnable(need.image) else supplied
        try:
            with self.docker.open("HEAD", f"/containers/{need.container}/archive", {"path": file}):
                return True
        except EngineError as error:
            return "No such container" in str(error) or need.container not in self.needs
