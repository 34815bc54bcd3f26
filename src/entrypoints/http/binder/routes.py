"""The routes that BinderHub's clients ask, beside those of our own API."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from repo2docker_service import __version__
from repo2docker_service.bootstrap import Services
from repo2docker_service.domain.errors import InvalidInput, RefNotFound, ServiceError
from repo2docker_service.domain.models import Build, BuildRequest, Identity, Source
from repo2docker_service.entrypoints.http.binder import BUILD, events
from repo2docker_service.entrypoints.http.binder.specs import FORGES, PROVIDERS, USUAL_BRANCHES, BadSpec, source_of
from repo2docker_service.entrypoints.http.dependencies import caller_now, get_streams
from repo2docker_service.entrypoints.http.errors import describe
from repo2docker_service.entrypoints.http.event_stream import EVENTS, after
from repo2docker_service.entrypoints.http.monitoring.audit import note_build
from repo2docker_service.entrypoints.http.streams import Streams

log = logging.getLogger(__name__)

_NO_LAUNCH: Final = "This service builds images, and starts nothing from here: add build_only=true to the address."
_streams_of = asynccontextmanager(get_streams)
_FOR_ALL: Final = {"Access-Control-Allow-Origin": "*"}


def routes(services: Services) -> Sequence[BaseRoute]:
    """Give the routes, where an administrator wants them."""
    if not services.settings.binder_api:
        return []
    return [
        Route(BUILD, _BuildEndpoint()),
        Route("/versions", _versions),
        Route("/health", _health),
        Route("/api/repoproviders", _providers),
    ]


class _BuildEndpoint:
    """Builds what the path says, and tells all that comes of it with status 200: clients pass over any other."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if request.headers.get("last-event-id") == events.LAST:
            # A browser that comes back by itself has been told all there is: no other answer keeps it away for good.
            await Response(status_code=HTTPStatus.NO_CONTENT)(scope, receive, send)
            return
        async with AsyncExitStack() as held:
            response = await self._answer(request, held)
            await response(scope, receive, send)

    async def _answer(self, request: Request, held: AsyncExitStack) -> Response:
        """Give the answer, and hold what it takes while it is sent."""
        try:
            who = await self._let_in(request)
            streams = await held.enter_async_context(_streams_of(request))
            return await self._build(request, who, streams)
        except BadSpec as error:
            return _told(events.failed(str(error)))
        except (ServiceError, HTTPException) as error:
            problem = describe(error)
            status = None if isinstance(error, InvalidInput) else problem.status
            return _told(events.failed(problem.detail, status))
        except Exception:
            log.exception("A build that was asked for could not be begun")
            return _told(events.failed(events.BROKEN, HTTPStatus.INTERNAL_SERVER_ERROR))

    async def _let_in(self, request: Request) -> Identity:
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is understood here.")
        state = request.app.state
        return await caller_now(request, state.services, state.sessions)

    async def _build(self, request: Request, who: Identity, streams: Streams) -> Response:
        """Begin the build that is asked for, or join it, and follow it."""
        services: Services = request.app.state.services
        if request.query_params.get("build_only", "").lower() != "true":
            raise HTTPException(HTTPStatus.BAD_REQUEST, _NO_LAUNCH)
        source = source_of(*_asked(request), {**FORGES, **services.settings.binder_forges})
        if request.method == "HEAD":
            return _told(b"")
        note, build = await _started(services, who, source)
        note_build(request, build)
        if build.reused:
            return _told(note + events.ended(build))
        follow = partial(services.builds.follow, who, build.id)
        told = events.build_events(build, follow, streams.pace.heartbeat)
        return streams.of_events(after([note] if note else [], told), farewell=events.STOPPED, lost=events.LOST)


async def _started(services: Services, who: Identity, source: Source) -> tuple[bytes, Build]:
    """Start a build; where its branch is not there that is usual, that of the default branch, with a note."""
    try:
        return b"", await services.builds.start(who, BuildRequest(source))
    except RefNotFound:
        if source.ref not in USUAL_BRANCHES:
            raise
    note = events.event("waiting", f"There is no branch {source.ref}: the default branch is taken.")
    return note, await services.builds.start(who, BuildRequest(replace(source, ref="HEAD")))


def _asked(request: Request) -> tuple[str, str]:
    """Cut provider and specification from the path as it was sent."""
    prefix = f"{request.app.state.services.settings.base_url}build/"
    raw = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    provider, _, spec = raw.removeprefix(prefix).partition("/")
    return provider, spec


def _told(piece: bytes) -> Response:
    return Response(piece, media_type=EVENTS, headers={"Cache-Control": "no-cache"})


async def _versions(_: Request) -> Response:
    builder = {"repo2docker-service": __version__}
    return JSONResponse({"binderhub": f"repo2docker-service {__version__}", "builder_info": builder}, headers=_FOR_ALL)


async def _health(request: Request) -> Response:
    services: Services = request.app.state.services
    parts = (await services.readiness.look()).parts
    checks = [{"service": name, "ok": part.ok} for name, part in parts.items()]
    ok = all(part.ok for part in parts.values())
    return JSONResponse({"ok": ok, "checks": checks}, 200 if ok else HTTPStatus.SERVICE_UNAVAILABLE, headers=_FOR_ALL)


async def _providers(_: Request) -> Response:
    described = [
        {
            "displayName": provider.name,
            "id": name,
            "spec": {"validateRegex": r"[^/]+/.+"},
            "repo": {"label": provider.name, "placeholder": provider.repository, "urlEncode": provider.encoded},
            "ref": {"enabled": True, "default": "HEAD"},
        }
        for name, provider in PROVIDERS.items()
    ]
    return JSONResponse(described, headers=_FOR_ALL)
