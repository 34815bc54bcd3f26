"""Browser sessions: begin and end."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from repo2docker_service.bootstrap import Services
from repo2docker_service.domain.capabilities import BrowserLogin
from repo2docker_service.domain.errors import ServiceError, Unauthenticated
from repo2docker_service.entrypoints.http.dependencies import (
    LoginFlowNeeded,
    ServicesNeeded,
    SessionsNeeded,
    require_json,
    require_own_link,
    require_same_origin,
)
from repo2docker_service.entrypoints.http.documentation import FOR_ALL, problems
from repo2docker_service.entrypoints.http.login_flow import local
from repo2docker_service.entrypoints.http.schemas import Brought, Login, MeShape
from repo2docker_service.entrypoints.http.sessions import Sessions
from repo2docker_service.entrypoints.http.shaping import me_shape

router = APIRouter(tags=["session"])

_PATIENCE: Final = 2.0
"""Seconds for which a logout waits to know whose it is."""
_ERROR: Final = re.compile(r"[a-z_]{1,60}", re.ASCII)


@router.get(
    "/login",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    response_description="Where one logs in.",
    summary="Log in with a browser",
    responses=problems(),
    openapi_extra=FOR_ALL,
)
async def show_login(
    request: Request,
    services: ServicesNeeded,
    flow: LoginFlowNeeded,
    following: Annotated[str, Query(alias="next", description="Which page of the service to go on to.")] = "",
) -> RedirectResponse:
    """Sends the browser to where people log in; where that is here, the page itself asks for a token."""
    elsewhere = services.authorizer
    if not isinstance(elsewhere, BrowserLogin):
        return RedirectResponse(local(following, services.settings.base_url), HTTPStatus.SEE_OTHER)
    response = RedirectResponse("", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    begun = flow.begin(request, response, following)
    response.headers["Location"] = elsewhere.authorize_url(begun.state, begun.challenge)
    return response


@router.get("/oauth_callback", include_in_schema=False)
async def come_back(
    request: Request,
    services: ServicesNeeded,
    sessions: SessionsNeeded,
    flow: LoginFlowNeeded,
    brought: Annotated[Brought, Query()],
) -> RedirectResponse:
    """Change the code that a browser brings for a session, and lead it to the page that it was after."""
    elsewhere = services.authorizer
    if not isinstance(elsewhere, BrowserLogin):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    response = RedirectResponse("", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    response.headers["Location"] = services.settings.base_url
    try:
        begun = flow.finish(request, response, brought.state)
        if brought.error or not brought.code:
            reason = f"You were not logged in: {_word(brought.error)}. Go back and try again."
            raise HTTPException(HTTPStatus.FORBIDDEN, reason, {"Set-Cookie": response.headers["Set-Cookie"]})
        token = await elsewhere.token_for_code(brought.code, begun.verifier)
        request.state.who = await services.authorizer.identify(token, fresh=True)
    except Unauthenticated:
        # Too late, or once more by the button "back": the page finds out who is logged in, and begins anew if need be.
        return response
    sessions.remember(request, response, sessions.issue(token))
    response.headers["Location"] = begun.next
    return response


def _word(error: str) -> str:
    """Give an error of OAuth, which is a word; it comes through the browser, so it may be anything."""
    return error if _ERROR.fullmatch(error) else "no reason was given"


@router.post(
    "/login",
    summary="Change a token for a session",
    dependencies=[Depends(require_same_origin), Depends(require_json)],
    responses=problems(400, 413, 415),
    openapi_extra=FOR_ALL,
)
async def log_in(
    given: Login, request: Request, response: Response, services: ServicesNeeded, sessions: SessionsNeeded
) -> MeShape:
    """Sets the session's cookie, and the readable cookie whose value every call has to repeat as a header."""
    if isinstance(services.authorizer, BrowserLogin):
        # Somebody could be logged in by a link as somebody else.
        raise HTTPException(HTTPStatus.NOT_FOUND, "Log in through the hub.")
    who = request.state.who = await services.authorizer.identify(given.token, fresh=True)
    sessions.remember(request, response, sessions.issue(given.token))
    return me_shape(who, services.policy, services.builds.admission.quotas_of(who.owner))


@router.get(
    "/logout",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    response_description="Where one is logged out, too.",
    summary="Log out with a browser",
    dependencies=[Depends(require_own_link)],
    responses=problems(),
    openapi_extra=FOR_ALL,
)
async def log_out_everywhere(request: Request, services: ServicesNeeded, sessions: SessionsNeeded) -> RedirectResponse:
    """Ends the session here, and goes on to end it where it began."""
    await _notice_who_leaves(request, services, sessions)
    elsewhere = services.authorizer
    target = elsewhere.logout_url if isinstance(elsewhere, BrowserLogin) else services.settings.base_url
    response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
    sessions.forget(response)
    return response


@router.post(
    "/logout",
    status_code=HTTPStatus.NO_CONTENT,
    summary="End the session",
    dependencies=[Depends(require_same_origin)],
    responses=problems(),
    openapi_extra=FOR_ALL,
)
async def log_out(request: Request, response: Response, services: ServicesNeeded, sessions: SessionsNeeded) -> None:
    """Takes the cookies back."""
    await _notice_who_leaves(request, services, sessions)
    sessions.forget(response)


async def _notice_who_leaves(request: Request, services: Services, sessions: Sessions) -> None:
    """Find out for the audit stream who logs out, if that can be known at once; a logout waits for nobody."""
    with suppress(ServiceError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            token = sessions.token(request.cookies.get(sessions.cookie, ""))
            request.state.who = await services.authorizer.identify(token)
