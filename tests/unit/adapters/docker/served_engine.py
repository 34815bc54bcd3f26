"""Engines that are played as web applications."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

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
    yield connection
    await connection.close()
    await runner.cleanup()
