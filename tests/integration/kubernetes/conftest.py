"""A cluster for all tests, and a namespace for each module."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from kubernetes_asyncio import client
from tests.integration.docker_builds import Repositories
from tests.integration.kubernetes.builds import Site, engine_socket, reached
from tests.integration.kubernetes.clusters import (
    Cluster,
    Namespace,
    client_of,
    namespace_of,
    own_cluster,
    shared_cluster,
)
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.reliability.engine_facts import remove_everything

from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that only who asks for a cluster gets one, and who kills parts of it."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("cluster")
            if isinstance(item, pytest.Function) and "fragile" in item.fixturenames:
                item.add_marker("fragile")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give a cluster that other runs may use at the same time: nothing of it is killed."""
    with shared_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def fragile() -> Iterator[Cluster]:
    """Give a cluster of this run alone, to kill parts of; whoever does starts them again."""
    with own_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def cluster_image(cluster: Cluster, engine: Engine, image: str) -> str:
    """Give the name of the repo2docker image, which is in the cluster."""
    cluster.take(image, engine)
    return image


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def namespace(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Namespace]:
    """Give a namespace of this module's own, with an account that may do in it what the service needs."""
    async with namespace_of(cluster, tmp_path_factory.mktemp("namespace")) as made:
        yield made


@pytest.fixture
async def account(namespace: Namespace) -> AsyncIterator[client.ApiClient]:
    """Act as the account of the namespace."""
    async with client_of(namespace.kubeconfig) as api:
        yield api


@pytest.fixture
async def admin(cluster: Cluster) -> AsyncIterator[client.ApiClient]:
    """Act as administrator of the cluster."""
    async with client_of(cluster.kubeconfig) as api:
        yield api


@pytest.fixture(scope="session")
def cluster_git(cluster: Cluster, git: GitServer) -> Iterator[GitServer]:
    """Serve the repositories of all tests to pods, too."""
    with reached(cluster, git) as server:
        yield server


@pytest.fixture
def site(
    cluster: Cluster, namespace: Namespace, cluster_image: str, cluster_git: GitServer, tmp_path: Path
) -> Iterator[Site]:
    """Give an installation of this test's own, of which nothing is left on the node's engine afterwards."""
    name = f"t{secrets.token_hex(6)}"
    installation = Installation(name, Signer([secrets.token_bytes(32)]), tmp_path, f"r2d-{name}")
    repositories = Repositories(cluster_git, cluster_image, installation)
    yield Site(namespace, engine_socket(cluster), cluster_image, installation, repositories)
    if cluster.node is not None:
        remove_everything(cluster.node.docker(), name)


@pytest.fixture
async def fragile_site(
    fragile: Cluster, engine: Engine, image: str, git: GitServer, tmp_path: Path
) -> AsyncIterator[Site]:
    """Give an installation in the cluster of which parts are killed."""
    fragile.take(image, engine)
    name = f"t{secrets.token_hex(6)}"
    installation = Installation(name, Signer([secrets.token_bytes(32)]), tmp_path, f"r2d-{name}")
    async with namespace_of(fragile, tmp_path) as namespace:
        with reached(fragile, git) as server:
            repositories = Repositories(server, image, installation)
            yield Site(namespace, engine_socket(fragile), image, installation, repositories)
