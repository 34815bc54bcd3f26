"""On a real engine and a real registry, logs are read after their containers are gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.integration.docker_builds import ADA
from tests.integration.push_places import Place, ended
from tests.integration.registry.images import registry_at

from repo2docker_service.adapters.archives.registry import RegistryLogArchive
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.archiving import Archiver
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.kept_builds import KeptBuilds
from repo2docker_service.domain.models import BuildState, Identity, LogChunk
from repo2docker_service.domain.naming import ImageNaming
from repo2docker_service.domain.orders.admission import Admission, now
from repo2docker_service.domain.orders.ordering import Orders
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.retention.leftovers import Kind
from repo2docker_service.domain.retention.removal import RemovalService
from repo2docker_service.domain.streams.following import Follower

ada = Identity("ada", scopes=frozenset({"builds:create", "builds:read"}))
root = Identity("root", scopes=frozenset({"admin"}))
policy = Policy(scopes_allow)


@pytest.fixture
async def registry(place: Place, installation: Installation) -> AsyncIterator[V2Registry]:
    async with registry_at(place.registry.url, installation) as registry:
        yield registry


@pytest.fixture
def archive(registry: V2Registry, installation: Installation) -> RegistryLogArchive:
    return RegistryLogArchive(store=registry.artifacts, installation=installation)


def service(
    builder: DockerImageBuilder, registry: V2Registry, archive: RegistryLogArchive, installation: Installation
) -> BuildService:
    resolver = InMemorySourceResolver(installation=installation)
    naming = ImageNaming(installation.image_prefix, installation.signer)
    orders = Orders(registry, resolver, naming, policy, CuratedImages(registry))
    explainer = Explainer(KeptBuilds(builder, archive))
    return BuildService(builder, registry, policy, orders, Admission(builder, registry), explainer, archive=archive)


async def text(items: Follower) -> list[str]:
    return [line async for item in items if isinstance(item, LogChunk) for line in item.lines]


async def test_the_logs_of_builds_are_as_they_were_when_their_containers_are_gone_and_go_with_their_owner(
    place: Place,
    builder: DockerImageBuilder,
    registry: V2Registry,
    archive: RegistryLogArchive,
    installation: Installation,
) -> None:
    builder.push_with(registry)
    started = [await builder.start(*plan) for plan in (place.plan(), place.repositories.script("echo é && false"))]
    made, failed = [await ended(builder, build.id) for build in started]
    assert (made.state, failed.state) == (BuildState.SUCCEEDED, BuildState.FAILED)
    builds = service(builder, registry, archive, installation)
    before = {build.id: await text(await builds.log(ada, build.id)) for build in (made, failed)}
    told = {build.id: await builds.get(ada, build.id) for build in (made, failed)}
    archiver = Archiver(builder, archive)

    later = lambda: now() + timedelta(days=31)  # noqa: E731
    curated = CuratedImages(registry)
    gone = await CleanupService(builder, registry, curated, policy, later, archiver=archiver).collect()

    assert {(each.kind, each.name) for each in gone} == {(Kind.BUILD, made.id), (Kind.BUILD, failed.id)}
    assert await builder.list() == []
    with pytest.raises(BuildNotFound):
        await builder.get(made.id)
    fresh = RegistryLogArchive(store=registry.artifacts, installation=installation)
    builds = service(builder, registry, fresh, installation)
    for build in (made, failed):
        assert await text(await builds.log(ada, build.id)) == before[build.id]
        assert await text(await builds.follow(ada, build.id, "2")) == before[build.id][2:]
        assert await builds.get(ada, build.id) == told[build.id]
    assert [image.name for image in (await registry.list()).images] == [made.plan.image]

    removal = RemovalService(builder, registry, curated, policy, fresh)
    removed = {each.what.name: each.stays for each in (await removal.remove(root, ADA)).items}

    assert {made.id: "", failed.id: "", str(made.plan.image): ""}.items() <= removed.items()
    for build in (made, failed):
        with pytest.raises(BuildNotFound):
            await builds.get(ada, build.id)
    assert await fresh.ids() == []
