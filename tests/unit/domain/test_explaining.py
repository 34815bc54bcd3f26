"""Logs of failed builds are read for their causes: once, and never for long."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.domain.failed_logs import APT
from tests.unit.domain.people import build_of, plan_of

from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound, LogCollected
from repo2docker_service.domain.failures.causes import CauseKind
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.models import Build, BuildState, LogChunk, Reason

LINES = APT.split("\n")


@dataclass
class LogKeeper:
    """Gives one log to whoever reads, in small pieces."""

    lines: list[str] = field(default_factory=lambda: list(LINES))
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    """Not set while nothing more comes."""
    error: Exception | None = None
    read: list[str] = field(default_factory=list)
    """Where readings began."""
    closed: int = 0

    async def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncGenerator[LogChunk]:
        assert build_id
        assert not follow
        self.read.append(after)
        try:
            for place in range(int(after or 0), len(self.lines), 10):
                await self.waits.wait()
                piece = self.lines[place : place + 10]
                yield LogChunk(place + 1, piece, str(place + len(piece)))
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1


@pytest.fixture
def keeper() -> LogKeeper:
    keeper = LogKeeper()
    keeper.waits.set()
    return keeper


@pytest.fixture
def explainer(keeper: LogKeeper) -> Explainer:
    return Explainer(keeper, patience=0.2)  # type: ignore[arg-type]  # nothing else is asked of it


@pytest.fixture
def failed() -> Build:
    return replace(build_of(plan_of(), BuildState.FAILED), reason=Reason.BUILD_FAILED)


async def test_a_failed_build_is_explained_and_its_log_is_read_once(
    explainer: Explainer, keeper: LogKeeper, failed: Build
) -> None:
    assert explainer.known(failed) == failed

    explained = await explainer.explained(failed)
    again = await explainer.explained(failed)

    assert explained.cause is not None
    assert (explained.cause.kind, explained.cause.line) == (CauseKind.PACKAGE_NOT_FOUND, 6)
    assert explained == again == explainer.known(failed)
    assert (keeper.read, keeper.closed) == ([""], 1)


async def test_many_who_ask_at_once_share_one_reading(explainer: Explainer, keeper: LogKeeper, failed: Build) -> None:
    explained = await asyncio.gather(*(explainer.explained(failed) for _ in range(20)))

    assert all(build.cause is not None for build in explained)
    assert len(keeper.read) == 1


@pytest.mark.parametrize("reason", [None, Reason.TIMED_OUT, Reason.REF_NOT_FOUND, Reason.BUILDER_LOST, Reason.INTERNAL])
async def test_no_log_is_read_where_it_says_nothing_more(
    explainer: Explainer, keeper: LogKeeper, failed: Build, reason: Reason | None
) -> None:
    build = replace(failed, reason=reason)

    assert await explainer.explained(build) == build
    assert keeper.read == []


async def test_a_log_that_tells_nothing_is_read_once_as_well(
    explainer: Explainer, keeper: LogKeeper, failed: Build
) -> None:
    keeper.lines = ["#9 1.000 nothing to see"]

    assert [(await explainer.explained(failed)).cause for _ in range(2)] == [None, None]
    assert len(keeper.read) == 1


async def test_a_long_log_keeps_nobody_waiting_and_is_read_on(
    explainer: Explainer, keeper: LogKeeper, failed: Build
) -> None:
    keeper.waits.clear()

    first = await explainer.explained(failed)
    keeper.waits.set()
    later = await explainer.explained(failed)

    assert first == failed
    assert later.cause is not None
    assert (len(keeper.read), keeper.closed) == (1, 1)


async def test_a_log_that_takes_too_long_is_given_up(keeper: LogKeeper, failed: Build) -> None:
    explainer = Explainer(keeper, longest=0.05)  # type: ignore[arg-type]
    keeper.waits.clear()

    assert [(await explainer.explained(failed)).cause for _ in range(2)] == [None, None]
    assert (len(keeper.read), keeper.closed) == (1, 1)


async def test_only_so_many_logs_are_read_at_once(keeper: LogKeeper, failed: Build) -> None:
    explainer = Explainer(keeper, patience=0.05, most_readings=1)  # type: ignore[arg-type]
    keeper.waits.clear()
    other = replace(failed, plan=plan_of())

    await explainer.explained(failed)
    await explainer.explained(other)
    read = len(keeper.read)
    keeper.waits.set()

    assert read == 1
    assert (await explainer.explained(failed)).cause is not None
    assert (await explainer.explained(other)).cause is not None


async def test_readings_end_with_the_service(keeper: LogKeeper, failed: Build) -> None:
    explainer = Explainer(keeper, patience=60)  # type: ignore[arg-type]
    keeper.waits.clear()
    asking = asyncio.create_task(explainer.explained(failed))
    while not keeper.read:  # noqa: ASYNC110 - nobody announces it
        await asyncio.sleep(0)

    await explainer.close()

    assert await asking == failed
    assert (len(keeper.read), keeper.closed) == (1, 1)


async def test_only_the_end_of_a_log_is_kept(explainer: Explainer, keeper: LogKeeper, failed: Build) -> None:
    keeper.lines = [*LINES, *(f"#10 1.000 line {number}" for number in range(500))]

    assert (await explainer.explained(failed)).cause is None


@pytest.mark.parametrize("error", [BuilderUnavailable("engine", "it is away"), BuildNotFound("it was forgotten")])
async def test_a_log_that_cannot_be_read_delays_the_cause_and_not_the_build(
    explainer: Explainer, keeper: LogKeeper, failed: Build, error: Exception
) -> None:
    keeper.error = error
    before = await explainer.explained(failed)
    keeper.error = None

    assert before == failed
    assert (await explainer.explained(failed)).cause is not None


async def test_only_so_many_causes_are_remembered(keeper: LogKeeper, failed: Build) -> None:
    explainer = Explainer(keeper, most_known=1)  # type: ignore[arg-type]
    first, second = failed, replace(failed, plan=plan_of())

    for build in (first, second):
        assert (await explainer.explained(build)).cause is not None

    assert explainer.known(first).cause is None
    assert explainer.known(second).cause is not None


async def test_a_build_whose_log_is_gone_is_given_without_a_cause_and_not_read_again(
    explainer: Explainer, keeper: LogKeeper, failed: Build
) -> None:
    keeper.lines, keeper.error = ["once"], LogCollected(failed.id)

    assert await explainer.explained(failed) == failed
    assert await explainer.explained(failed) == failed
    assert len(keeper.read) == 1
