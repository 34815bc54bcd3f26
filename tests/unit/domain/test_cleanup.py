"""Collecting what nobody needs any more: who may, what goes, and what is left alone."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.domain.admitting import Clock
from tests.unit.domain.people import image_of, person, plan_of
from tests.unit.domain.registries import OneRepository

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound, Forbidden, RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Destination, Image, ImageName, Reason
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.retention import cleanup as module
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.retention.leftovers import Kind
from repo2docker_service.domain.retention.retention import LocalCopy

root = person("root", "admin")
WEEK = timedelta(days=7)


class Elsewhere(InMemoryRegistry):
    """A registry that images are pushed to, and that may be away."""

    away = False

    async def find(self, image: ImageName) -> Image | None:
        if self.away:
            raise RegistryUnavailable("registry", "it is away")
        return await super().find(image)


@pytest.fixture
async def builder(installation: Installation) -> AsyncIterator[InMemoryImageBuilder]:
    async with InMemoryImageBuilder(
        installation=installation, manual=True, retention_days=7, local_copy_days=7
    ) as builder:
        yield builder


@pytest.fixture
def registry(installation: Installation) -> Elsewhere:
    return Elsewhere(installation=installation, push=True)


@pytest.fixture
def entries() -> list[CatalogEntry]:
    return []


@pytest.fixture
def cleanup(
    builder: InMemoryImageBuilder, registry: Elsewhere, policy: Policy, clock: Clock, entries: list[CatalogEntry]
) -> CleanupService:
    return CleanupService(builder, registry, CuratedImages(registry, lambda: entries), policy, clock)


async def ended(builder: InMemoryImageBuilder, reason: Reason | None = None) -> str:
    plan = plan_of(tag="ended")
    build = await builder.start(plan, Destination(plan.image, push=True))
    builder.finish(build.id, reason)
    return build.id


def put(builder: InMemoryImageBuilder, registry: Elsewhere, clock: Clock, tag: str, days_old: int) -> LocalCopy:
    """Put an image into the registry, and a copy of it on the engine."""
    image = image_of(plan_of(tag=tag))
    registry.put(image)
    created = clock() - timedelta(days=days_old)
    copy = LocalCopy(image.name, image.digest, image.plan, created, 5, in_use=False)
    builder.keep_copy(copy)
    return copy


@pytest.fixture
def old(builder: InMemoryImageBuilder, registry: Elsewhere, clock: Clock) -> LocalCopy:
    """Give a copy that nobody needs, as there is a newer one."""
    put(builder, registry, clock, "new", 1)
    return put(builder, registry, clock, "old", 30)


async def test_builds_go_when_their_time_has_come_and_not_before(
    builder: InMemoryImageBuilder, cleanup: CleanupService, clock: Clock
) -> None:
    build_id = await ended(builder)
    assert await cleanup.clean_up(root) == []

    clock.ahead += WEEK + timedelta(minutes=1)
    [gone] = await cleanup.clean_up(root)

    assert (gone.kind, gone.name, gone.size) == (Kind.BUILD, build_id, 0)
    with pytest.raises(BuildNotFound):
        await builder.get(build_id)


async def test_a_preview_tells_the_same_and_removes_nothing(
    builder: InMemoryImageBuilder, cleanup: CleanupService, clock: Clock, old: LocalCopy
) -> None:
    await ended(builder, Reason.BUILD_FAILED)
    clock.ahead += WEEK + timedelta(minutes=1)

    # The copy was old before; of what is old, the newest copy stays.
    previewed = await cleanup.preview(root)

    assert previewed == await cleanup.preview(root) == await cleanup.clean_up(root)
    assert [(each.kind, each.size) for each in previewed] == [(Kind.BUILD, 0), (Kind.COPY, old.size)]
    assert await cleanup.preview(root) == []


async def test_the_image_itself_stays(
    registry: Elsewhere, builder: InMemoryImageBuilder, cleanup: CleanupService, old: LocalCopy
) -> None:
    [gone] = await cleanup.clean_up(root)

    assert (gone.kind, gone.name) == (Kind.COPY, str(old.name))
    assert old.name not in {copy.name for copy in await builder.copies()}
    assert await registry.find(old.name) is not None


async def test_copies_go_also_where_one_repository_holds_all_images(
    builder: InMemoryImageBuilder, installation: Installation, cleanup: CleanupService, clock: Clock
) -> None:
    registry = OneRepository(installation=installation)
    for tag, days_old in (("new", 1), ("old", 30)):
        plan = replace(plan_of(), image=registry.destination("r2d/example.org--a--b", tag).image)
        registry.put(image_of(plan))
        created = clock() - timedelta(days=days_old)
        builder.keep_copy(LocalCopy(plan.image, f"sha256:{tag}", plan, created, 5, in_use=False))

    [gone] = await replace(cleanup, registry=registry, curated=CuratedImages(registry)).clean_up(root)

    assert (gone.kind, gone.name) == (Kind.COPY, str(registry.destination("r2d/example.org--a--b", "old").image))


async def test_where_the_engine_is_the_registry_no_image_is_a_copy(
    registry: Elsewhere, cleanup: CleanupService, old: LocalCopy
) -> None:
    assert len(await cleanup.preview(root)) == 1

    registry.push = False

    assert await cleanup.clean_up(root) == []


async def test_an_image_of_another_registry_is_no_copy(
    builder: InMemoryImageBuilder, registry: Elsewhere, cleanup: CleanupService, old: LocalCopy
) -> None:
    registry.address = "elsewhere.example.org"

    assert await cleanup.clean_up(root) == []
    assert len(await builder.copies()) == 2


async def test_what_the_registry_does_not_have_is_the_last_one_and_stays(
    registry: Elsewhere, cleanup: CleanupService, old: LocalCopy
) -> None:
    image = await registry.find(old.name)
    assert image is not None
    await registry.delete(image.name, image.digest)

    assert await cleanup.clean_up(root) == []


async def test_what_the_registry_has_of_another_build_is_no_copy_of_this(
    registry: Elsewhere, cleanup: CleanupService, old: LocalCopy
) -> None:
    registry.put(image_of(plan_of(tag="old")))

    assert await cleanup.clean_up(root) == []


async def test_while_the_registry_is_away_no_copy_goes_and_builds_do(
    builder: InMemoryImageBuilder, registry: Elsewhere, cleanup: CleanupService, clock: Clock, old: LocalCopy
) -> None:
    build_id = await ended(builder)
    clock.ahead += WEEK + timedelta(minutes=1)
    registry.away = True

    assert [gone.name for gone in await cleanup.clean_up(root)] == [build_id]


async def test_a_copy_of_a_protected_image_stays(
    cleanup: CleanupService, entries: list[CatalogEntry], old: LocalCopy
) -> None:
    entries.append(CatalogEntry(old.plan.source.address, commit="a" * 40, curation=Curation(protected=True)))

    assert await cleanup.clean_up(root) == []


async def test_a_copy_that_is_taken_into_use_meanwhile_stays(
    builder: InMemoryImageBuilder, cleanup: CleanupService, old: LocalCopy
) -> None:
    class Quicker(InMemoryImageBuilder):
        async def drop_copy(self, copy: LocalCopy) -> bool:
            self.keep_copy(replace(copy, in_use=True))
            return await super().drop_copy(copy)

    quicker = Quicker(installation=builder.installation, local_copy_days=7)

    assert await replace(cleanup, builder=quicker).clean_up(root) == []
    assert len(await builder.copies()) == 2


class Stuck(InMemoryImageBuilder):
    """An engine that fails for some things, and answers for all else."""

    stuck: frozenset[str] = frozenset()
    tries = 0

    async def forget(self, build_id: str) -> None:
        self.refuse(build_id)
        await super().forget(build_id)

    async def drop_copy(self, copy: LocalCopy) -> bool:
        self.refuse(str(copy.name))
        return await super().drop_copy(copy)

    def refuse(self, name: str) -> None:
        if name in self.stuck:
            self.tries += 1
            raise BuilderUnavailable("engine", "it refuses: device or resource busy")


@pytest.fixture
async def stuck(installation: Installation) -> AsyncIterator[Stuck]:
    async with Stuck(installation=installation, manual=True, retention_days=7, local_copy_days=7) as builder:
        yield builder


async def test_what_the_engine_cannot_remove_keeps_nothing_else(
    stuck: Stuck,
    registry: Elsewhere,
    cleanup: CleanupService,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    build_id = await ended(stuck)
    put(stuck, registry, clock, "new", 1)
    held, other = (put(stuck, registry, clock, tag, age) for tag, age in (("held", 40), ("other", 30)))
    stuck.stuck = frozenset({build_id, str(held.name)})
    clock.ahead += WEEK + timedelta(minutes=1)

    gone = await replace(cleanup, builder=stuck).clean_up(root)

    assert [each.name for each in gone] == [str(other.name)]
    assert f"The build {build_id} is not collected: " in caplog.text
    assert "device or resource busy" in caplog.text


async def test_where_the_engine_removes_nothing_it_is_not_asked_again_for_all_that_there_is(
    stuck: Stuck, registry: Elsewhere, cleanup: CleanupService, clock: Clock
) -> None:
    put(stuck, registry, clock, "new", 1)
    stuck.stuck = frozenset(str(put(stuck, registry, clock, f"old-{number}", 30).name) for number in range(30))

    with pytest.raises(BuilderUnavailable, match="device or resource busy"):
        await replace(cleanup, builder=stuck).clean_up(root)

    assert stuck.tries == 8


async def test_a_builder_that_keeps_everything_is_left_alone(cleanup: CleanupService) -> None:
    class Hoarder:
        """Has nothing that could be asked for."""

    assert await replace(cleanup, builder=Hoarder()).preview(root) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["images:delete", "builds:cancel", "admin!user"])
async def test_only_an_administrator_may_look_or_collect(cleanup: CleanupService, scope: str) -> None:
    for ask in (cleanup.preview, cleanup.clean_up):
        with pytest.raises(Forbidden):
            await ask(person("ada", scope))


async def test_it_happens_by_itself_again_and_again_whatever_goes_wrong(
    builder: InMemoryImageBuilder, cleanup: CleanupService, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("_FIRST", "_LOOK"):
        monkeypatch.setattr(module, pause, 0.001)
    monkeypatch.setattr(module, "_EVERY", 2)
    rounds: list[Exception | None] = [RegistryUnavailable("registry", "it is away"), ValueError("unforeseen"), None]

    class Shaky(InMemoryImageBuilder):
        async def copies(self) -> list[LocalCopy]:
            if rounds and (trouble := rounds.pop(0)):
                raise trouble
            return []

    await ended(builder)
    clock.ahead += WEEK + timedelta(minutes=1)
    shaky = Shaky(installation=builder.installation, local_copy_days=7, retention_days=7)
    async with replace(cleanup, builder=shaky).running(), asyncio.timeout(5):
        while rounds:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    assert await builder.list() == []


async def test_the_audit_stream_tells_what_was_removed(
    cleanup: CleanupService, old: LocalCopy, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "repo2docker_service.audit"):
        await cleanup.preview(root)
        await cleanup.clean_up(root)

    [told] = caplog.messages
    assert told == f"action=collect who=service outcome=done kind=copy target={old.name} repo={old.plan.source.address}"
