"""Readers get what is known at once, and hear how true it is."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.adapters.v2.told_registry import LOG, Desk, name_of, names, settled

from repo2docker_service.adapters.registries.v2.errors import ConnectionFailed
from repo2docker_service.adapters.registries.v2.inventory.freshness import Freshness

OUTAGE = ConnectionFailed("it refused the connection", again=True)


async def test_a_list_says_when_it_was_true(desk: Desk) -> None:
    async with desk.opened(refresh_seconds=60.0) as images:
        listed = await images.list()

    assert datetime.now(UTC) - listed.as_of < timedelta(seconds=5)
    assert not listed.stale


async def test_where_nothing_was_ever_known_an_outage_is_not_an_empty_list(desk: Desk) -> None:
    desk.client.failing["repositories",] = OUTAGE

    async with desk.opened(refresh_seconds=60.0) as images:
        with pytest.raises(ConnectionFailed):
            await images.list()


async def test_the_first_reader_is_told_what_is_known_so_far_when_the_registry_is_slow(desk: Desk) -> None:
    desk.client.put(name_of("found"))
    desk.client.put(name_of("other"))
    desk.client.hold = asyncio.Event()
    async with desk.opened(refresh_seconds=60.0, patience=0.01) as images:
        await asyncio.sleep(0.001)
        held, desk.client.hold = desk.client.hold, None
        await images.find(name_of("found"))
        early = await images.list()
        held.set()
        later = await settled(images)

    assert [image.name.tag for image in early.images] == ["found"]
    assert (early.stale, early.partial) == (True, True)
    assert len(later.images) == 2
    assert not later.partial


async def test_what_was_known_before_a_restart_is_listed_at_once(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        before = await images.list()
    desk.client.hold = asyncio.Event()

    async with desk.opened(refresh_seconds=60.0) as images:
        async with asyncio.timeout(1):
            early = await images.list()
        desk.client.hold.set()
        later = await settled(images)

    assert [image.name for image in early.images] == [name_of()]
    assert (early.images, early.stale, early.partial) == (before.images, True, False)
    assert abs(early.as_of - before.as_of) < timedelta(seconds=1)
    assert later.as_of > early.as_of


async def test_a_restart_fetches_no_content_again(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        await images.list()
    desk.client.count()

    async with desk.opened() as images:
        assert await names(images) == [name_of()]

    assert desk.client.count()["summary"] == 0


async def test_an_outage_after_a_restart_leaves_the_list_as_it_was(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        await images.list()
    desk.client.failing["repositories",] = OUTAGE

    async with desk.opened() as images:
        listed = await images.list()

    assert ([image.name for image in listed.images], listed.stale) == ([name_of()], True)


class Renewals:
    """Counts renewals, which end when they are told."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.problem: Exception | None = None
        self.watched = False

    async def renew(self) -> bool:
        self.begun += 1
        await self.may_end.wait()
        if self.problem:
            raise self.problem
        return False

    def freshness(self, interval: float) -> Freshness:
        return Freshness(self.renew, interval, lambda: self.watched, LOG)


async def test_what_is_new_enough_is_not_renewed() -> None:
    renewals = Renewals()
    freshness = renewals.freshness(60.0)

    for _ in range(5):
        await freshness.for_reader(1.0)
        await asyncio.sleep(0.001)

    assert renewals.begun == 1


async def test_what_is_too_old_is_renewed_while_the_reader_goes_on() -> None:
    renewals = Renewals()
    freshness = renewals.freshness(0.01)
    await freshness.for_reader(1.0)
    await asyncio.sleep(0.02)
    renewals.may_end.clear()

    async with asyncio.timeout(0.5):
        await freshness.for_reader(1.0)
    await asyncio.sleep(0)

    assert renewals.begun == 2
    assert not freshness.stale
    await freshness.stop()


async def test_a_reader_waits_only_so_long_where_nothing_was_ever_known() -> None:
    renewals = Renewals()
    renewals.may_end.clear()
    freshness = renewals.freshness(60.0)

    async with asyncio.timeout(0.5):
        await freshness.for_reader(0.01)

    assert freshness.as_of is None
    assert freshness.stale
    await freshness.stop()


async def test_a_reader_who_leaves_stops_nothing() -> None:
    renewals = Renewals()
    renewals.may_end.clear()
    freshness = renewals.freshness(60.0)
    reader = asyncio.create_task(freshness.for_reader(5.0))
    await asyncio.sleep(0.001)

    reader.cancel()
    await asyncio.wait({reader})
    renewals.may_end.set()
    await freshness.for_reader(1.0)

    assert (renewals.begun, freshness.stale) == (1, False)


async def test_a_reader_who_wants_the_newest_is_not_content_with_what_has_begun_before() -> None:
    renewals = Renewals()
    renewals.may_end.clear()
    freshness = renewals.freshness(0.0)
    first = asyncio.create_task(freshness.for_reader(1.0))
    await asyncio.sleep(0.001)
    second = asyncio.create_task(freshness.for_reader(1.0))
    await asyncio.sleep(0.001)
    assert renewals.begun == 1

    renewals.may_end.set()
    await asyncio.gather(first, second)

    assert renewals.begun == 2


async def test_after_a_failure_the_registry_is_left_alone_for_a_while() -> None:
    renewals = Renewals()
    renewals.problem = OUTAGE
    freshness = renewals.freshness(60.0)

    for _ in range(5):
        await freshness.for_reader(1.0)
        await asyncio.sleep(0.001)

    assert renewals.begun == 1
    assert freshness.failure is OUTAGE


async def test_a_failure_that_lasts_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    renewals = Renewals()
    renewals.problem = OUTAGE
    freshness = renewals.freshness(0.0)

    for _ in range(5):
        await freshness.for_reader(1.0)

    assert renewals.begun == 5
    assert caplog.text.count("it refused the connection") == 1


async def test_a_failure_of_our_own_is_told_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    renewals = Renewals()
    renewals.problem = ZeroDivisionError("a mistake")

    await renewals.freshness(0.0).for_reader(1.0)

    assert "Traceback" in caplog.text


async def test_what_every_reader_is_told_does_not_grow(desk: Desk) -> None:
    desk.client.failing["repositories",] = OUTAGE
    lengths = []
    async with desk.opened(refresh_seconds=60.0) as images:
        for _ in range(3):
            with pytest.raises(ConnectionFailed) as caught:
                await images.list()
            lengths.append(len(caught.traceback))

    assert lengths[1] == lengths[2]


async def test_what_nobody_watches_is_renewed_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repo2docker_service.adapters.registries.v2.inventory.freshness._SHORTEST_PAUSE", 0.001)
    renewals = Renewals()
    freshness = renewals.freshness(0.02)
    freshness.start()
    await asyncio.sleep(0.5)
    unwatched = renewals.begun

    renewals.watched = True
    await asyncio.sleep(0.5)
    await freshness.stop()

    assert 2 <= unwatched <= 4
    assert renewals.begun - unwatched >= 6


async def test_what_is_renewed_for_every_reader_is_renewed_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repo2docker_service.adapters.registries.v2.inventory.freshness._SHORTEST_PAUSE", 0.001)
    renewals = Renewals()
    freshness = renewals.freshness(0)
    freshness.start()
    await asyncio.sleep(0.03)
    await freshness.stop()

    assert renewals.begun == 1


@pytest.mark.parametrize(
    ("interval", "minutes", "stale"), [(60, 14, False), (60, 16, True), (0, 0.5, False), (1, 2, True)]
)
async def test_a_list_that_was_true_long_ago_says_so(interval: float, minutes: float, stale: bool) -> None:
    freshness = Renewals().freshness(interval)
    freshness.start()
    await freshness.for_reader(1)
    assert not freshness.stale

    freshness.as_of = datetime.now(UTC) - timedelta(minutes=minutes)

    assert freshness.stale is stale
    await freshness.stop()


async def test_who_watches_is_told_what_changed_and_of_nothing_else(desk: Desk) -> None:
    desk.client.put(name_of("same"))
    desk.client.put(name_of("moved"))
    desk.client.put(name_of("gone"))
    async with desk.opened() as images:
        await images.list()
        async with aclosing(desk.changes.watch()) as watcher:
            desk.client.put(name_of("moved"))
            del desk.client.tags_of["r2d/example"]["gone"]
            desk.client.put(name_of("new"))
            await images.list()
            desk.changes.publish(name_of("end"), name_of("end"))
            told = []
            async for name in watcher:
                if name == name_of("end"):
                    break
                told.append(name.tag)

    assert sorted(told) == ["gone", "moved", "new"]
