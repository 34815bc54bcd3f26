"""What changes, for list pages."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from repo2docker_service.domain.streams.merging import merge
from repo2docker_service.entrypoints.http.dependencies import Caller, ServicesNeeded, StreamsNeeded
from repo2docker_service.entrypoints.http.documentation import problems, stream_of_events
from repo2docker_service.entrypoints.http.routes import API

router = APIRouter(prefix=API, tags=["events"])

_EXAMPLE: Final = 'event: image\ndata: {"name":"localhost/r2d/github.com--a--b:latest"}\n\n'


@router.get(
    "/events",
    summary="Follow changes of builds and images",
    response_class=Response,
    responses=problems()
    | {200: {"description": "The changes.", "content": stream_of_events(_EXAMPLE, "build", "image")}},
)
async def follow_changes(who: Caller, services: ServicesNeeded, streams: StreamsNeeded) -> Response:
    """The events are ``build`` with the build and ``image`` with a name; load lists again after each connection."""
    return streams.changes(merge(await services.builds.watch(who), await services.images.watch(who)))
