"""A thousand images in a real registry: how many requests a list takes, and how long a reader waits."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from tests.integration.registry.images import REPOSITORY, Shelf, registry_at, tag_again
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.registry import running_registry

from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import ImageList
from repo2docker_service.domain.signing import Signer

pytestmark = pytest.mark.slow

IMAGES = 1000
ALIASES = 10
CONNECTIONS = 10


@dataclass(frozen=True)
class Requests:
    """What was asked of the registry."""

    pages: int
    heads: int
    manifests: int
    configs: int
    all: int
    most_in_flight: int

    @classmethod
    def of(cls, proxy: RegistryProxy) -> Requests:
        """Count what a proxy has seen."""
        patterns = ["GET /v2/(_catalog|.*/tags/list)", "HEAD .*/manifests/", "GET .*/manifests/", "GET .*/blobs/"]
        pages, heads, manifests, configs = (len(proxy.seen(pattern)) for pattern in patterns)
        return cls(pages, heads, manifests, configs, len(proxy.requests), proxy.most_in_flight)


@dataclass
class Full:
    """A registry with many images, of which nothing is known; a proxy counts what it is asked."""

    proxy: RegistryProxy
    installation: Installation

    @asynccontextmanager
    async def opened(self, refresh_seconds: float = 60.0) -> AsyncIterator[V2Registry]:
        """Open the registry, counting from now on."""
        self.proxy.forget()
        async with registry_at(
            self.proxy.url, self.installation, refresh_seconds=refresh_seconds, connections=CONNECTIONS
        ) as registry:
            yield registry


@dataclass(frozen=True)
class Cold:
    """What happened when the images were first listed, for several readers."""

    full: Full
    requests: Requests
    listed: ImageList
    seconds: float


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    folder = tmp_path_factory.mktemp("registry")
    installation = Installation("test", Signer([secrets.token_bytes(32)]), folder)
    with running_registry(folder) as server, registry_proxy(server.port) as proxy:
        images = asyncio.run(Shelf(proxy.url, installation, server.url).put_many(IMAGES))
        for number, digest in enumerate(list(images.values())[:ALIASES]):
            tag_again(f"{server.url}/v2/{REPOSITORY}/manifests", digest, f"other-{number}")
        yield Full(proxy, installation)


@pytest.fixture(scope="module")
def cold(full: Full) -> Cold:
    return asyncio.run(list_for_the_first_time(full))


async def list_for_the_first_time(full: Full) -> Cold:
    async with full.opened() as registry:
        begun = time.perf_counter()
        lists = await asyncio.gather(*(complete(registry) for _ in range(5)))
        return Cold(full, Requests.of(full.proxy), lists[0], time.perf_counter() - begun)


async def complete(registry: V2Registry) -> ImageList:
    """Read again and again, as people do who see that a list is not complete yet."""
    while (listed := await registry.list()).stale:  # noqa: ASYNC110  # readers are not told
        await asyncio.sleep(0.1)
    return listed


def test_a_cold_list_fetches_the_content_of_each_digest_once(cold: Cold) -> None:
    """Cases 72 and 73: of five readers, four cause no requests."""
    assert len(cold.listed.images) == IMAGES
    assert (cold.requests.manifests, cold.requests.configs) == (IMAGES, IMAGES)
    assert cold.requests.heads == ALIASES
    assert cold.requests.all == cold.requests.pages + 2 * IMAGES + ALIASES


def test_never_more_requests_than_connections_are_on_their_way(cold: Cold) -> None:
    """Case 74."""
    assert 2 <= cold.requests.most_in_flight <= CONNECTIONS


async def test_a_warm_list_asks_only_where_tags_point_to(cold: Cold) -> None:
    """Case 71: when everything is looked at again, and after a restart at that."""
    async with cold.full.opened(refresh_seconds=0.0) as registry:
        listed = await registry.list()

    requests = Requests.of(cold.full.proxy)
    assert len(listed.images) == IMAGES
    assert (requests.manifests, requests.configs) == (0, 0)
    assert requests.heads % (IMAGES + ALIASES) == 0
    assert requests.all == requests.pages + requests.heads


async def test_a_reader_of_a_warm_list_waits_for_no_request(cold: Cold) -> None:
    async with cold.full.opened() as registry:
        listed = await complete(registry)
        cold.full.proxy.forget()
        times = []
        for _ in range(20):
            begun = time.perf_counter()
            await registry.list()
            times.append(time.perf_counter() - begun)

    assert len(listed.images) == IMAGES
    assert cold.full.proxy.requests == []
    assert sorted(times)[len(times) // 2] < 0.02
