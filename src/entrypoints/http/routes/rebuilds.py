"""Building outdated images again, for administrators."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from repo2docker_service.entrypoints.http.dependencies import (
    Caller,
    CallerNow,
    ServicesNeeded,
    caller_now,
    require_json,
)
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.monitoring.audit import note
from repo2docker_service.entrypoints.http.rebuild_shapes import (
    RebuildsShape,
    RebuildsWanted,
    RebuildWish,
    rebuilds_shape,
)
from repo2docker_service.entrypoints.http.routes import API

router = APIRouter(prefix=f"{API}/admin/rebuilds", tags=["administration"])


@router.get(
    "", response_model_exclude_unset=True, summary="Which images are outdated, and which is next?", responses=problems()
)
async def list_rebuilds(
    who: Caller, wanted: Annotated[RebuildsWanted, Query()], services: ServicesNeeded
) -> RebuildsShape:
    """Nothing is begun."""
    return rebuilds_shape(await services.rebuilds.preview(who), wanted)


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model_exclude_unset=True,
    summary="Build outdated images again, a few at a time",
    dependencies=[Depends(caller_now), Depends(require_json)],
    responses=problems(400, 404, 413, 415, 507)
    | {200: {"model": RebuildsShape, "description": "Nothing was begun: enough is under way, or nothing waits."}},
)
async def begin_rebuilds(
    who: CallerNow, wish: RebuildWish, services: ServicesNeeded, request: Request, response: Response
) -> RebuildsShape:
    """Adds to those under way up to ``at_once``: ask again for the next ones, until none waits and none is under way.

    Nothing is remembered of this request. Each image is built again from its own commit, for its own owner.
    """
    found = await services.rebuilds.begin(who, only=wish.images, failed_before=wish.failed_before)
    note(request, begun=len(found.begun))
    if not found.begun:
        response.status_code = HTTPStatus.OK
    return rebuilds_shape(found, RebuildsWanted())
