"""What goes before its time while too little disk is free, and what goes only by a rule of an administrator."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.domain.admitting import Clock, start
from tests.unit.domain.people import BOB, image_of, person, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import BuilderUnavailable, DiskLow, RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Destination, Image, ImageList, ImageName
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.retention import cleanup as module
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.retention.leftovers import Kind, Leftover
from repo2docker_service.domain.retention.retention import LocalCopy, SpareCache

root = person("root", "admin")


class SmallDisk(InMemoryImageBuilder):
    """Each copy takes as much of the disk as it says."""

    disk = 100
    cache = 0

    async def free_disk(self) -> int | None:
        return self.disk - self.cache - sum(copy.size for copy in await self.copies())

    async def spare_cache(self) -> SpareCache | None:
        return SpareCache(self.cache - 5, datetime(2026, 1, 1, tzinfo=UTC)) if self.cache > 5 else None

    async def prune_cache(self) -> int:
        freed, self.cache = self.cache - 5, 5
        return freed


@pytest.fixture
async def builder(installation: Installation) -> AsyncIterator[SmallDisk]:
    async with SmallDisk(installation=installation, manual=True, local_copy_days=30, min_free_disk=50) as builder:
        yield builder


@pytest.fixture
def registry(installation: Installation) -> InMemoryRegistry:
    return InMemoryRegistry(installation=installation, push=True)


@pytest.fixture
def entries() -> list[CatalogEntry]:
    return []


@pytest.fixture
def cleanup(
    builder: SmallDisk, registry: InMemoryRegistry, policy: Policy, clock: Clock, entries: list[CatalogEntry]
) -> CleanupService:
    return CleanupService(builder, registry, CuratedImages(registry, lambda: entries), policy, clock)


@pytest.fixture
def images(builder: SmallDisk, registry: InMemoryRegistry, clock: Clock) -> list[Image]:
    """Give four images of a repository, the newest first; the engine has a copy of each."""
    made = []
    for days in range(4):
        image = replace(image_of(plan_of(tag=str(days))), created_at=clock() - timedelta(days=days))
        registry.put(image)
        builder.keep_copy(LocalCopy(image.name, image.digest, image.plan, image.created_at, 20, in_use=False))
        made.append(image)
    return made


def names(gone: object) -> list[str]:
    assert isinstance(gone, list)
    return [each.name.rpartition(":")[2] for each in gone if isinstance(each, Leftover)]


async def copies_of(builder: SmallDisk) -> list[str]:
    return sorted(copy.name.tag for copy in await builder.copies())


async def test_the_oldest_copies_go_before_their_time_until_there_is_room(
    builder: SmallDisk, cleanup: CleanupService, images: list[Image]
) -> None:
    assert await builder.free_disk() == 20

    previewed = await cleanup.preview(root)
    assert {each.why for each in previewed} == {"The disk is short; the registry has it."}
    assert names(previewed) == names(await cleanup.clean_up(root)) == ["3", "2"]
    assert await builder.free_disk() == 60
    assert await cleanup.preview(root) == []


async def test_where_the_engine_cannot_let_go_of_one_the_next_ones_go(
    builder: SmallDisk, cleanup: CleanupService, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = builder.drop_copy

    async def drop_all_but_the_oldest(copy: LocalCopy) -> bool:
        if copy.name.tag == "3":
            raise BuilderUnavailable("engine", "it refuses: device or resource busy")
        return await drop(copy)

    monkeypatch.setattr(builder, "drop_copy", drop_all_but_the_oldest)

    assert names(await cleanup.make_room()) == ["2", "1"]
    assert await builder.free_disk() == 60


async def test_where_there_is_room_they_stay(builder: SmallDisk, cleanup: CleanupService, images: list[Image]) -> None:
    builder.min_free_disk = 20

    assert await cleanup.clean_up(root) == []


async def test_however_little_is_free_the_newest_copy_and_those_in_use_stay(
    builder: SmallDisk, cleanup: CleanupService, images: list[Image]
) -> None:
    builder.disk = 0
    used = next(copy for copy in await builder.copies() if copy.name.tag == "2")
    builder.keep_copy(replace(used, in_use=True))

    await cleanup.clean_up(root)

    assert await copies_of(builder) == ["0", "2"]


async def test_copies_that_are_kept_for_ever_stay(
    builder: SmallDisk, cleanup: CleanupService, images: list[Image]
) -> None:
    builder.disk, builder.local_copy_days = 0, 0

    assert await cleanup.clean_up(root) == []


async def test_a_build_that_was_refused_for_want_of_space_is_taken_once_old_copies_have_gone_by_themselves(
    builder: SmallDisk,
    registry: InMemoryRegistry,
    cleanup: CleanupService,
    images: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pause in ("_FIRST", "_LOOK"):
        monkeypatch.setattr(module, pause, 0.001)
    admission = Admission(builder, registry)
    with pytest.raises(DiskLow):
        await start(admission, tag="wanted")

    async with cleanup.running(), asyncio.timeout(5):
        while await builder.free_disk() < builder.min_free_disk:  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    assert (await start(admission, tag="wanted")).state is BuildState.QUEUED


async def test_the_disk_is_looked_at_between_the_rounds_of_all_else(
    builder: SmallDisk, cleanup: CleanupService, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("_FIRST", "_LOOK"):
        monkeypatch.setattr(module, pause, 0.001)
    monkeypatch.setattr(module, "_EVERY", 10**9)
    builder.min_free_disk = 0
    collect, first_round = CleanupService.collect, asyncio.Event()

    async def collect_and_tell(self: CleanupService) -> Sequence[Leftover]:
        gone = await collect(self)
        first_round.set()
        return gone

    monkeypatch.setattr(CleanupService, "collect", collect_and_tell)
    async with cleanup.running(), asyncio.timeout(5):
        await first_round.wait()
        builder.min_free_disk = 50
        while len(await builder.copies()) > 2:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_images_stay_for_ever_unless_an_administrator_says_otherwise(
    registry: InMemoryRegistry, cleanup: CleanupService, images: list[Image], clock: Clock, builder: SmallDisk
) -> None:
    clock.ahead, builder.min_free_disk, builder.local_copy_days = timedelta(days=10_000), 0, 0

    assert await cleanup.clean_up(root) == []
    assert len((await registry.list()).images) == 4


@pytest.fixture
def ruled(cleanup: CleanupService, builder: SmallDisk) -> CleanupService:
    """Images go after two days, and nothing else does."""
    builder.min_free_disk = 0
    return replace(cleanup, images_for=timedelta(days=2))


async def test_old_images_go_with_their_copies_where_the_rule_says_so(
    builder: SmallDisk, registry: InMemoryRegistry, ruled: CleanupService, images: list[Image], clock: Clock
) -> None:
    clock.ahead = timedelta(minutes=1)

    previewed = await ruled.preview(root)

    assert {each.why for each in previewed} == {
        "It was made more than 2 days ago, and there is a newer one of its repository."
    }
    assert previewed == await ruled.clean_up(root)
    assert [(each.kind, each.name) for each in previewed] == [
        (Kind.IMAGE, str(images[3].name)),
        (Kind.IMAGE, str(images[2].name)),
    ]
    assert {image.name for image in (await registry.list()).images} == {images[0].name, images[1].name}
    assert await copies_of(builder) == ["0", "1"]


async def test_what_is_used_protected_or_another_owners_newest_stays(
    registry: InMemoryRegistry,
    ruled: CleanupService,
    images: list[Image],
    clock: Clock,
    entries: list[CatalogEntry],
) -> None:
    clock.ahead = timedelta(days=20)
    bobs = image_of(plan_of(BOB, tag="bobs"))
    registry.put(bobs)
    registry.use(images[1].name, "a server")
    chosen = replace(images[2], plan=replace(images[2].plan, commit="b" * 40))
    registry.put(chosen)
    entries.append(CatalogEntry("https://example.org/a/b", commit="b" * 40, curation=Curation(featured=True)))

    assert names(await ruled.clean_up(root)) == ["3"]


async def test_an_image_that_is_taken_into_use_or_built_again_after_it_was_found_stays(
    builder: SmallDisk, ruled: CleanupService, images: list[Image], clock: Clock
) -> None:
    clock.ahead = timedelta(minutes=1)
    again = replace(plan_of(), image=images[2].name)

    class Late(SmallDisk):
        """Hears of a server and of a build when all has been found."""

        used: frozenset[str] = frozenset()

        async def copies(self) -> list[LocalCopy]:
            self.used = frozenset({images[3].launch_reference})
            await self.start(again, Destination(again.image, push=True))
            return []

        async def used_images(self) -> frozenset[str]:
            return self.used

    late = Late(installation=builder.installation, manual=True)

    assert len(await ruled.preview(root)) == 2
    assert await replace(ruled, builder=late).clean_up(root) == []


async def test_an_image_stays_whose_copy_the_engine_does_not_let_go(
    builder: SmallDisk, ruled: CleanupService, images: list[Image], clock: Clock
) -> None:
    class Refusing(SmallDisk):
        """Has just begun to make a container."""

        async def drop_copy(self, copy: LocalCopy) -> bool:
            return copy.name != images[3].name and await super().drop_copy(copy)

    clock.ahead = timedelta(minutes=1)
    refusing = Refusing(installation=builder.installation, manual=True)

    assert names(await replace(ruled, builder=refusing).clean_up(root)) == ["2"]


async def test_an_image_that_the_registry_does_not_let_go_stays_and_the_others_go(
    registry: InMemoryRegistry, ruled: CleanupService, images: list[Image], clock: Clock
) -> None:
    clock.ahead = timedelta(minutes=1)
    registry.put(images[3], replace(images[3].name, tag="alias"))

    assert names(await ruled.clean_up(root)) == ["2"]


async def test_while_the_registry_is_away_no_image_goes_and_all_else_does(
    builder: SmallDisk, registry: InMemoryRegistry, ruled: CleanupService, images: list[Image], clock: Clock
) -> None:
    class Away(InMemoryRegistry):
        async def list(self) -> ImageList:
            raise RegistryUnavailable("registry", "it is away")

    clock.ahead, builder.cache = timedelta(days=100), 6
    away = Away(installation=builder.installation, push=True)

    gone = await replace(ruled, registry=away, curated=CuratedImages(away)).clean_up(root)

    assert Kind.IMAGE not in {each.kind for each in gone}
    assert Kind.CACHE in {each.kind for each in gone}


async def test_the_build_cache_is_cut_to_its_limit_and_told(
    builder: SmallDisk, cleanup: CleanupService, caplog: pytest.LogCaptureFixture
) -> None:
    builder.cache = 30

    [spare] = await cleanup.preview(root)
    assert builder.cache == 30
    with caplog.at_level(logging.INFO, "repo2docker_service.audit"):
        assert await cleanup.clean_up(root) == [spare]

    assert (spare.kind, spare.size, builder.cache) == (Kind.CACHE, 25, 5)
    assert caplog.messages == ["action=collect who=service outcome=done kind=cache target=build-cache"]


@pytest.mark.parametrize("gone", [True, False])
async def test_the_copy_of_another_build_under_the_name_of_a_deleted_image_stays(
    builder: SmallDisk,
    registry: InMemoryRegistry,
    ruled: CleanupService,
    images: list[Image],
    clock: Clock,
    gone: bool,
) -> None:
    clock.ahead = timedelta(minutes=1)
    name: ImageName = images[3].name
    if not gone:
        [copy] = [copy for copy in await builder.copies() if copy.name == name]
        builder.keep_copy(replace(copy, plan=replace(copy.plan, id="ef" * 16)))

    await ruled.clean_up(root)

    assert (name in {copy.name for copy in await builder.copies()}) is not gone
