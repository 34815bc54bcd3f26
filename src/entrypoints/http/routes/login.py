"""Browser sessions: begin and end."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from repo2docker_service.entrypoints.http.dependencies import (
    ServicesNeeded,
    SessionsNeeded,
    require_json,
    require_same_origin,
)
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.schemas import Login, MeShape
from repo2docker_service.entrypoints.http.shaping import me_shape

router = APIRouter(tags=["session"])


@router.get("/login", include_in_schema=False)
async def show_login(services: ServicesNeeded) -> RedirectResponse:
    """The page itself asks for a token when it needs one."""
    return RedirectResponse(services.settings.base_url, HTTPStatus.SEE_OTHER)


@router.post(
    "/login",
    summary="Change a token for a session",
    dependencies=[Depends(require_same_origin), Depends(require_json)],
    responses=problems(400, 413, 415),
)
async def log_in(
    given: Login, request: Request, response: Response, services: ServicesNeeded, sessions: SessionsNeeded
) -> MeShape:
    """Sets the session's cookie, and the readable cookie whose value every call has to repeat as a header."""
    who = await services.authorizer.identify(given.token)
    sessions.remember(request, response, sessions.issue(who))
    return me_shape(who, services.policy)


@router.post(
    "/logout",
    status_code=HTTPStatus.NO_CONTENT,
    summary="End the session",
    dependencies=[Depends(require_same_origin)],
    responses=problems(),
)
async def log_out(response: Response, sessions: SessionsNeeded) -> None:
    """Takes the cookies back."""
    sessions.forget(response)
