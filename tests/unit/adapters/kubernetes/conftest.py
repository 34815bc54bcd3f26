"""A played cluster, and builders that use it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.kubernetes.played_api import PlayedApi
from tests.unit.adapters.kubernetes.played_cluster import PlayedCluster

from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer

MakeBuilder = Callable[..., KubernetesImageBuilder]


@pytest.fixture
async def api() -> PlayedApi:
    return PlayedApi()


@pytest.fixture
async def cluster(api: PlayedApi) -> AsyncIterator[PlayedCluster]:
    played = PlayedCluster(api)
    yield played
    await played.stop()


@pytest.fixture
async def kubeconfig(api: PlayedApi, cluster: PlayedCluster, tmp_path: Path) -> AsyncIterator[str]:
    async with api.listening(tmp_path) as path:
        yield path


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation("test", Signer([b"a key for tests only"]), tmp_path)


@pytest.fixture
async def make_builder(kubeconfig: str, installation: Installation) -> AsyncIterator[MakeBuilder]:
    """Make builders that see to nothing until they are entered."""
    made: list[KubernetesImageBuilder] = []

    def make(**traits: Any) -> KubernetesImageBuilder:
        chosen = {"kubeconfig": kubeconfig, "namespace": "builds", "concurrency": 1} | traits
        made.append(KubernetesImageBuilder(installation=installation, **chosen))
        return made[-1]

    yield make
    for builder in made:
        await builder._cluster.close()


@pytest.fixture
async def builder(make_builder: MakeBuilder) -> AsyncIterator[KubernetesImageBuilder]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(make_builder())
