"""An engine with one container's log, and ways to read it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.unit.adapters.docker.raw_engine import SECOND, LoggingEngine, Written
from tests.unit.domain.people import collect

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.log_cursor import read_cursor
from repo2docker_service.adapters.builders.docker.log_reader import LogReader
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.models import LogChunk

NOON = 1_767_268_800 * SECOND
AFTER_FIVE = "5.b.2026-01-01T12:00:00.000000004Z.1.2026-01-01T12:00:00.000000003Z"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[LoggingEngine]:
    async with LoggingEngine(str(tmp_path / "engine")).listening() as engine:
        yield engine


@pytest.fixture
async def connection(engine: LoggingEngine) -> AsyncIterator[EngineConnection]:
    connection = EngineConnection(f"unix://{engine.path}")
    yield connection
    await connection.close()


def written(*texts: str, at: Sequence[int] = ()) -> list[Written]:
    times = at or range(len(texts))
    return [Written(NOON + time, text) for time, text in zip(times, texts, strict=True)]


def numbered(count: int) -> list[Written]:
    return written(*(f"line {number}\n" for number in range(1, count + 1)))


def reader_at(connection: EngineConnection, cursor: str, part: Kind = Kind.BUILDER) -> LogReader:
    place = read_cursor(cursor)
    return LogReader(connection, "x", part, place, 0 if place.time else place.line)


async def read(connection: EngineConnection, cursor: str = "", *, ended: bool = True) -> tuple[list[str], str]:
    """Give all lines after a cursor and the cursor after them, and see that they are numbered right."""
    chunks = await collect(reader_at(connection, cursor).read(ended=ended))
    return lines_of(chunks, read_cursor(cursor).line), chunks[-1].cursor if chunks else cursor


def lines_of(chunks: list[LogChunk], after: int = 0) -> list[str]:
    lines: list[str] = []
    for chunk in chunks:
        assert chunk.first == after + len(lines) + 1
        assert chunk.lines
        lines += chunk.lines
        assert read_cursor(chunk.cursor).line == after + len(lines)
    return lines
