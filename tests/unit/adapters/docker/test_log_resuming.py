"""Reading a log goes on from any place, however little of its end the engine is asked for, and at a bearable pace."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.adapters.docker.conftest import AFTER_FIVE, NOON, lines_of, numbered, read, reader_at, written
from tests.unit.adapters.docker.raw_engine import LoggingEngine, Written
from tests.unit.domain.people import collect

from repo2docker_service.adapters.builders.docker import log_reader
from repo2docker_service.adapters.builders.docker.log_cursor import read_cursor
from repo2docker_service.adapters.engine.connection import EngineConnection

AMONG_EQUALS = "4.b.2026-01-01T12:00:00.000000005Z.2.2026-01-01T12:00:00.000000001Z"
SOON = 5.0


@asynccontextmanager
async def an_engine_with(entries: Sequence[Written]) -> AsyncIterator[tuple[LoggingEngine, EngineConnection]]:
    """Start an engine for one example of many."""
    with tempfile.TemporaryDirectory() as folder:
        async with LoggingEngine(str(Path(folder) / "engine"), list(entries)).listening() as engine:
            connection = EngineConnection(f"unix://{engine.path}")
            try:
                yield engine, connection
            finally:
                await connection.close()


# --- places -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("tail", "asked"), [("3", ["3", "all"]), ("4", ["4", "all"]), ("5", ["5"])])
async def test_a_tail_that_begins_among_entries_of_the_cursors_own_time_does_not_reach_back_to_it(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch, tail: str, asked: list[str]
) -> None:
    monkeypatch.setattr(log_reader, "_TAILS", (tail, "all"))
    engine.write(*written(*(f"line {number}\n" for number in range(1, 7)), at=[0, 1, 5, 5, 5, 5]))

    # Two entries of that time were given. The last three or four of the log begin with that time, too, but hold fewer
    # of it than there are: to pass over two of them would lose lines.
    lines, _ = await read(connection, AMONG_EQUALS)

    assert lines == ["line 5", "line 6"]
    assert [each["tail"] for each in engine.asked] == asked


async def test_a_cursor_that_does_not_know_the_entry_before_is_looked_up_in_the_whole_log(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*written(*(f"line {number}\n" for number in range(1, 7)), at=[0, 1, 5, 5, 5, 5]))

    lines, _ = await read(connection, AMONG_EQUALS.rpartition(".2026")[0])

    assert lines == ["line 5", "line 6"]
    assert [(each["tail"], each["since"]) for each in engine.asked] == [("all", "1767268800.000000005")]


# Runs of entries that bear one time each: the steps of the clock, and what is written at each.
texts = st.sampled_from(["word ", "line\n", "line\r\n", "\n"])
runs = st.lists(st.tuples(st.integers(1, 3), st.lists(texts, min_size=1, max_size=4)), min_size=1, max_size=8)
tails = st.lists(st.integers(1, 12), max_size=3, unique=True).map(lambda sizes: [*map(str, sorted(sizes)), "all"])


async def read_in_two_parts(entries: list[Written], cut: int, tails: list[str], *, follow: bool) -> None:
    async with an_engine_with(entries) as (engine, connection):
        whole, end = await read(connection)
        engine.ends_after = cut
        before, cursor = await read(connection, ended=False)
        engine.ends_after = None
        engine.ended = True
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(log_reader, "_TAILS", tuple(tails))
            chunks = await collect(reader_at(connection, cursor).read(follow=follow, ended=True))

        assert before + lines_of(chunks, len(before)) == whole
        assert (chunks[-1].cursor if chunks else cursor) == end


@given(runs, st.integers(0, 30), tails, st.booleans())
def test_nothing_is_lost_or_repeated_wherever_reading_stopped_and_whatever_tails_are_asked_for(
    runs: list[tuple[int, list[str]]], cut: int, tails: list[str], follow: bool
) -> None:
    time, entries = NOON, []
    for step, texts in runs:
        time += step
        entries += [Written(time, text) for text in texts]

    asyncio.run(read_in_two_parts(entries, cut % (len(entries) + 1), tails, follow=follow))


@given(st.permutations(range(8)), runs, st.integers(0, 30), tails, st.booleans())
@example([5, 1, 2, 0, 3, 4, 6, 7], [(1, ["line\n"])] * 5, 3, ["all"], False)
@example([1, 0, 2, 3, 4, 5, 6, 7], [(1, ["line\n"])] * 3, 2, ["1", "all"], False)
def test_a_clock_that_is_set_back_loses_and_repeats_nothing(
    times: list[int], runs: list[tuple[int, list[str]]], cut: int, tails: list[str], follow: bool
) -> None:
    entries = [Written(NOON + time, text) for time, (_, texts) in zip(times, runs, strict=False) for text in texts]

    asyncio.run(read_in_two_parts(entries, cut % (len(entries) + 1), tails, follow=follow))


async def test_a_follower_that_has_more_to_catch_up_than_a_tail_holds_is_not_kept_waiting(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "_TAILS", ("3", "6", "all"))
    engine.write(*numbered(20))
    chunks = reader_at(connection, AFTER_FIVE).read(follow=True)

    async with asyncio.timeout(SOON):
        assert (await anext(chunks)).lines == tuple(f"line {number}" for number in range(6, 21))
    await chunks.aclose()


async def test_every_chunk_of_a_log_is_a_place_to_go_on_from(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "_BATCH", 3)
    engine.write(
        *written("a\n", "b", "b\n", "c\n", "d", "d", "d", "d\n", "e\n", "f\n", at=[0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    )
    whole = ["a", "bb", "c", "dddd", "e", "f"]

    chunks = await collect(reader_at(connection, "").read())

    assert [chunk.lines for chunk in chunks] == [("a", "bb"), ("c",), ("dddd", "e"), ("f",)]
    for chunk in chunks:
        assert await read(connection, chunk.cursor) == (whole[chunk.last :], chunks[-1].cursor)


# --- pace -------------------------------------------------------------------------------------


async def test_a_long_log_is_given_in_chunks_of_bounded_size(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*numbered(1700))

    chunks = await collect(reader_at(connection, "").read())

    assert lines_of(chunks) == [f"line {number}" for number in range(1, 1701)]
    assert max(len(chunk.lines) for chunk in chunks) == log_reader._BATCH


async def test_a_follower_waits_a_moment_so_that_lines_which_come_one_by_one_are_one_chunk(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, moment = [], asyncio.Event()

    async def wait(_ended: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)
        await moment.wait()

    monkeypatch.setattr(log_reader, "_either", wait)
    chunks = reader_at(connection, "").read(follow=True)
    engine.write(*written("one\n"))
    assert (await anext(chunks)).lines == ("one",)
    assert waits == []

    following = asyncio.create_task(anext(chunks))
    for number in range(1, 6):
        await asyncio.sleep(0.01)
        engine.write(*written(f"line {number}\n", at=[number]))
    await asyncio.sleep(0.05)
    assert waits == [log_reader._GATHER]
    moment.set()

    assert (await following).lines == tuple(f"line {number}" for number in range(1, 6))
    await chunks.aclose()


async def test_the_end_of_a_followed_log_is_not_waited_for(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "_GATHER", 60.0)
    engine.write(*written("one\n"))
    chunks = reader_at(connection, "").read(follow=True)
    assert (await anext(chunks)).lines == ("one",)

    following = asyncio.create_task(collect(chunks))
    await asyncio.sleep(0.02)
    engine.write(*written("two\n", at=[1]))
    engine.end()

    async with asyncio.timeout(SOON):
        assert lines_of(await following, 1) == ["two"]


@pytest.mark.parametrize("follow", [True, False])
async def test_what_has_long_been_written_is_read_without_waiting(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch, follow: bool
) -> None:
    waits = []

    async def wait(event: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(log_reader, "_either", wait)
    engine.write(*(Written(NOON + number, "x" * 1000 + "\n") for number in range(4000)))
    engine.end()

    chunks = await collect(reader_at(connection, "").read(follow=follow))

    assert read_cursor(chunks[-1].cursor).line == 4000
    # Four megabytes come in some twenty pieces, of which the first and the last may be small.
    assert len(waits) <= (5 if follow else 0)
