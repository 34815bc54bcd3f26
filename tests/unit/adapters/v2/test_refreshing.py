"""The list of a registry's images is brought up to date with few requests, and a failure never empties it."""

import asyncio
import logging
import time

import pytest
from tests.unit.adapters.v2.told_registry import COMMIT, REPOSITORY, Desk, name_of, names, settled

from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    BrokenOff,
    CircuitOpen,
    ConnectionFailed,
    NotFound,
    Refused,
    RegistryError,
)
from repo2docker_service.adapters.registries.v2.inventory.pooling import each

OUTAGE = ConnectionFailed("it refused the connection", again=True)


async def test_an_empty_registry_is_an_empty_list(desk: Desk) -> None:
    """Case 20."""
    async with desk.opened() as images:
        listed = await images.list()

    assert (list(listed.images), listed.stale, listed.partial) == ([], False, False)


async def test_a_cold_list_asks_once_for_each_digest(desk: Desk) -> None:
    """Case 72, as far as it is decided here: the client makes two requests of each question for a summary."""
    for number in range(40):
        desk.client.put(name_of(f"v{number:02}"))
    for number in range(20):
        desk.client.alias(name_of(f"v{number:02}"), f"v{number:02}-again")

    async with desk.opened() as images:
        listed = await images.list()
        asked = desk.client.count()

    assert len(listed.images) == 40
    assert asked["summary"] == 40
    assert asked["digest"] == 60


async def test_a_warm_list_asks_for_no_content(desk: Desk) -> None:
    """Case 71, as far as it is decided here."""
    for number in range(30):
        desk.client.put(name_of(f"v{number}"))
    async with desk.opened() as images:
        await images.list()
        desk.client.count()

        await images.list()

    assert desk.client.count() == {"repositories": 1, "tags": 1, "digest": 30}


async def test_a_second_reader_during_a_renewal_causes_no_requests(desk: Desk) -> None:
    """Case 73."""
    desk.client.hold = asyncio.Event()
    for number in range(30):
        desk.client.put(name_of(f"v{number}"))
    async with desk.opened(refresh_seconds=60.0) as images:
        readers = [asyncio.create_task(images.list()) for _ in range(5)]
        await asyncio.sleep(0)
        desk.client.hold.set()
        lists = [await reader for reader in readers]

    assert [len(each.images) for each in lists] == [30] * 5
    assert desk.client.count() == {"repositories": 1, "tags": 1, "digest": 30, "summary": 30}


@pytest.mark.parametrize("workers", [1, 3, 10])
async def test_never_more_requests_than_wanted_are_on_their_way(desk: Desk, workers: int) -> None:
    """Case 74, as far as it is decided here: work that waits takes no memory either."""
    for number in range(30):
        desk.client.put(name_of(f"v{number % 5}", f"{REPOSITORY}-{number}"))
    tasks = len(asyncio.all_tasks())

    async with desk.opened(workers=workers) as images:
        reading = asyncio.create_task(images.list())
        most_tasks = 0
        while not reading.done():
            most_tasks = max(most_tasks, len(asyncio.all_tasks()) - tasks)
            await asyncio.sleep(0.0005)

    assert desk.client.most_in_flight == workers
    assert most_tasks <= workers + 3


async def test_closing_in_the_midst_leaves_nothing_running(desk: Desk) -> None:
    """Case 68, as far as it is decided here."""
    for number in range(30):
        desk.client.put(name_of(f"v{number}"))
    before = asyncio.all_tasks()
    async with desk.opened(refresh_seconds=60.0):
        await desk.client.until("digest")
        desk.client.hold = asyncio.Event()
        await asyncio.sleep(0.01)
        assert desk.client.in_flight == 10

    assert desk.client.in_flight == 0
    assert asyncio.all_tasks() == before


async def test_a_repository_without_tags_is_not_seen(desk: Desk) -> None:
    """Cases 24 and 50: null, none and no such repository are the same to whoever calls the client."""
    desk.client.put()
    async with desk.opened() as images:
        assert await names(images) == [name_of()]
        desk.client.tags_of[REPOSITORY].clear()

        assert await names(images) == []


async def test_a_tag_that_vanishes_between_list_and_look_is_left_out(desk: Desk) -> None:
    """Case 28."""
    desk.client.put(name_of("kept"))
    desk.client.put(name_of("vanishing"))
    desk.client.hold = asyncio.Event()
    async with desk.opened(refresh_seconds=60.0, workers=1) as images:
        reading = asyncio.create_task(images.list())
        await asyncio.sleep(0.01)
        desk.client.hold.set()
        await desk.client.until("digest", REPOSITORY, "kept")
        del desk.client.tags_of[REPOSITORY]["vanishing"]
        listed = await reading

    assert [image.name for image in listed.images] == [name_of("kept")]


async def test_tags_of_builds_under_way_are_not_looked_at(desk: Desk) -> None:
    desk.client.put(name_of(f"b-{'0' * 16}"))
    desk.client.put()

    async with desk.opened() as images:
        assert await names(images) == [name_of()]

    assert {call[2] for call in desk.client.asked if len(call) == 3} == {COMMIT}


@pytest.mark.parametrize("tag", [COMMIT, f"{COMMIT}-01234567", "example-0123456789ab-0123456"])
async def test_a_new_name_that_tells_a_commit_is_fetched_without_asking_what_it_is(desk: Desk, tag: str) -> None:
    desk.client.put(name_of(tag))

    async with desk.opened() as images:
        assert await names(images) == [name_of(tag)]
        assert desk.client.count() == {"repositories": 1, "tags": 1, "tagged": 1}
        await images.list()

    assert desk.client.count()["digest"] == 1


async def test_a_new_name_whose_content_makes_no_sense_is_remembered_as_such(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.failing |= {("tagged",): BadAnswer("cut off"), ("summary", REPOSITORY, digest): BadAnswer("cut off")}

    async with desk.opened(refresh_seconds=60.0) as images:
        assert await names(images) == []
        await images.find(name_of("other"))
        desk.client.count()
        await settled(images)

    assert desk.client.count() == {}


@pytest.mark.parametrize(("tag", "age"), [("latest", 61), (COMMIT, 301), (f"{COMMIT}-01234567", 301)])
async def test_a_tag_is_looked_at_again_when_its_time_has_come(
    desk: Desk, tag: str, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.client.put(name_of(tag))
    async with desk.opened(refresh_seconds=60.0) as images:
        assert await names(images) == [name_of(tag)]
    now = time.time()
    desk.client.count()

    monkeypatch.setattr(time, "time", lambda: now + age - 3)
    async with desk.opened(refresh_seconds=60.0) as images:
        await settled(images)
    assert desk.client.count()["digest"] == 0

    monkeypatch.setattr(time, "time", lambda: now + age)
    async with desk.opened(refresh_seconds=60.0) as images:
        await settled(images)
    assert desk.client.count()["digest"] == 1


@pytest.mark.parametrize("problem", [BadAnswer("no JSON"), NotFound("gone", status=404), Refused("no", status=400)])
async def test_an_image_that_cannot_be_read_is_passed_over_with_one_warning(
    desk: Desk, problem: RegistryError, caplog: pytest.LogCaptureFixture
) -> None:
    bad = desk.client.put(name_of("bad"))
    desk.client.put(name_of("good"))
    desk.client.failing["summary", REPOSITORY, bad] = problem

    async with desk.opened() as images:
        assert await names(images) == [name_of("good")]
        assert await names(images) == [name_of("good")]
        unreadable = (await images.list()).unreadable

    # What is not there at all has just been removed.
    assert list(unreadable) == ([] if isinstance(problem, NotFound) else [name_of("bad")])
    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    expected = [] if isinstance(problem, NotFound) else [f"Passing over {name_of('bad')} in the registry: {problem}"]
    assert warned == expected


async def test_an_image_that_the_registry_breaks_off_hides_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    bad = desk.client.put(name_of("bad"))
    desk.client.put(name_of("good"))
    desk.client.failing["summary", REPOSITORY, bad] = BrokenOff("the connection broke", again=True)

    async with desk.opened() as images:
        assert await names(images) == [name_of("good")]
        listed = await images.list()
        assert (listed.stale, list(listed.unreadable)) == (False, [name_of("bad")])
        # Where the registry itself does not answer, that is no matter of one image.
        desk.client.failing["ping",] = OUTAGE
        assert (await images.list()).stale

    assert caplog.text.count("Passing over") == 1


async def test_a_registry_that_breaks_everything_off_is_not_taken_for_an_empty_one(desk: Desk) -> None:
    for number in range(30):
        desk.client.put(name_of(f"t{number}"))
    desk.client.failing["summary",] = BrokenOff("the connection broke", again=True)

    async with desk.opened() as images:
        with pytest.raises(BrokenOff):
            await images.list()


async def test_an_image_that_can_be_read_after_all_is_seen_then(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.failing |= {("tagged",): BadAnswer("cut off"), ("summary", REPOSITORY, digest): BadAnswer("cut off")}
    async with desk.opened() as images:
        assert await names(images) == []
        desk.client.failing.clear()

        assert await names(images) == [name_of()]
        assert not (await images.list()).unreadable


async def test_what_cannot_be_read_is_told_until_it_is_gone(desk: Desk) -> None:
    problems = {f"{REPOSITORY}-1": BadAnswer("no JSON"), f"{REPOSITORY}-2": BrokenOff("it broke", again=True)}
    for repository, problem in problems.items():
        digest = desk.client.put(name_of("bad", repository))
        desk.client.failing["summary", repository, digest] = problem
    desk.client.put()
    async with desk.opened() as images:
        assert set((await images.list()).unreadable) == {name_of("bad", repository) for repository in problems}

        for repository in problems:
            del desk.client.tags_of[repository]
        assert not (await images.list()).unreadable


async def test_what_can_be_read_and_is_not_ours_is_not_told_as_unreadable(desk: Desk) -> None:
    bad = desk.client.put(name_of("bad"))
    desk.client.put(name_of("good"))
    desk.client.failing["summary", REPOSITORY, bad] = BadAnswer("no JSON")
    async with desk.opened() as images:
        assert list((await images.list()).unreadable) == [name_of("bad")]

        desk.client.alias(name_of("good"), "bad")
        listed = await images.list()

    assert ([image.name for image in listed.images], list(listed.unreadable)) == ([name_of("good")], [])


async def test_an_image_of_which_more_was_known_is_listed_and_not_told_as_unreadable(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        known = await images.list()
        again = desk.client.put()
        desk.client.failing["summary", REPOSITORY, again] = BrokenOff("the connection broke", again=True)
        listed = await images.list()

    assert (listed.images, list(listed.unreadable)) == (known.images, [])


@pytest.mark.parametrize("call", ["repositories", "tags", "digest", "summary", "tagged"])
@pytest.mark.parametrize(
    "outage", [OUTAGE, CircuitOpen("left alone"), Refused("ill", status=503, again=True)], ids=repr
)
async def test_an_outage_keeps_what_was_known(desk: Desk, call: str, outage: RegistryError) -> None:
    """Case 61, as far as it is decided here."""
    desk.client.put()
    async with desk.opened() as images:
        before = await images.list()
        desk.client.put(name_of("b" * 40 if call == "tagged" else "new"))
        desk.client.failing[call,] = outage

        during = await images.list()
        desk.client.failing.clear()
        after = await images.list()

    assert [image.name for image in during.images] == [name_of()]
    assert (during.stale, during.as_of) == (True, before.as_of)
    assert len(after.images) == 2
    assert not after.stale
    assert after.as_of > before.as_of


async def test_an_image_that_was_replaced_just_before_an_outage_stays_listed(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        before = await images.list()
        desk.client.put()
        desk.client.failing["summary",] = OUTAGE

        assert (await images.list()).images == before.images


async def test_a_replaced_image_is_seen_as_the_new_one(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        await images.list()
        digest = desk.client.put()

        assert [image.digest for image in (await images.list()).images] == [digest]


async def test_a_push_during_a_renewal_is_not_lost(desk: Desk) -> None:
    desk.client.put(name_of("old"))
    async with desk.opened(refresh_seconds=60.0) as images:
        reading = asyncio.create_task(images.list())
        await desk.client.until("repositories")
        held = desk.client.hold = asyncio.Event()
        await desk.client.until("tags")
        desk.client.hold = None
        digest = desk.client.put(name_of("new"), build_id="c" * 32)
        await images.verify(name_of("new"), digest, "c" * 32)
        del desk.client.tags_of[REPOSITORY]["new"]  # as a list that is a little behind would say
        held.set()
        await reading

        assert await names(images) == [name_of("new"), name_of("old")]


async def test_what_is_new_is_looked_at_first(desk: Desk) -> None:
    for tag in ("a", "b"):
        desk.client.put(name_of(tag))
    async with desk.opened(workers=1) as images:
        await images.list()
        desk.client.put(name_of("z"))
        desk.client.asked.clear()
        await images.list()

    looked_at = [call[2] for call in desk.client.asked if call[0] == "digest"]
    assert looked_at == ["z", "a", "b"]


async def test_the_first_failure_ends_all_work() -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise ValueError("no")
        await asyncio.sleep(0.01)
        done.append(number)

    with pytest.raises(ValueError, match="no"):
        await each(range(10), work, 3)
    await asyncio.sleep(0.02)

    assert done == []
