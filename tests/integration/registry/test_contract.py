"""A real registry does what the port promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.integration.registry.images import Shelf, registry_at
from tools.parts.registry import RunningRegistry
from tools.parts.registry_content import put_image

from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Image, ImageName
from repo2docker_service.testing.registry import Alias, RegistryContract, Store


@pytest.fixture
def shelf(server: RunningRegistry, installation: Installation) -> Shelf:
    return Shelf(server.url, installation)


class TestV2Registry(RegistryContract):
    @pytest.fixture
    async def registry(self, server: RunningRegistry, installation: Installation) -> AsyncIterator[V2Registry]:
        async with registry_at(server.url, installation) as registry:
            yield registry

    @pytest.fixture
    def readers(self) -> str:
        return "everybody"

    @pytest.fixture
    def store(self, shelf: Shelf) -> Store:
        async def store(repository: str, tag: str) -> Image:
            return await shelf.put(repository, tag)

        return store

    @pytest.fixture
    def store_foreign(self, server: RunningRegistry) -> Callable[[str, str], Awaitable[object]]:
        async def store(repository: str, tag: str) -> None:
            put_image(server.url, repository, tag, {})

        return store

    @pytest.fixture
    def alias(self, shelf: Shelf) -> Alias:
        async def alias(image: Image) -> ImageName:
            return await shelf.alias(image)

        return alias
