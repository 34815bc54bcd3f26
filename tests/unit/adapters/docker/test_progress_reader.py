"""How far builds are is read from the ends of their logs, not more often than needed, and never goes back."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.adapters.docker.cards import OURS, card_of, inspection
from tests.unit.adapters.docker.conftest import numbered, written
from tests.unit.adapters.docker.raw_engine import LoggingEngine

from repo2docker_service.adapters.builders.docker import progress_reader
from repo2docker_service.adapters.builders.docker.progress_reader import ProgressReader
from repo2docker_service.adapters.builders.docker.states import Work, read_container
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Progress

CARD = card_of()


def work(status: str = "running", container: str = "x") -> Work:
    found = read_container(OURS, inspection(CARD, status))
    assert found is not None
    return Work(replace(found, id=container))


@pytest.fixture
def reader(connection: EngineConnection, monkeypatch: pytest.MonkeyPatch) -> ProgressReader:
    monkeypatch.setattr(progress_reader, "_FRESH", 0.0)
    return ProgressReader(connection)


def step(engine: LoggingEngine, *steps: int) -> None:
    engine.write(*written(*(f"#5 [{step}/9] RUN true\n" for step in steps)))


async def test_a_running_build_is_as_far_as_its_log_tells(engine: LoggingEngine, reader: ProgressReader) -> None:
    engine.write(*numbered(10))
    step(engine, 1, 2)
    await reader.look(work())
    assert reader.known == {CARD.plan.id: Progress(2, 9)}

    step(engine, 3)
    await reader.look(work())
    assert reader.known == {CARD.plan.id: Progress(3, 9)}


async def test_a_look_reaches_far_back_until_a_step_is_seen(engine: LoggingEngine, reader: ProgressReader) -> None:
    step(engine, 3)
    engine.write(*numbered(1500))

    await reader.look(work())
    await reader.look(work())

    assert [asked["tail"] for asked in engine.asked] == ["20000", "1000"]
    assert {asked.get("follow", "0") for asked in engine.asked} == {"0"}
    assert reader.known == {CARD.plan.id: Progress(3, 9)}


async def test_what_is_printed_at_once_after_a_look_that_saw_no_step_hides_none(
    engine: LoggingEngine, reader: ProgressReader
) -> None:
    await reader.look(work())
    step(engine, 3)
    engine.write(*numbered(1500))

    await reader.look(work())

    assert reader.known == {CARD.plan.id: Progress(3, 9)}


async def test_however_many_ask_the_log_is_read_once_in_a_while(
    engine: LoggingEngine, reader: ProgressReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_reader, "_FRESH", 60.0)
    step(engine, 1)
    for _ in range(5):
        await asyncio.gather(*(reader.look(work()) for _ in range(5)))

    assert len(engine.asked) == 1


async def test_nobody_looks_while_somebody_looks(engine: LoggingEngine, reader: ProgressReader) -> None:
    step(engine, 1)

    await asyncio.gather(*(reader.look(work()) for _ in range(5)))

    assert len(engine.asked) == 1


async def test_a_build_that_waits_has_no_log_to_read(engine: LoggingEngine, reader: ProgressReader) -> None:
    await reader.look(work("created"))

    assert (engine.asked, reader.known) == ([], {})


async def test_of_a_build_that_has_ended_the_last_steps_are_seen_too_and_only_once(
    engine: LoggingEngine, reader: ProgressReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(engine, 1, 2)
    await reader.look(work())
    step(engine, 3, 9)
    for _ in range(3):
        await reader.look(work("exited"))

    assert reader.known == {CARD.plan.id: Progress(9, 9)}
    assert len(engine.asked) == 2


async def test_what_was_seen_once_does_not_go_back(engine: LoggingEngine, reader: ProgressReader) -> None:
    step(engine, 5)
    await reader.look(work())
    engine.log.clear()
    step(engine, 2)
    await reader.look(work())

    assert reader.known == {CARD.plan.id: Progress(5, 9)}


async def test_a_build_that_is_forgotten_meanwhile_is_no_trouble(engine: LoggingEngine, reader: ProgressReader) -> None:
    await reader.look(work(container="gone"))

    assert reader.known == {CARD.plan.id: Progress()}
    reader.forget(CARD.plan.id)
    assert (reader.known, reader._looked) == ({}, {})


async def test_an_engine_that_is_gone_is_told_and_asked_again(
    engine: LoggingEngine, reader: ProgressReader, tmp_path: Path
) -> None:
    step(engine, 1)
    await reader.look(work())
    step(engine, 2)
    away = (tmp_path / "engine").rename(tmp_path / "away")
    for status in ("running", "exited"):
        with pytest.raises(BuilderUnavailable):
            await reader.look(work(status))
    assert reader.known == {CARD.plan.id: Progress(1, 9)}
    away.rename(tmp_path / "engine")

    await reader.look(work("exited"))

    assert reader.known == {CARD.plan.id: Progress(2, 9)}
