"""The use cases over in-memory adapters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.domain.admitting import BusyBuilder, Clock
from tests.unit.domain.logs import WrittenLog

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.images import ImageService
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.naming import ImageNaming
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.ordering import Orders
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.signing import Signer
from repo2docker_service.domain.streams.following import Feeds


@pytest.fixture
def signer() -> Signer:
    return Signer([b"a key for tests only"])


@pytest.fixture
def installation(tmp_path: Path, signer: Signer) -> Installation:
    return Installation("test", signer, tmp_path)


@pytest.fixture
def naming(signer: Signer) -> ImageNaming:
    return ImageNaming("r2d", signer)


@pytest.fixture
def policy() -> Policy:
    return Policy(scopes_allow)


@pytest.fixture
async def builder(installation: Installation) -> AsyncIterator[InMemoryImageBuilder]:
    async with InMemoryImageBuilder(installation=installation, manual=True) as builder:
        yield builder


@pytest.fixture
def registry(installation: Installation) -> InMemoryRegistry:
    return InMemoryRegistry(installation=installation)


@pytest.fixture
def resolver(installation: Installation) -> InMemorySourceResolver:
    return InMemorySourceResolver(installation=installation)


@pytest.fixture
def builds(
    builder: InMemoryImageBuilder,
    registry: InMemoryRegistry,
    resolver: InMemorySourceResolver,
    naming: ImageNaming,
    policy: Policy,
) -> BuildService:
    orders = Orders(registry, resolver, naming, policy, CuratedImages(registry))
    return BuildService(builder, registry, policy, orders, Admission(builder, registry), Explainer(builder))


@pytest.fixture
def images(registry: InMemoryRegistry, naming: ImageNaming, policy: Policy) -> ImageService:
    return ImageService(registry, naming, policy, CuratedImages(registry))


@pytest.fixture
def log() -> WrittenLog:
    return WrittenLog()


@pytest.fixture
def feeds() -> Feeds:
    return Feeds()


@pytest.fixture
async def busy_builder(installation: Installation) -> AsyncIterator[BusyBuilder]:
    async with BusyBuilder(installation=installation, manual=True) as builder:
        yield builder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(busy_builder: BusyBuilder, registry: InMemoryRegistry, clock: Clock) -> Admission:
    return Admission(busy_builder, registry, clock=clock)
