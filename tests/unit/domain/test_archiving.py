"""Logs are archived when their builds have ended, and before these go."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.domain.admitting import Clock
from tests.unit.domain.archives import Shelf
from tests.unit.domain.people import person, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.archive.archiving import Archiver
from repo2docker_service.domain.archive.final_records import build_from_record, build_to_record
from repo2docker_service.domain.archive.kept_builds import KeptBuilds
from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import (
    BuildFinished,
    BuildNotFound,
    LogCollected,
    RegistryUnavailable,
)
from repo2docker_service.domain.models import Build, BuildState, Destination, LogChunk, Progress, Reason
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.retention.leftovers import Kind
from repo2docker_service.domain.retention.removal import RemovalService
from repo2docker_service.domain.streams.following import Follower

ada = person("ada", "builds:create!user", "builds:read!user", "builds:cancel!user")
bob = person("bob", "builds:read!user")
root = person("root", "admin")
LINES = ["one", "two", "three"]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def archiver(builder: InMemoryImageBuilder, shelf: Shelf, clock: Clock) -> Archiver:
    return Archiver(builder, shelf, clock)


@pytest.fixture
def kept(builds: BuildService, shelf: Shelf) -> BuildService:
    return replace(builds, archive=shelf)


async def ended(
    builder: InMemoryImageBuilder, reason: Reason | None = Reason.BUILD_FAILED, *, private: bool = False
) -> Build:
    plan = replace(plan_of(private=private), image=replace(plan_of().image, tag=plan_of().id))
    await builder.start(plan, Destination(plan.image, push=False))
    builder.begin(plan.id)
    builder.write(plan.id, *LINES)
    builder.finish(plan.id, reason)
    return await builder.get(plan.id)


async def collected(builder: InMemoryImageBuilder, archiver: Archiver) -> Build:
    """Give a build that only the archive has."""
    build = await ended(builder)
    await archiver.keep(build)
    await builder.forget(build.id)
    return build


async def text(items: Follower) -> list[str]:
    return [line async for item in items if isinstance(item, LogChunk) for line in item.lines]


def cleaning(
    builder: InMemoryImageBuilder, registry: InMemoryRegistry, clock: Clock, archiver: Archiver
) -> CleanupService:
    policy = Policy(lambda *_: True)
    return CleanupService(builder, registry, CuratedImages(registry), policy, clock, archiver=archiver)


async def test_a_log_is_archived_soon_after_its_build_has_ended_and_what_had_ended_before_too(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf
) -> None:
    before = await ended(builder)
    async with archiver.running():
        await shelf.until(before.id)
        after = await ended(builder)
        await shelf.until(after.id)

    assert shelf.kept[after.id][1] == LINES


async def test_each_is_archived_once_also_where_another_replica_did_it(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf
) -> None:
    build = await ended(builder)
    await Archiver(builder, shelf).keep(build)

    for _ in range(2):
        await archiver.sweep()
        await archiver.keep(build)

    assert [asked for asked in shelf.asked if asked.startswith("put")] == [f"put {build.id}"]


@pytest.mark.parametrize("error", [RegistryUnavailable("registry", "not this one"), ValueError("nobody knows")])
async def test_a_build_that_cannot_be_archived_is_in_the_way_of_no_other(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf, error: Exception
) -> None:
    hopeless, before = await ended(builder), await ended(builder)
    shelf.refused[hopeless.id] = error
    async with archiver.running():
        await shelf.until(before.id)
        told = await ended(builder)
        shelf.refused[told.id] = error
        after = await ended(builder)
        await shelf.until(after.id)

    assert set(shelf.kept) == {before.id, after.id}
    assert set(archiver.waiting) == {hopeless.id, told.id}
    [warning] = await archiver.warnings()
    assert "nobody knows" not in warning


async def test_an_archive_that_fails_for_several_is_spared_the_rest_and_those_have_their_turn_the_next_time(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf
) -> None:
    builds = [await ended(builder) for _ in range(12)]
    good = {build.id for build in builds[-2:]}
    shelf.refused = {build.id: RegistryUnavailable("registry", "no") for build in builds if build.id not in good}
    rounds = []
    for _ in range(3):
        shelf.asked.clear()
        await archiver.sweep()
        rounds.append([asked for asked in shelf.asked if asked.startswith("put")])

    assert [len(tried) for tried in rounds] == [5, 5, 7], "the two that are left go first, and after them those"
    assert rounds[0] == rounds[2][2:]
    assert set(shelf.kept) == good


async def test_what_ended_is_archived_also_where_the_archive_does_not_tell_what_it_has(
    builder: InMemoryImageBuilder, shelf: Shelf, clock: Clock
) -> None:
    class Silent(Shelf):
        async def ids(self) -> list[str]:
            raise RegistryUnavailable("registry", "it has no list")

    silent, build = Silent(), await ended(builder)
    archiver = Archiver(builder, silent, clock)
    for _ in range(2):
        await archiver.sweep()

    assert silent.asked == [f"put {build.id}"]


@pytest.mark.parametrize("how", ["forgotten", "collected for its age", "collected for the number"])
async def test_a_build_that_is_forgotten_while_it_is_archived_does_not_come_back_and_one_that_is_collected_stays(
    builder: InMemoryImageBuilder, clock: Clock, how: str
) -> None:
    class Slow(Shelf):
        async def put(self, build: Build, log: AsyncIterator[LogChunk]) -> bool:
            put = await super().put(build, log)
            if build.id not in forgotten:
                forgotten.append(build.id)
                # As another replica does.
                await KeptBuilds(builder, Shelf() if "collected" in how else self).forget(build.id)
                self.kept[build.id] = build, LINES
            return put

    forgotten: list[str] = []
    slow, build = Slow(), await ended(builder)
    await ended(builder)
    builder.retention_days, builder.retention_count = (30, 1) if how == "collected for the number" else (30, 2)
    clock.ahead += timedelta(days=31 if how == "collected for its age" else 0)
    archiver = Archiver(builder, slow, clock)
    await archiver.keep(build)

    assert forgotten == [build.id]
    assert (build.id in slow.kept) is ("collected" in how)


async def test_what_an_archive_does_not_want_goes_without(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf
) -> None:
    assert await archiver.may_go(await ended(builder, private=True))
    assert await Archiver(builder, NO_ARCHIVE).may_go(await ended(builder))
    assert shelf.asked == []


async def test_a_build_is_collected_when_it_is_archived_and_while_the_archive_is_away_it_stays_for_so_long(
    builder: InMemoryImageBuilder, registry: InMemoryRegistry, archiver: Archiver, shelf: Shelf, clock: Clock
) -> None:
    builder.retention_days = 30
    cleanup = cleaning(builder, registry, clock, archiver)
    first, second = await ended(builder), await ended(builder)
    clock.ahead += timedelta(days=31)
    shelf.away = True
    assert await cleanup.collect() == []
    assert set(archiver.waiting) == {first.id, second.id}
    [warning] = await archiver.warnings()
    assert "are kept until then: 2. The registry does not answer: it is away" in warning

    shelf.away = False
    assert await archiver.may_go(first)
    shelf.away = True
    assert {gone.name for gone in await cleanup.collect()} == {first.id}
    clock.ahead += timedelta(days=7)
    assert {gone.name for gone in await cleanup.collect()} == {second.id}

    assert [*shelf.kept] == [first.id]
    shelf.away = False
    await archiver.sweep()
    assert await archiver.warnings() == ()


async def test_archived_logs_go_when_their_own_time_has_come(
    builder: InMemoryImageBuilder, registry: InMemoryRegistry, archiver: Archiver, shelf: Shelf, clock: Clock
) -> None:
    build = await collected(builder, archiver)
    shelf.retention = timedelta(days=365)
    cleanup = cleaning(builder, registry, clock, archiver)
    clock.ahead += timedelta(days=364)
    assert await cleanup.collect() == []

    clock.ahead += timedelta(days=2)
    shelf.away = True
    assert await cleanup.collect() == []
    shelf.away = False
    [gone] = await cleanup.collect()

    assert (gone.kind, gone.name, gone.why) == (Kind.BUILD, build.id, "It ended more than 365 days ago.")
    assert shelf.kept == {}


async def test_who_may_see_a_build_reads_its_archived_log_from_any_line_and_nobody_else_learns_of_it(
    builder: InMemoryImageBuilder, archiver: Archiver, kept: BuildService
) -> None:
    build = await collected(builder, archiver)

    assert await text(await kept.log(ada, build.id)) == LINES
    items = [item async for item in await kept.follow(ada, build.id, "2")]
    assert [item.lines for item in items if isinstance(item, LogChunk)] == [("three",)]
    assert isinstance(items[-1], Build)
    assert (items[-1].id, items[-1].state, items[-1].reused) == (build.id, BuildState.FAILED, False)
    with pytest.raises(BuildNotFound):
        await kept.log(bob, build.id)
    with pytest.raises(BuildFinished):
        await kept.cancel(ada, build.id)


async def test_a_log_is_read_on_in_the_archive_when_its_build_is_collected_meanwhile(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf
) -> None:
    build = await collected(builder, archiver)

    class Vanishing(InMemoryImageBuilder):
        async def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncIterator[LogChunk]:
            yield LogChunk(1, ("one",), "1")
            raise BuildNotFound(build_id)

    vanishing = Vanishing(installation=builder.installation)
    chunks = [chunk async for chunk in KeptBuilds(vanishing, shelf).read_log(build.id)]

    assert [line for chunk in chunks for line in chunk.lines] == LINES


@pytest.mark.parametrize("is_archived", [True, False])
async def test_a_log_that_went_before_its_build_is_read_in_the_archive_or_told_to_be_gone(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf, is_archived: bool
) -> None:
    class Forgetful(InMemoryImageBuilder):
        async def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncIterator[LogChunk]:
            if build_id:
                raise LogCollected(build_id)
            yield LogChunk(1, (), "1")

    build = await ended(builder)
    if is_archived:
        await archiver.keep(build)
    forgetful = Forgetful(installation=builder.installation)
    await Archiver(forgetful, shelf).keep(build)
    chunks = KeptBuilds(forgetful, shelf).read_log(build.id)

    if is_archived:
        assert [line async for chunk in chunks for line in chunk.lines] == LINES
    else:
        with pytest.raises(LogCollected):
            await anext(chunks)


async def test_while_the_archive_is_away_it_is_told_as_such_and_not_as_a_log_that_is_gone(
    builder: InMemoryImageBuilder, registry: InMemoryRegistry, archiver: Archiver, shelf: Shelf, kept: BuildService
) -> None:
    build = await ended(builder, None)
    await archiver.keep(build)
    await builder.forget(build.id)

    shelf.away = True
    assert (await kept.get(root, build.id)).reused, "its image tells of it"
    with pytest.raises(RegistryUnavailable):
        await kept.log(root, build.id)

    shelf.away = False
    await shelf.remove(build.id)
    with pytest.raises(LogCollected):
        await kept.log(root, build.id)


async def test_forgetting_a_build_removes_its_archived_log_with_it_or_after_it(
    builder: InMemoryImageBuilder, archiver: Archiver, shelf: Shelf, kept: BuildService
) -> None:
    here = await ended(builder)
    await archiver.keep(here)
    for build in (here, await collected(builder, archiver)):
        await kept.forget(ada, build.id)

    assert shelf.kept == {}
    with pytest.raises(BuildNotFound):
        await kept.forget(ada, here.id)


async def test_all_that_an_owner_has_goes_from_the_archive_too(
    builder: InMemoryImageBuilder, registry: InMemoryRegistry, archiver: Archiver, shelf: Shelf, policy: Policy
) -> None:
    build = await collected(builder, archiver)
    removal = RemovalService(builder, registry, CuratedImages(registry), policy, shelf)

    previewed = await removal.preview(root, build.plan.owner)
    removed = await removal.remove(root, build.plan.owner)

    assert previewed == removed
    assert [(each.what.name, each.stays) for each in removed.items] == [(build.id, "")]
    assert shelf.kept == {}


@pytest.mark.parametrize("reason", [None, *Reason])
async def test_an_ended_build_is_read_as_it_was_written(builder: InMemoryImageBuilder, reason: Reason | None) -> None:
    told: dict[str, Any] = {
        "progress": Progress(3, 4),
        "made_by": "b" * 32,
        "settings": "{}",
        "builder_image": "a",
        "message": "é",
    }
    build = replace(await ended(builder, reason), launchable=None, cause=None, builder_image_id="sha256:a", **told)

    assert build_from_record(build_to_record(build) | {"of_a_later_release": 1}) == build
