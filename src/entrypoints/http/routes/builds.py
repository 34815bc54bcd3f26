"""Builds: start, list, follow, cancel, forget."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from repo2docker_service.domain.errors import BadCursor
from repo2docker_service.entrypoints.codings import best_coding
from repo2docker_service.entrypoints.http.build_shapes import (
    BuildShape,
    BuildsWanted,
    BuildWish,
    build_page,
    build_request,
    build_shape,
)
from repo2docker_service.entrypoints.http.dependencies import (
    BuildId,
    Caller,
    CallerNow,
    Downloader,
    ServicesNeeded,
    StreamsNeeded,
    caller_now,
    require_json,
)
from repo2docker_service.entrypoints.http.documentation import problems, stream_of, stream_of_events
from repo2docker_service.entrypoints.http.event_stream import EVENTS, begun
from repo2docker_service.entrypoints.http.monitoring.audit import note_build
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.schemas import PageShape
from repo2docker_service.entrypoints.http.shaping import owner_of

router = APIRouter(prefix=f"{API}/builds", tags=["builds"])

_EXAMPLE: Final = 'id: 2\nevent: log\ndata: {"first":1,"lines":["one","two"]}\n\n'


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model_exclude_unset=True,
    summary="Start a build, join one, or get the one of an existing image",
    dependencies=[Depends(caller_now), Depends(require_json)],
    responses=problems(400, 409, 413, 415, 429, 502, 507)
    | {200: {"model": BuildShape, "description": "Nothing is built: the image was there, or it has just failed."}},
)
async def start_build(
    who: CallerNow, wish: BuildWish, services: ServicesNeeded, request: Request, response: Response
) -> BuildShape:
    """Location is the build's address. ``joined``: somebody had asked before; ``reused``: the image was there.

    A build that failed by the repository's own fault in the last ten minutes is the answer, too, unless forced.
    """
    build = await services.builds.start(who, build_request(wish))
    note_build(request, build)
    response.headers["Location"] = f"{services.settings.base_url.rstrip('/')}{API}/builds/{build.id}"
    if build.state.ended:
        response.status_code = HTTPStatus.OK
    return build_shape(build)


@router.get("", response_model_exclude_unset=True, summary="List builds, newest first", responses=problems())
async def list_builds(
    who: Caller, wanted: Annotated[BuildsWanted, Query()], services: ServicesNeeded
) -> PageShape[BuildShape]:
    """Only builds that the caller may know of are listed and counted."""
    page = await services.builds.list(
        who, state=wanted.state, owner=owner_of(wanted.owner), q=wanted.q, limit=wanted.limit, cursor=wanted.cursor
    )
    return build_page(page)


@router.get("/{build_id}", response_model_exclude_unset=True, summary="Get a build", responses=problems(404))
async def get_build(who: Caller, build_id: BuildId, services: ServicesNeeded) -> BuildShape:
    """A build whose container is gone is told from its image, as far as that knows."""
    return build_shape(await services.builds.get(who, build_id))


@router.get(
    "/{build_id}/log",
    summary="Read or follow a build's log",
    response_class=Response,
    responses=problems(404, 410)
    | {
        200: {
            "description": "The log.",
            "content": {**stream_of("text/plain", "one\ntwo\n"), **stream_of_events(_EXAMPLE, "log", "state", "end")},
        }
    },
)
async def read_log(  # noqa: PLR0917 - the framework gives them by name
    who: Downloader,
    build_id: BuildId,
    services: ServicesNeeded,
    streams: StreamsNeeded,
    accept: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[str, Header(description="Where to go on: an event's id, or the number of a line.")] = "",
    download: Annotated[str | None, Query(description="Send as a file.")] = None,
) -> Response:
    """The log so far as text; with ``Accept: text/event-stream`` the log as it comes.

    The events are ``log`` with the number of its first line, ``state`` with the build whenever it changes, and at last
    ``end`` with the final build. ``reconnect`` tells that the service stops: go on after the last id, in a moment.
    ``error`` tells a problem that came up meanwhile.
    """
    if download is None and EVENTS in accept:
        return streams.log_events(await services.builds.follow(who, build_id, _checked(last_event_id)))
    items = await begun(await services.builds.log(who, build_id))
    name = {"Content-Disposition": f'attachment; filename="build-{build_id}.log"'} if download is not None else {}
    return streams.log_text(items, name, gzip=best_coding(accept_encoding, ["gzip"]) == "gzip")


def _checked(cursor: str) -> str:
    if cursor and not (cursor[0].isdecimal() and cursor.isascii() and len(cursor) <= 200):
        raise BadCursor("Last-Event-ID", "This id was not given out by this stream.")
    return cursor


@router.post(
    "/{build_id}/cancel",
    response_model_exclude_unset=True,
    summary="Cancel a build",
    responses=problems(404, 409),
)
async def cancel_build(who: CallerNow, build_id: BuildId, services: ServicesNeeded) -> BuildShape:
    """Its log is kept. When the answer comes, nothing of it runs any more."""
    return build_shape(await services.builds.cancel(who, build_id))


@router.delete(
    "/{build_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Forget a build that has ended",
    responses=problems(404, 405, 409),
)
async def forget_build(who: CallerNow, build_id: BuildId, services: ServicesNeeded) -> None:
    """Its record and log go, also from the archive, where it has to be allowed to delete; its image stays."""
    await services.builds.forget(who, build_id)
