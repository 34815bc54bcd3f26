"""Lines that the engine keeps in pieces are one line again, and what writes over itself stays one line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.log_cursor import LogCursor, read_cursor
from repo2docker_service.adapters.builders.docker.log_reader import LogReader
from repo2docker_service.adapters.engine.connection import EngineConnection

LONG = "0123456789" * 5000  # more than three entries of 16 KiB
WIDE = "é" * 20_000  # two bytes each: the engine cuts between entries, not between characters
OVERWRITTEN = "\r".join(f"{percent} %" for percent in range(0, 101, 10))
LINES = ["first", LONG, OVERWRITTEN, WIDE, "", "last"]
WRITER = f"""
import sys
for line in ("first", "0123456789" * 5000, {OVERWRITTEN!r}, chr(233) * 20_000, "", "last"):
    sys.stdout.buffer.write(line.encode() + b"\\n")
    sys.stdout.flush()
"""


@pytest.fixture
def written(engine: Engine, image: str) -> Iterator[str]:
    docker = DockerApi(engine.url)
    made = {"Image": image, "Entrypoint": ["python3", "-c", WRITER], "HostConfig": {"NetworkMode": "none"}}
    container = docker.ask("POST", "/containers/create", None, made)["Id"]
    docker.ask("POST", f"/containers/{container}/start")
    docker.ask("POST", f"/containers/{container}/wait")
    yield container
    docker.ask("DELETE", f"/containers/{container}", {"force": "1"})


@pytest.fixture
async def connection(engine: Engine) -> AsyncIterator[EngineConnection]:
    connection = EngineConnection(engine.url)
    yield connection
    await connection.close()


async def lines_after(connection: EngineConnection, container: str, cursor: LogCursor) -> list[str]:
    reader = LogReader(connection, container, Kind.BUILDER, cursor)
    return [line async for chunk in reader.read(ended=True) for line in chunk.lines]


async def test_a_line_of_many_entries_is_one_line(connection: EngineConnection, written: str) -> None:
    assert await lines_after(connection, written, LogCursor()) == LINES


async def test_reading_goes_on_behind_a_line_of_many_entries(connection: EngineConnection, written: str) -> None:
    reader = LogReader(connection, written, Kind.BUILDER, LogCursor())
    cursors = [chunk.cursor async for chunk in reader.read(ended=True)]

    for cursor in cursors:
        place = read_cursor(cursor)
        assert await lines_after(connection, written, place) == LINES[place.line :]
