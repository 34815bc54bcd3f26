"""Puts routes, errors and the page together into one web application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from repo2docker_service import __version__
from repo2docker_service.bootstrap import Services
from repo2docker_service.domain.rates import Rates, Readers
from repo2docker_service.entrypoints.http import documentation, errors, plugin_routes
from repo2docker_service.entrypoints.http.binder import routes as binder
from repo2docker_service.entrypoints.http.cookies import Cookies
from repo2docker_service.entrypoints.http.dependencies import login_address
from repo2docker_service.entrypoints.http.event_stream import DEFAULT_PACE, Pace
from repo2docker_service.entrypoints.http.login_flow import LoginFlow
from repo2docker_service.entrypoints.http.middleware import (
    BodyLimit,
    CompressedJson,
    OnlyBelow,
    SecurityHeaders,
    Unexpected,
)
from repo2docker_service.entrypoints.http.monitoring.audit import Audited
from repo2docker_service.entrypoints.http.monitoring.build_ends import BuildEnds
from repo2docker_service.entrypoints.http.monitoring.figures import Figures
from repo2docker_service.entrypoints.http.monitoring.looking import Looking, measure_loop
from repo2docker_service.entrypoints.http.monitoring.requests import Counted
from repo2docker_service.entrypoints.http.routes import (
    API,
    admin,
    builds,
    events,
    health,
    images,
    login,
    me,
    metrics,
    owners,
    rebuilds,
    servers,
    source,
    summary,
)
from repo2docker_service.entrypoints.http.sessions import Sessions
from repo2docker_service.entrypoints.http.streams import Streams
from repo2docker_service.entrypoints.spa import Page

_OF_ADMINISTRATORS: Final = (admin, owners, rebuilds, summary)
_MODULES: Final = (builds, images, servers, source, me, *_OF_ADMINISTRATORS, events, health, metrics, login)


def create_app(services: Services, *, pace: Pace = DEFAULT_PACE) -> FastAPI:
    """Make the web application over ready services; it opens them at start and closes them at stop."""
    settings = services.settings
    base_url = settings.base_url
    cookies = Cookies(base_url, host_only=settings.host_cookies, secure=settings.secure_cookies)
    app = FastAPI(
        title="repo2docker-service",
        version=__version__,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its page would come from another host
        redoc_url=None,
        redirect_slashes=False,
        root_path_in_servers=False,
        lifespan=partial(_lifespan, services),
        # Ready ones are taken as they are; to include routers would analyse every route again for each application.
        routes=[
            *(route for module in _MODULES for route in module.router.routes),
            *plugin_routes.mounts(settings.catalogue.routes),
            *binder.routes(services),
        ],
    )
    app.state.services = services
    app.state.sessions = sessions = Sessions(services.installation, cookies)
    app.state.login_address = login_address(services)
    app.state.login_flow = LoginFlow(services.installation, cookies)
    app.state.streams = Streams(pace)
    app.state.rates = Rates(settings.requests_per_person)
    app.state.readers = Readers(settings.streams_per_person)
    app.state.figures = figures = Figures()
    app.state.looking = Looking(figures, services.builder, services.readiness, BuildEnds(figures), services.archiver)
    errors.install(app)
    # Whatever no route takes is the page's.
    app.router.default = Page(base_url, sessions.refresh)
    # The last one added is the outermost.
    app.add_middleware(CompressedJson)
    app.add_middleware(BodyLimit)
    app.add_middleware(OnlyBelow, base_url=base_url)
    app.add_middleware(Audited)
    app.add_middleware(Unexpected)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Counted, figures=figures)
    app.openapi = partial(documentation.describe, app)  # type: ignore[method-assign]  # FastAPI's own way to do it
    return app


@asynccontextmanager
async def _lifespan(services: Services, app: FastAPI) -> AsyncIterator[None]:
    streams: Streams = app.state.streams
    async with services.running():
        tasks = {
            asyncio.create_task(measure_loop(app.state.figures), name="measure the event loop"),
            asyncio.create_task(services.readiness.tell_cautions(), name="tell what an administrator should change"),
        }
        try:
            with streams.stopping.listening():
                yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
