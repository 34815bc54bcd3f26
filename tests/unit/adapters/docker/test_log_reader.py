"""A container's log is read from any place without gap or repeat, however the engine gives it."""

from contextlib import aclosing

import pytest
from tests.unit.adapters.docker.conftest import AFTER_FIVE, lines_of, numbered, read, reader_at, written
from tests.unit.adapters.docker.raw_engine import LoggingEngine
from tests.unit.domain.people import collect

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker import log_reader
from repo2docker_service.adapters.builders.docker.log_cursor import LogCursor
from repo2docker_service.adapters.builders.docker.log_reader import LogReader
from repo2docker_service.adapters.engine.connection import EngineConnection


async def test_a_whole_log_is_given_in_order(engine: LoggingEngine, connection: EngineConnection) -> None:
    engine.write(*numbered(50))

    lines, cursor = await read(connection)

    assert lines == [f"line {number}" for number in range(1, 51)]
    assert cursor == "50.b.2026-01-01T12:00:00.000000049Z.1.2026-01-01T12:00:00.000000048Z"


async def test_an_empty_log_has_no_lines(connection: EngineConnection) -> None:
    assert await read(connection) == ([], "")


MIXED = written(
    *["a\n", "b\n", "c\n", "long ", "line\n", "d\n", "", "\n", "e\r\n", "f\n", "piece ", "piece ", "end\n", "g\n"],
    at=[0, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 4, 5],
)
MIXED_LINES = ["a", "b", "c", "long line", "d", "", "e", "f", "piece piece end", "g"]


@pytest.mark.parametrize("cut", range(len(MIXED) + 1))
async def test_reading_goes_on_after_any_entry_also_among_equal_times(
    engine: LoggingEngine, connection: EngineConnection, cut: int
) -> None:
    engine.write(*MIXED)
    engine.ends_after = cut
    before, cursor = await read(connection, ended=False)
    engine.ends_after = None

    after, last = await read(connection, cursor)

    assert before + after == MIXED_LINES
    assert last == "10.b.2026-01-01T12:00:00.000000005Z.1.2026-01-01T12:00:00.000000004Z"


async def test_one_reader_goes_on_where_the_engine_ended_early(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*MIXED)
    reader = reader_at(connection, "")
    lines: list[str] = []

    for engine.ends_after in (1, 4, 7, 8, None):
        lines += lines_of(await collect(reader.read(ended=engine.ends_after is None)), len(lines))

    assert lines == MIXED_LINES


async def test_reading_after_the_last_line_gives_nothing(engine: LoggingEngine, connection: EngineConnection) -> None:
    engine.write(*numbered(3))
    _, cursor = await read(connection)

    assert await read(connection, cursor) == ([], cursor)


@pytest.mark.parametrize(("behind", "tails"), [(998, ["1000"]), (999, ["1000", "10000"]), (1500, ["1000", "10000"])])
async def test_wider_tails_are_asked_for_until_one_reaches_back_to_the_cursor(
    engine: LoggingEngine, connection: EngineConnection, behind: int, tails: list[str]
) -> None:
    engine.write(*numbered(behind + 5))

    lines, _ = await read(connection, AFTER_FIVE)

    assert lines == [f"line {number}" for number in range(6, behind + 6)]
    assert [asked["tail"] for asked in engine.asked] == tails
    assert {asked["since"] for asked in engine.asked} == {"1767268800.000000003"}


async def test_a_cursor_far_back_is_found_in_the_whole_log(
    engine: LoggingEngine, connection: EngineConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "_TAILS", ("3", "6", "all"))
    engine.write(*numbered(20))

    lines, _ = await read(connection, AFTER_FIVE)

    assert lines == [f"line {number}" for number in range(6, 21)]
    assert [asked["tail"] for asked in engine.asked] == ["3", "6", "all"]


async def test_without_a_time_the_whole_log_is_asked_for(engine: LoggingEngine, connection: EngineConnection) -> None:
    engine.write(*numbered(3))

    await read(connection)

    assert [(asked["tail"], "since" in asked, asked["timestamps"]) for asked in engine.asked] == [("all", False, "1")]
    assert (engine.asked[0]["stdout"], engine.asked[0]["stderr"]) == ("1", "1")


@pytest.mark.parametrize("number", range(6))
async def test_a_bare_number_goes_on_with_the_line_after_it(
    engine: LoggingEngine, connection: EngineConnection, number: int
) -> None:
    engine.write(*numbered(5))

    lines, _ = await read(connection, str(number))

    assert lines == [f"line {following}" for following in range(number + 1, 6)]


async def test_a_number_beyond_the_end_leaves_lines_to_pass_over_for_the_next_part(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*numbered(5))
    reader = reader_at(connection, "7")

    assert await collect(reader.read(ended=True)) == []
    following = LogReader(connection, "x", Kind.PUSHER, reader.cursor, reader.skip)
    chunks = await collect(following.read(ended=True))

    assert lines_of(chunks, 7) == ["line 3", "line 4", "line 5"]
    assert chunks[-1].cursor.startswith("10.p.")


async def test_a_number_is_counted_through_an_early_end(engine: LoggingEngine, connection: EngineConnection) -> None:
    engine.write(*numbered(6))
    engine.ends_after = 2
    reader = reader_at(connection, "4")
    assert await collect(reader.read()) == []
    engine.ends_after = None

    assert lines_of(await collect(reader.read()), 4) == ["line 5", "line 6"]


async def test_the_pusher_is_read_from_its_start_and_numbered_on(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*numbered(2))
    reader = LogReader(connection, "x", Kind.PUSHER, LogCursor(40, Kind.BUILDER, "2026-01-01T12:00:09Z", 1))

    chunks = await collect(reader.read(ended=True))

    assert lines_of(chunks, 40) == ["line 1", "line 2"]


async def test_a_last_line_without_end_is_given_once_the_container_has_ended(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*written("whole\n", "no ", "end"))

    before, cursor = await read(connection, ended=False)
    after, last = await read(connection, cursor)

    assert (before, after) == (["whole"], ["no end"])
    assert await read(connection, last) == ([], last)


async def test_a_follower_is_given_lines_as_they_come(engine: LoggingEngine, connection: EngineConnection) -> None:
    engine.write(*written("one\n"))
    chunks = reader_at(connection, "").read(follow=True)

    assert (await anext(chunks)).lines == ("one",)
    engine.write(*written("two\n", "thr", at=[1, 1]))
    assert (await anext(chunks)).lines == ("two",)
    engine.write(*written("ee\n", at=[1]))
    assert (await anext(chunks)).lines == ("three",)
    engine.end()
    assert await collect(chunks) == []


async def test_what_an_early_end_of_a_follow_left_out_is_read_afterwards(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*numbered(30))
    engine.ends_after = 12
    reader = reader_at(connection, "")
    followed = lines_of(await collect(reader.read(follow=True)))
    engine.ends_after = None

    rest = lines_of(await collect(reader.read(ended=True)), len(followed))

    assert len(followed) == 12
    assert followed + rest == [f"line {number}" for number in range(1, 31)]


async def test_a_connection_that_breaks_is_an_early_end(engine: LoggingEngine, connection: EngineConnection) -> None:
    engine.write(*numbered(3))
    engine.ends_after, engine.breaks = 2, True
    reader = reader_at(connection, "")
    assert lines_of(await collect(reader.read(follow=True))) == ["line 1", "line 2"]
    engine.ends_after, engine.breaks = None, False

    assert lines_of(await collect(reader.read(ended=True)), 2) == ["line 3"]


async def test_a_follower_that_leaves_gives_its_connection_back(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(*numbered(3))
    for _ in range(5):
        async with aclosing(reader_at(connection, "").read(follow=True)) as chunks:
            await anext(chunks)

    await engine.until(lambda: engine.open <= 1)
