"""The space of an engine is looked at where its folder can be seen."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.unit.adapters.docker.served_engine import served

from repo2docker_service.adapters.builders.docker.disk import free_disk
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable


@pytest.fixture
async def engine(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[EngineConnection]:
    """Serve what an engine tells of itself."""

    async def info(_: web.Request) -> web.Response:
        return web.json_response({"DockerRootDir": str(tmp_path / request.param)})

    async with served(tmp_path / "e.sock", web.get("/{version}/info", info)) as connection:
        yield connection


@pytest.mark.parametrize("engine", ["."], indirect=True)
async def test_what_is_free_in_the_engines_folder_is_told(engine: EngineConnection, tmp_path: Path) -> None:
    told = await free_disk(engine)

    assert told == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)


@pytest.mark.parametrize("engine", ["not here"], indirect=True)
async def test_a_folder_that_is_not_here_tells_nothing(engine: EngineConnection) -> None:
    assert await free_disk(engine) is None


async def test_an_engine_on_another_machine_tells_nothing() -> None:
    assert await free_disk(EngineConnection("tcp://engine.example.org:2375")) is None


async def test_an_engine_that_is_gone_is_told(tmp_path: Path) -> None:
    connection = EngineConnection(f"unix://{tmp_path / 'nothing.sock'}")

    with pytest.raises(BuilderUnavailable):
        await free_disk(connection)

    await connection.close()
