"""Engines that are played as web applications, and who works with them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from tests.unit.adapters.docker.cards import IMAGE, OURS

from repo2docker_service.adapters.builders.containers.plans import BuildSettings, Limits
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.adapters.engine.connection import EngineConnection


async def version(_: web.Request) -> web.Response:
    return web.json_response({"ApiVersion": "1.41"})


@asynccontextmanager
async def served(socket: Path, *routes: web.RouteDef) -> AsyncIterator[EngineConnection]:
    """Serve these routes, and the version that is always asked for first, and give a connection to them."""
    app = web.Application()
    app.add_routes([web.get("/version", version), web.get("/{version}/version", version), *routes])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    connection = EngineConnection(f"unix://{socket}")
    try:
        yield connection
    finally:
        await connection.close()
        await runner.cleanup()


def crew_on(engine: EngineConnection) -> Crew:
    """Make a crew whose limits and settings do not matter."""
    limits, settings = Limits("", "", 1, 1, 1, 1, {}, 0, 0), BuildSettings("", 1, "", "", "")
    return Crew(engine, OURS, ContainerStore(engine, OURS), IMAGE, limits, settings, logging.getLogger("test"))
