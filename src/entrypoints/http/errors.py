"""What went wrong becomes a status and a problem document (RFC 9457): one table, for all routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from repo2docker_service.domain import errors as domain
from repo2docker_service.entrypoints.http.sentences import field_errors

MEDIA_TYPE: Final = "application/problem+json"
_KINDS: Final = "urn:repo2docker-service"
RETRY_SECONDS: Final = 5
"""When to try again after a part did not answer."""

STATUSES: Final[Mapping[type[domain.ServiceError], HTTPStatus]] = {
    domain.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    domain.SourceUnreachable: HTTPStatus.BAD_GATEWAY,
    domain.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    domain.Forbidden: HTTPStatus.FORBIDDEN,
    domain.BuildNotFound: HTTPStatus.NOT_FOUND,
    domain.ImageNotFound: HTTPStatus.NOT_FOUND,
    domain.LogCollected: HTTPStatus.GONE,
    domain.BuildActive: HTTPStatus.CONFLICT,
    domain.BuildFinished: HTTPStatus.CONFLICT,
    domain.ImageMoved: HTTPStatus.PRECONDITION_FAILED,
    domain.ImageInUse: HTTPStatus.CONFLICT,
    domain.ImageHasSiblings: HTTPStatus.CONFLICT,
    domain.ImageProtected: HTTPStatus.CONFLICT,
    domain.DeletionRefused: HTTPStatus.METHOD_NOT_ALLOWED,
    domain.ServerNotFound: HTTPStatus.NOT_FOUND,
    domain.ServerBusy: HTTPStatus.CONFLICT,
    domain.LaunchRefused: HTTPStatus.CONFLICT,
    domain.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    domain.TooManyServers: HTTPStatus.TOO_MANY_REQUESTS,
    domain.QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    domain.PrivateBuildRefused: HTTPStatus.FORBIDDEN,
    domain.BuildVetoed: HTTPStatus.FORBIDDEN,
    domain.DiskLow: HTTPStatus.INSUFFICIENT_STORAGE,
    domain.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each error of the domain; kinds of a kind inherit it."""


@dataclass(frozen=True)
class Problem:
    """An error as the API tells it."""

    status: int
    kind: str
    title: str
    detail: str
    data: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Give the problem document."""
        # The members of RFC 9457 go last: data never replaces them.
        return {**self.data, "type": self.kind, "title": self.title, "status": self.status, "detail": self.detail}

    def response(self) -> Response:
        """Give the answer to the request that failed."""
        # Escaped throughout: what people sent may hold halves of characters that UTF-8 cannot carry.
        return Response(json.dumps(self.body()), self.status, dict(self.headers), media_type=MEDIA_TYPE)


def describe(error: Exception) -> Problem:
    """Tell any error that this service raises on purpose; any other is raised again."""
    match error:
        case domain.ServiceError():
            return problem_of(error)
        case RequestValidationError():
            return _invalid_request(error)
        case HTTPException():
            return _http_exception(error)
    raise error


def problem_of(error: domain.ServiceError) -> Problem:
    """Tell an error of the domain."""
    status = status_of(type(error))
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    return Problem(
        status=status,
        kind=f"{_KINDS}:{words.replace(' ', '-')}",
        title=words.capitalize(),
        detail=str(error),
        data=_data(error),
        headers=dict(_headers(error)),
    )


def status_of(kind: type[domain.ServiceError]) -> HTTPStatus:
    """Look up the status for a kind of error, or for the nearest kind above it.

    Raises:
        LookupError: the table says nothing of it.
    """
    for each in kind.__mro__:
        if each in STATUSES:
            return STATUSES[each]
    raise LookupError(f"{kind.__name__} has no status")


def plain_problem(status: int, detail: str = "", headers: Mapping[str, str] | None = None, **data: Any) -> Problem:
    """Tell an error that means no more than its status does."""
    title = HTTPStatus(status).phrase
    return Problem(status, "about:blank", title, detail or f"{title}.", data, headers or {})


def unexpected_problem(request_id: str) -> Problem:
    """Tell an error that only the log explains."""
    sentence = f"Something went wrong here. Tell an administrator this number: {request_id}."
    return plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, sentence, request_id=request_id)


def install(app: FastAPI) -> None:
    """Make an application tell every error as a problem document."""
    for kind in (domain.ServiceError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    problem = describe(error)
    if isinstance(error, domain.Unauthenticated) and (login := request.app.state.login_address):
        problem = replace(problem, data={"login": login})
    if isinstance(error, HTTPException) and (methods := _methods_of(request, problem)):
        problem = replace(problem, headers={**problem.headers, "Allow": methods})
    if isinstance(error, domain.SourceForbidden) and _is_asked_by_an_administrator(request):
        problem = replace(problem, detail=error.for_administrators())
    return problem.response()


def _methods_of(request: Request, problem: Problem) -> str:
    """Give what may be done at an address, where it is not what was asked for; each route knows of its own only."""
    if problem.status != HTTPStatus.METHOD_NOT_ALLOWED:
        return ""
    here = (
        each for each in request.app.routes if isinstance(each, Route) and each.matches(request.scope)[0] != Match.NONE
    )
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


def _is_asked_by_an_administrator(request: Request) -> bool:
    who = getattr(request.state, "who", None)
    return who is not None and request.app.state.services.policy.is_admin(who)


def _invalid_request(error: RequestValidationError) -> Problem:
    mistakes = error.errors()
    if any(each["type"] == "json_invalid" for each in mistakes):
        return plain_problem(HTTPStatus.BAD_REQUEST, "The body of the request is not JSON.")
    wrong = field_errors(mistakes)
    detail = " ".join(f"{each['field']}: {each['problem']}" for each in wrong)
    return Problem(STATUSES[domain.InvalidInput], f"{_KINDS}:invalid-input", "Invalid input", detail, {"errors": wrong})


def _http_exception(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    return plain_problem(error.status_code, "" if error.detail == phrase else error.detail, error.headers)


def _data(error: domain.ServiceError) -> dict[str, Any]:
    match error:
        case domain.InvalidInput():
            near = {"near": list(error.near)} if error.near else {}
            return {"errors": [{"field": error.field, "problem": error.problem, **near}]}
        case domain.Unavailable():
            return {"part": error.part}
    return {name: getattr(error, name) for name in getattr(error, "__dataclass_fields__", {})}


def _headers(error: domain.ServiceError) -> Iterator[tuple[str, str]]:
    match error:
        case domain.Unauthenticated():
            yield "WWW-Authenticate", "Bearer"
        case domain.DeletionRefused():
            yield "Allow", "GET"
        case (
            domain.QuotaExceeded(retry_after=int(seconds))
            | domain.TooManyRequests(retry_after=seconds)
            | domain.TooManyServers(retry_after=int(seconds))
            | domain.SourceUnreachable(retry_after=int(seconds))
        ):
            yield "Retry-After", str(seconds)
        case domain.BuilderImageMissing(problem=problem) if problem:
            return  # it does not pass by waiting: somebody has to do something
        case domain.Unavailable():
            yield "Retry-After", str(RETRY_SECONDS)
