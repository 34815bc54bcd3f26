"""What an administrator is told to change about an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.unit.adapters.docker.served_engine import served

from repo2docker_service.adapters.builders.docker.engine_warnings import (
    LIVE_RESTORE_OFF,
    STEPS_UNBOUNDED,
    engine_warnings,
    warnings_of,
)
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"LiveRestoreEnabled": True, "Swarm": {"LocalNodeState": "inactive"}}, []),
        ({"LiveRestoreEnabled": False, "Swarm": {"LocalNodeState": "inactive"}}, [LIVE_RESTORE_OFF]),
        ({"LiveRestoreEnabled": False, "Swarm": {"LocalNodeState": "active"}}, []),
        ({"LiveRestoreEnabled": False, "Swarm": {"LocalNodeState": ""}}, [LIVE_RESTORE_OFF]),
        ({"LiveRestoreEnabled": False, "Swarm": None}, [LIVE_RESTORE_OFF]),
        ({}, []),
    ],
    ids=["on", "off", "in a swarm, which refuses it", "no swarm", "no swarm known", "an engine that knows of none"],
)
def test_live_restore_is_missed_where_it_is_off_and_could_be_on(info: dict[str, Any], expected: list[str]) -> None:
    assert warnings_of(info, run_steps_are_bounded=True) == expected


def test_an_engine_counts_as_unbounded_until_the_administrator_says_otherwise() -> None:
    assert warnings_of({}, run_steps_are_bounded=False) == [STEPS_UNBOUNDED]


async def test_the_engine_is_asked(tmp_path: Path) -> None:
    async def info(_: web.Request) -> web.Response:
        return web.json_response({"LiveRestoreEnabled": False})

    async with served(tmp_path / "e.sock", web.get("/{version}/info", info)) as engine:
        assert await engine_warnings(engine, run_steps_are_bounded=True) == [LIVE_RESTORE_OFF]


async def test_an_engine_that_is_gone_is_told(tmp_path: Path) -> None:
    connection = EngineConnection(f"unix://{tmp_path / 'nothing.sock'}")

    with pytest.raises(BuilderUnavailable):
        await engine_warnings(connection, run_steps_are_bounded=True)

    await connection.close()
