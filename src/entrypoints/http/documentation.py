"""What the OpenAPI document says beyond what routes say of themselves."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict

from repo2docker_service.entrypoints.http import examples
from repo2docker_service.entrypoints.http.errors import MEDIA_TYPE
from repo2docker_service.entrypoints.http.event_stream import EVENTS
from repo2docker_service.entrypoints.http.sessions import XSRF_HEADER

Responses = dict[int | str, dict[str, Any]]

DESCRIPTION: Final = f"""Builds container images from git repositories with repo2docker.

Programs send `Authorization: Bearer <token>`. The page changes a token for a session once, at `/login`, and sends the
header `{XSRF_HEADER}` with the value of the cookie `_xsrf` along with every call. Times are RFC 3339 in UTC, sizes are
bytes. Every error is a problem document (RFC 9457)."""

_SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "repo2docker-service",
        "description": f"Set by /login under this name and the instance's. Needs the header {XSRF_HEADER} too.",
    },
}


FOR_ALL: Final[dict[str, Any]] = {"security": []}
"""What the document says of a route besides, where nobody has to say who they are."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    problem: str
    near: list[str] = []


class ProblemShape(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [examples.PROBLEM]})

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


def problems(*statuses: int) -> Responses:
    """Document errors that a route may answer with, beside those that every route may."""
    return {status: _problem(HTTPStatus(status).phrase) for status in (*statuses, 401, 403, 422, 429, 431, 503)}


def _problem(description: str) -> dict[str, Any]:
    example = {**examples.PROBLEM} if description == HTTPStatus(422).phrase else None
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": description, "content": {MEDIA_TYPE: content | ({"example": example} if example else {})}}


def stream_of(media_type: str, example: str) -> dict[str, Any]:
    """Document a body that is a text of its own kind."""
    return {media_type: {"schema": {"type": "string"}, "example": example}}


def stream_of_events(example: str, *names: str) -> dict[str, Any]:
    """Document a stream of events: the form of each, in the words of OpenAPI 3.2, which had none for it before."""
    event = {
        "type": "object",
        "properties": {
            "event": {"type": "string", "enum": [*names, "reconnect", "error"]},
            "data": {"type": "string", "contentMediaType": "application/json"},
            "id": {"type": "string"},
            "retry": {"type": "integer", "minimum": 0},
        },
    }
    return {EVENTS: {"itemSchema": event, "example": example}}


def describe(app: FastAPI) -> dict[str, Any]:
    """Make the OpenAPI document."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            description=DESCRIPTION,
            routes=app.routes,
            servers=[{"url": app.state.services.settings.base_url.rstrip("/") or "/"}],
        )
        schemas = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
        components = document.setdefault("components", {})
        components["schemas"] |= schemas.pop("$defs") | {"Problem": schemas}
        components["securitySchemes"] = _SECURITY
        document["security"] = [{name: []} for name in _SECURITY]
        app.openapi_schema = document
    return app.openapi_schema
