"""The Docker adapters do what the ports promise, on a real engine."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from tests.integration.docker_builds import ADA, Repositories, docker_builder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.reliability.engine_facts import import_image

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.registries.docker_daemon import HOST, DockerDaemonRegistry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, Image, ImageName, Source
from repo2docker_service.domain.records import image_labels
from repo2docker_service.testing.driving import PlanFactory
from repo2docker_service.testing.image_builder import ImageBuilderContract
from repo2docker_service.testing.registry import Alias, Occupy, RegistryContract, Store


@pytest.fixture
async def daemon(engine: Engine, installation: Installation) -> AsyncIterator[DockerDaemonRegistry]:
    async with DockerDaemonRegistry(installation=installation, url=engine.url) as registry:
        yield registry


class TestDockerImageBuilder(ImageBuilderContract):
    @pytest.fixture
    async def builder(
        self, engine: Engine, image: str, installation: Installation, concurrency: int
    ) -> AsyncIterator[DockerImageBuilder]:
        async with docker_builder(engine, image, installation, concurrency=concurrency) as builder:
            yield builder

    @pytest.fixture
    async def other_builder(
        self, engine: Engine, image: str, installation: Installation, concurrency: int
    ) -> AsyncIterator[DockerImageBuilder]:
        async with docker_builder(engine, image, installation, concurrency=concurrency) as other:
            yield other

    @pytest.fixture
    def plan_factory(self, git: GitServer, image: str, installation: Installation) -> PlanFactory:
        return Repositories(git, image, installation)

    @pytest.fixture
    def registry(self, daemon: DockerDaemonRegistry) -> DockerDaemonRegistry:
        return daemon


class TestDockerDaemonRegistry(RegistryContract):
    @pytest.fixture
    def registry(self, daemon: DockerDaemonRegistry) -> DockerDaemonRegistry:
        return daemon

    @pytest.fixture
    def store(self, docker: DockerApi, daemon: DockerDaemonRegistry, installation: Installation) -> Store:
        async def store(repository: str, tag: str) -> Image:
            name = ImageName(HOST, repository, tag)
            plan = BuildPlan(secrets.token_hex(16), Source("https://example.org/a"), "a" * 40, name, ADA, ADA)
            labels = image_labels(installation.signer, installation.instance, plan, "")
            import_image(docker, f"{name.registry}/{name.repository}", tag, labels)
            found = await daemon.find(name)
            assert found is not None
            assert found.plan == plan
            return found

        return store

    @pytest.fixture
    def store_foreign(self, docker: DockerApi) -> Callable[[str, str], Awaitable[object]]:
        async def store(repository: str, tag: str) -> None:
            import_image(docker, f"{HOST}/{repository}", tag, {})

        return store

    @pytest.fixture
    def alias(self, docker: DockerApi) -> Alias:
        async def alias(image: Image) -> ImageName:
            repository = f"{image.name.repository}-alias"
            docker.ask("POST", f"/images/{image.digest}/tag", {"repo": f"{HOST}/{repository}", "tag": "other"})
            return ImageName(HOST, repository, "other")

        return alias

    @pytest.fixture
    def occupy(self, docker: DockerApi) -> Occupy:
        @asynccontextmanager
        async def occupy(image: Image) -> AsyncIterator[None]:
            created = docker.ask("POST", "/containers/create", None, {"Image": image.digest, "Cmd": ["none"]})
            yield
            docker.ask("DELETE", f"/containers/{created['Id']}")

        def used(image: Image) -> AbstractAsyncContextManager[None]:
            return occupy(image)

        return used
