"""The web applications of plugins, each under its plugin's name, for whoever has logged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from repo2docker_service.entrypoints.http.dependencies import caller, caller_now

PREFIX: Final = "/plugins"
"""Where they are, below the base URL."""
_SAFE: Final = ("GET", "HEAD", "OPTIONS")


def mounts(applications: Mapping[str, ASGIApp]) -> list[Mount]:
    """Give the routes of all plugins that have some."""
    return [Mount(f"{PREFIX}/{name}", app=_ForKnown(application)) for name, application in applications.items()]


@dataclass(frozen=True)
class _ForKnown:
    """Finds out who is calling before a plugin hears of a request."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        request = Request(scope)
        state = request.app.state
        identify = caller if request.method in _SAFE else caller_now
        await identify(request, state.services, state.sessions)
        request.state.services = state.services
        await self.app(scope, receive, send)
