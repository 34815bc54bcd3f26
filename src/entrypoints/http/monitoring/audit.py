"""The audit stream: who did what to what, and how it went. One line for each request that changes something."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repo2docker_service.domain import auditing
from repo2docker_service.domain.errors import ServiceError
from repo2docker_service.domain.models import Build, Identity
from repo2docker_service.entrypoints.http.binder import BUILD
from repo2docker_service.entrypoints.http.dependencies import caller
from repo2docker_service.entrypoints.http.monitoring.requests import route_of
from repo2docker_service.entrypoints.http.routes import API

ACTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("POST", f"{API}/builds"): "build",
    ("GET", BUILD): "build",
    ("POST", f"{API}/builds/{{build_id}}/cancel"): "cancel",
    ("DELETE", f"{API}/builds/{{build_id}}"): "forget",
    ("DELETE", f"{API}/images/{{image_id}}"): "delete",
    ("POST", f"{API}/servers"): "launch",
    ("DELETE", f"{API}/servers/{{name}}"): "stop",
    ("POST", f"{API}/admin/cleanup"): "cleanup",
    ("POST", f"{API}/admin/owners/{{owner:path}}/removal"): "remove-owner",
    ("POST", f"{API}/admin/rebuilds"): "rebuild",
    ("POST", "/login"): "login",
    ("GET", "/oauth_callback"): "login",
    ("POST", "/logout"): "logout",
    ("GET", "/logout"): "logout",
}
"""What a request does, by its method and the route that takes it."""
_NOTES: Final = "audit_notes"
_LONGEST_TARGET: Final = 255
"""Nothing that there is has a longer name; who asks for something may send any."""


def note(request: Request, **known: object) -> None:
    """Add to what is told of a request. Only what the service has found to be so: never what was sent, nor a token."""
    notes: dict[str, object] = getattr(request.state, _NOTES, {})
    setattr(request.state, _NOTES, notes | known)


def note_build(request: Request, build: Build) -> None:
    """Tell which build came of a request."""
    plan = build.plan
    outcome = "reused" if build.reused else "joined" if build.joined else build.state.value
    note(
        request,
        target=build.id,
        image=str(plan.image),
        repo=plan.source.address,
        commit=plan.commit,
        owner=str(plan.owner),
        build=outcome,
    )


@dataclass(frozen=True)
class Audited:
    """Tells of each request that changes something, when its answer begins."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = False

        def action_of() -> str | None:
            return ACTIONS.get((scope["method"], route_of(scope)))

        def tell_once(status: int) -> None:
            nonlocal told
            action = action_of()
            if action is not None and not told:
                told = True
                tell(action, scope, status)

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                if action_of() not in (None, "login"):
                    await _learn_who(scope)
                tell_once(message["status"])
            await send(message)

        # Made here, so that what routes add to it can be read here.
        scope.setdefault("state", {})
        try:
            await self.app(scope, receive, telling)
        except asyncio.CancelledError:
            # The process is stopped: what was begun may be done all the same.
            tell_once(HTTPStatus.SERVICE_UNAVAILABLE)
            raise
        except Exception:
            tell_once(HTTPStatus.INTERNAL_SERVER_ERROR)
            raise


async def _learn_who(scope: Scope) -> None:
    """Find out who is calling where nobody has asked yet: bodies that cannot be read are refused before that."""
    if "identify" not in scope["state"]:
        request = Request(scope)
        with suppress(ServiceError, HTTPException):
            await caller(request, request.app.state.services, request.app.state.sessions)


def tell(action: str, scope: Scope, status: int) -> None:
    """Write the line."""
    state = scope["state"]
    who = state.get("who")
    data: dict[str, Any] = {
        "action": action,
        "who": str(who.owner) if isinstance(who, Identity) else "unknown",
        **({"by": _way(scope)} if isinstance(who, Identity) and action != "login" else {}),
        "outcome": "done" if status < 400 else "refused" if status < 500 else "failed",
        "status": int(status),
    }
    for value in scope.get("path_params", {}).values():
        data["target"] = str(value)[:_LONGEST_TARGET]
    data |= {name: value for name, value in state.get(_NOTES, {}).items() if value not in ("", None)}
    auditing.tell(data)


def _way(scope: Scope) -> str:
    """Say by what a caller was known."""
    return "token" if "authorization" in Headers(scope=scope) else "session"
