"""Counts requests by the route that took them, as the route is written: ``/builds/{build_id}``."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from repo2docker_service.entrypoints.http.event_stream import EVENTS
from repo2docker_service.entrypoints.http.monitoring.figures import Figures

OTHER: Final = "other"
"""Stands for what no route takes, as the page and its files, and for methods that HTTP does not name."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """Give the route that took a request, as it is written."""
    return getattr(scope.get("route"), "path", OTHER)


@dataclass(frozen=True)
class Counted:
    """Counts and times every request, and the streams that are open."""

    app: ASGIApp
    figures: Figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        with ExitStack() as while_open:

            async def counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._count(scope, message["status"], time.perf_counter() - began)
                    if Headers(raw=message["headers"]).get("content-type", "").startswith(EVENTS):
                        open_ones = self.figures.streams_open.labels(route_of(scope))
                        while_open.enter_context(open_ones.track_inprogress())
                await send(message)

            await self.app(scope, receive, counted)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        self.figures.requests.labels(method, route_of(scope), status).inc()
        self.figures.request_duration.labels(method, route_of(scope)).observe(seconds)
