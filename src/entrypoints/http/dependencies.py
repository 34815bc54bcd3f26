"""What routes ask for: the services, who is calling, and that a request is what it says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace
from email.message import Message
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path, Request
from starlette.exceptions import HTTPException

from repo2docker_service.bootstrap import Services
from repo2docker_service.domain.capabilities import BrowserLogin
from repo2docker_service.domain.errors import BuildNotFound, ImageNotFound, Unauthenticated
from repo2docker_service.domain.log_context import BUILD
from repo2docker_service.domain.models import Identity, Owner, OwnerKind
from repo2docker_service.entrypoints.http.login_flow import LoginFlow
from repo2docker_service.entrypoints.http.schemas import LONGEST_TOKEN
from repo2docker_service.entrypoints.http.sessions import XSRF_HEADER, Sessions
from repo2docker_service.entrypoints.http.streams import Streams
from repo2docker_service.entrypoints.http.watching import Watch

_BUILD_ID: Final = re.compile(r"[0-9a-f]{16,64}", re.ASCII)
_IMAGE_ID: Final = re.compile(r"[0-9a-f]{24}", re.ASCII)
_JSON: Final = re.compile(r"application/(.+\+)?json", re.ASCII)
_LONGEST_ECHO: Final = 64


def get_services(request: Request) -> Services:
    """Give what the application was made with."""
    services: Services = request.app.state.services
    return services


def get_sessions(request: Request) -> Sessions:
    """Give the sessions of this installation."""
    sessions: Sessions = request.app.state.sessions
    return sessions


async def get_streams(request: Request) -> AsyncIterator[Streams]:
    """Give what streams share; those of this request end when its caller may not read on.

    Routes ask who is calling before they ask for this.

    Raises:
        TooManyRequests: the caller reads too many.
    """
    streams: Streams = request.app.state.streams
    person: Owner | None = request.state.person
    with request.app.state.readers.place(person) if person else nullcontext():
        # Only once the answer has ended is this left.
        yield replace(streams, until=Watch(request, streams.pace.recheck))


def login_address(services: Services) -> str:
    """Give the path where a browser begins to log in elsewhere; nothing where tokens are given here."""
    elsewhere = isinstance(services.authorizer, BrowserLogin)
    return f"{services.settings.base_url}login" if elsewhere else ""


def home_address(services: Services) -> str:
    """Give the page of where people log in that is theirs; nothing where tokens are given here."""
    return services.authorizer.home_url if isinstance(services.authorizer, BrowserLogin) else ""


def get_login_flow(request: Request) -> LoginFlow:
    """Give the logins that were begun."""
    flow: LoginFlow = request.app.state.login_flow
    return flow


LoginFlowNeeded = Annotated[LoginFlow, Depends(get_login_flow)]
ServicesNeeded = Annotated[Services, Depends(get_services)]
SessionsNeeded = Annotated[Sessions, Depends(get_sessions)]
StreamsNeeded = Annotated[Streams, Depends(get_streams)]


async def caller(request: Request, services: ServicesNeeded, sessions: SessionsNeeded) -> Identity:
    """Say who is calling, by token or by session.

    Raises:
        Unauthenticated: nobody that is known.
    """
    return await _identify(request, services, sessions, needs_xsrf=True)


async def caller_now(request: Request, services: ServicesNeeded, sessions: SessionsNeeded) -> Identity:
    """Say who is calling, and what that one may do at this moment: for what changes something.

    Raises:
        Unauthenticated: nobody that is known.
    """
    return await _identify(request, services, sessions, needs_xsrf=True, fresh=True)


async def downloader(request: Request, services: ServicesNeeded, sessions: SessionsNeeded) -> Identity:
    """Say who is calling; a plain link to a download needs no XSRF header, as it cannot send one.

    Only a browser can say that a request is a navigation, and what it then saves as a file no page can read.
    """
    follows_link = "download" in request.query_params and request.headers.get("sec-fetch-mode") == "navigate"
    return await _identify(request, services, sessions, needs_xsrf=not follows_link)


async def callers_token(request: Request, sessions: SessionsNeeded) -> str:
    """Give the caller's own token, for what is done elsewhere on the caller's behalf.

    Raises:
        Unauthenticated: there is none.
    """
    return _token_of(request, sessions, needs_xsrf=True)


Caller = Annotated[Identity, Depends(caller)]
CallerNow = Annotated[Identity, Depends(caller_now)]
CallersToken = Annotated[str, Depends(callers_token)]
Downloader = Annotated[Identity, Depends(downloader)]


async def _identify(
    request: Request, services: Services, sessions: Sessions, *, needs_xsrf: bool, fresh: bool = False
) -> Identity:
    token = _token_of(request, sessions, needs_xsrf=needs_xsrf)
    # Streams ask again while they last.
    request.state.identify = partial(services.authorizer.identify, token)
    who = request.state.who = await services.authorizer.identify(token, fresh=fresh)
    person = request.state.person = _bounded(who, services)
    if person:
        request.app.state.rates.count(person)
    return who


def _bounded(who: Identity, services: Services) -> Owner | None:
    """Give whose requests are counted: those of people, and not of programs and people that an administrator trusts."""
    return who.owner if who.kind is OwnerKind.USER and not services.policy.is_admin(who) else None


def _token_of(request: Request, sessions: Sessions, *, needs_xsrf: bool) -> str:
    if "token" in request.query_params:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST,
            "Addresses are kept in logs and histories: send the token in the Authorization header.",
        )
    header = request.headers.get("authorization")
    if header is not None:
        return _token(header)
    value = request.cookies.get(sessions.cookie, "")
    token = sessions.token(value)
    if needs_xsrf and not sessions.is_own_page(request, value):
        raise HTTPException(
            HTTPStatus.FORBIDDEN,
            f"The header {XSRF_HEADER} is missing or belongs to another session. Load the page again.",
        )
    return token


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() not in ("bearer", "token") or not 0 < len(token) <= LONGEST_TOKEN:
        raise Unauthenticated
    return token


def require_json(request: Request) -> None:
    """Refuse bodies that are not said to be JSON: forms of other sites can send those without asking.

    Raises:
        HTTPException: 415.
    """
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    if not _JSON.fullmatch(message.get_content_type()):
        sentence = "Send JSON, with the header Content-Type: application/json."
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, sentence)


def require_same_origin(request: Request) -> None:
    """Refuse what another site makes a browser send. Programs that are no browsers send neither header.

    Raises:
        HTTPException: 403.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same = site == "same-origin"
    else:
        same = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not same:
        raise HTTPException(HTTPStatus.FORBIDDEN, "This is only for the service's own page.")


def require_own_link(request: Request) -> None:
    """Refuse to follow a link of another site; one that a person typed, or a program asks for, is fine.

    Raises:
        HTTPException: 403.
    """
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Open the service's own page to log out.")


async def build_id(build_id: Annotated[str, Path(description="The build's id.")]) -> str:
    """Take only what can be the id of a build any further.

    Raises:
        BuildNotFound: it cannot.
    """
    if not _BUILD_ID.fullmatch(build_id):
        raise BuildNotFound(build_id[:_LONGEST_ECHO])
    BUILD.set(build_id)  # until the request is over
    return build_id


def image_id(image_id: Annotated[str, Path(description="The image's id.")]) -> str:
    """Take only what can be the id of an image any further.

    Raises:
        ImageNotFound: it cannot.
    """
    if not _IMAGE_ID.fullmatch(image_id):
        raise ImageNotFound(image_id[:_LONGEST_ECHO])
    return image_id


BuildId = Annotated[str, Depends(build_id)]
ImageId = Annotated[str, Depends(image_id)]
