"""Servers: start one from an image, follow its start, list, stop. All with the caller's own token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from repo2docker_service.domain.errors import InvalidInput, ServerNotFound
from repo2docker_service.domain.inputs import check_text
from repo2docker_service.domain.servers import ServerState
from repo2docker_service.entrypoints.http.dependencies import (
    Caller,
    CallerNow,
    CallersToken,
    ServicesNeeded,
    StreamsNeeded,
    caller_now,
    require_json,
)
from repo2docker_service.entrypoints.http.documentation import problems, stream_of_events
from repo2docker_service.entrypoints.http.event_stream import begun
from repo2docker_service.entrypoints.http.monitoring.audit import note
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.server_shapes import (
    LaunchWish,
    ServerShape,
    ServersShape,
    launch_request,
    server_shape,
)

router = APIRouter(prefix=f"{API}/servers", tags=["servers"])

UNNAMED: Final = "-"
"""Stands in addresses for the server without a name; no name of a server is like it."""
_LONGEST: Final = 255
_EXAMPLE: Final = (
    'event: progress\ndata: {"percent":50,"message":"Spawning server"}\n\n'
    'event: ready\ndata: {"url":"/user/ada/","open_url":"/user/ada/lab/tree/first.ipynb"}\n\n'
)


def server_name(name: Annotated[str, Path(description='The server\'s name; "-" for the one without a name.')]) -> str:
    """Take only what can be the name of a server any further; those of older hubs have wider rules than new ones.

    Raises:
        ServerNotFound: it cannot.
    """
    try:
        check_text("name", name)
    except InvalidInput:
        raise ServerNotFound(ascii(name[:64])) from None
    if name in (".", "..") or "/" in name or len(name) > _LONGEST:
        raise ServerNotFound(name[:64])
    return "" if name == UNNAMED else name


ServerName = Annotated[str, Depends(server_name)]


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model_exclude_unset=True,
    summary="Start a server from an image",
    dependencies=[Depends(caller_now), Depends(require_json)],
    responses=problems(400, 404, 409, 413, 415, 429)
    | {200: {"model": ServerShape, "description": "It runs already, from that image."}},
)
async def start_server(
    who: CallerNow,
    token: CallersToken,
    wish: LaunchWish,
    services: ServicesNeeded,
    request: Request,
    response: Response,
) -> ServerShape:
    """Location is where its progress is told. The path is opened when it is ready: go to ``open_url`` then."""
    server = await services.servers.start(who, token, launch_request(wish))
    note(request, target=server.name or UNNAMED, image=server.image, profile=server.profile)
    if server.state is ServerState.READY:
        response.status_code = HTTPStatus.OK
    base = services.settings.base_url.rstrip("/")
    response.headers["Location"] = f"{base}{API}/servers/{server.name or UNNAMED}/progress"
    return server_shape(server, await services.servers.origins(who, [server]))


@router.get("", response_model_exclude_unset=True, summary="List your servers", responses=problems())
async def list_servers(who: Caller, token: CallersToken, services: ServicesNeeded) -> ServersShape:
    """Those that run or start by name, then those that have stopped; whatever they were started from."""
    servers = await services.servers.list(who, token)
    origins = await services.servers.origins(who, servers)
    return ServersShape(items=[server_shape(server, origins) for server in servers])


@router.get(
    "/{name}/progress",
    summary="Follow the start of a server",
    response_class=Response,
    responses=problems(404)
    | {200: {"description": "The progress.", "content": stream_of_events(_EXAMPLE, "progress", "ready", "failed")}},
)
async def follow_start(
    who: Caller, token: CallersToken, name: ServerName, services: ServicesNeeded, streams: StreamsNeeded
) -> Response:
    """The events are ``progress``, and at last ``ready`` with where the server is, or ``failed`` with the reason.

    ``reconnect`` tells that the service stops: ask again, in a moment. ``error`` tells a problem that came up
    meanwhile; the server may start all the same.
    """
    return streams.server_progress(await begun(services.servers.progress(who, token, name)))


@router.delete("/{name}", status_code=HTTPStatus.NO_CONTENT, summary="Stop a server", responses=problems(404, 409))
async def stop_server(who: CallerNow, token: CallersToken, name: ServerName, services: ServicesNeeded) -> None:
    """One with a name is removed too. When the answer comes it is on its way."""
    await services.servers.stop(who, token, name)
