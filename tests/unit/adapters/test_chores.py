"""Things in the background are done once at a time, and what fails is logged and may be tried again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders import chores as chores_module
from repo2docker_service.adapters.builders.chores import Chores
from repo2docker_service.domain.errors import BuilderUnavailable, BuildFinished, Unavailable

SOON = 5.0


class Work:
    """Is done when a test says so, and knows how often it was begun."""

    def __init__(self) -> None:
        self.begun: list[tuple[object, ...]] = []
        self.may_end = asyncio.Event()
        self.fails_with: BaseException | None = None
        self.cancelled = 0

    async def __call__(self, *args: object, **named: object) -> None:
        self.begun.append((*args, *named.items()))
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails_with is not None:
            raise self.fails_with


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def chores(told: list[str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chores]:
    monkeypatch.setattr(chores_module, "_TRY_AGAIN", 0.001)
    chores = Chores(logging.getLogger("chores"), lambda: told.append("done"), (Unavailable, DockerError))
    yield chores
    await chores.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.001)


async def soon(waiting: Awaitable[None]) -> None:
    async with asyncio.timeout(SOON):
        await waiting


async def test_a_thing_is_done_once_at_a_time(chores: Chores, work: Work) -> None:
    for _ in range(5):
        chores.begin("start it", work, "it", force=True)
        await asyncio.sleep(0)

    assert work.begun == [("it", ("force", True))]
    assert chores.is_doing("start it")


async def test_different_things_are_done_side_by_side(chores: Chores, work: Work) -> None:
    for number in range(5):
        chores.begin(f"start {number}", work, number)
    await asyncio.sleep(0)

    assert work.begun == [(number,) for number in range(5)]


async def test_a_thing_may_be_done_again_when_it_is_done(chores: Chores, work: Work, told: list[str]) -> None:
    work.may_end.set()
    for count in range(1, 4):
        chores.begin("start it", work)
        await soon(chores.settled("start it"))
        assert not chores.is_doing("start it")
        assert (len(work.begun), told) == (count, ["done"] * count)


async def test_whoever_is_told_that_it_is_done_may_begin_it_again(work: Work) -> None:
    work.may_end.set()
    chores = Chores(logging.getLogger("chores"))

    def again() -> None:
        if len(work.begun) < 3:
            chores.begin("start it", work)

    chores.done = again
    chores.begin("start it", work)

    await until(lambda: len(work.begun) == 3)
    await soon(chores.settled("start it"))


FAILURES = [BuilderUnavailable("engine", "off"), DockerError(500, "its own words"), ZeroDivisionError("our mistake")]


@pytest.mark.parametrize("failure", FAILURES)
async def test_what_has_failed_is_not_tried_again_at_once(
    chores: Chores, work: Work, told: list[str], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(chores_module, "_TRY_AGAIN", 60.0)
    work.may_end.set()
    work.fails_with = failure
    for _ in range(3):
        chores.begin("start it", work)
        await asyncio.sleep(0.005)

    assert chores.is_doing("start it")
    assert (len(work.begun), told) == (1, [])


@pytest.mark.parametrize("failure", FAILURES)
async def test_what_has_failed_may_be_tried_again_after_a_while(
    chores: Chores, work: Work, told: list[str], failure: Exception
) -> None:
    work.may_end.set()
    for work.fails_with in (failure, None):
        chores.begin("start it", work)
        await soon(chores.settled("start it"))

    assert (len(work.begun), told) == (2, ["done"] * 2)
    assert not chores.is_doing("start it")


@pytest.mark.parametrize("failure", FAILURES[:2])
async def test_what_the_engine_prevents_is_logged_in_a_line(
    chores: Chores, work: Work, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    work.may_end.set()
    work.fails_with = failure
    chores.begin("start it", work)
    await soon(chores.settled("start it"))

    [record] = caplog.records
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert record.getMessage() == f"Could not start it: {failure}"


async def test_what_nobody_foresaw_is_logged_in_full(
    chores: Chores, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    work.may_end.set()
    work.fails_with = ZeroDivisionError("our mistake")
    chores.begin("start it", work)
    await soon(chores.settled("start it"))

    assert "Could not start it" in caplog.text
    assert "our mistake" in caplog.text
    assert "Traceback" in caplog.text


async def test_what_has_ended_meanwhile_needs_no_doing_and_no_waiting(
    chores: Chores, work: Work, told: list[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores_module, "_TRY_AGAIN", 60.0)
    work.may_end.set()
    work.fails_with = BuildFinished("it", "failed")
    chores.begin("cancel it", work)

    await soon(chores.settled("cancel it"))
    assert told == ["done"]
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


async def test_who_waits_for_a_thing_waits_until_it_is_done(chores: Chores, work: Work) -> None:
    chores.begin("start it", work)
    waiting = asyncio.create_task(chores.settled("start it"))
    other = asyncio.create_task(chores.settled("start something else"))
    await asyncio.sleep(0.01)
    assert (waiting.done(), other.done()) == (False, True)

    work.may_end.set()
    await soon(waiting)
    assert not chores.is_doing("start it")


async def test_who_waits_no_longer_does_not_end_the_work(chores: Chores, work: Work) -> None:
    chores.begin("start it", work)
    waiting = asyncio.create_task(chores.settled("start it"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    assert (waiting.cancelled(), work.cancelled) == (True, 0)
    assert chores.is_doing("start it")


async def test_stopping_ends_all_that_is_being_done_or_waited_for(
    chores: Chores, work: Work, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores_module, "_TRY_AGAIN", 60.0)
    failing = Work()
    failing.fails_with = BuilderUnavailable("engine", "off")
    failing.may_end.set()
    for number in range(3):
        chores.begin(f"start {number}", work)
    chores.begin("fail", failing)
    await until(lambda: bool(caplog.records))
    chores.begin("start one that is not begun yet", work)

    await soon(chores.stop())

    assert work.cancelled == 3
    assert not any(chores.is_doing(what) for what in ("start 0", "start 1", "start 2", "fail"))
    assert len(caplog.records) == 1
