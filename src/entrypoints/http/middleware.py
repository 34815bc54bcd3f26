"""What holds for every request and answer. Plain ASGI: anything more would gather streams before they are sent."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from repo2docker_service.domain.log_context import about_request
from repo2docker_service.entrypoints.codings import best_coding
from repo2docker_service.entrypoints.http.compression import LEVEL
from repo2docker_service.entrypoints.http.errors import plain_problem, unexpected_problem

log = logging.getLogger(__name__)

LONGEST_BODY: Final = 1024 * 1024
"""Bytes. Above the longest values of all fields together, so that too long ones are still told by name."""
_MOST_DIGITS: Final = 20
REQUEST_ID: Final = "X-Request-ID"

# The page's style library fills an empty style element by script: the hash is that of the empty text.
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "base-uri 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # On a Hub with one host the pages of other people's servers are of the same origin: who opens ours in a window of
    # its own must not look into it.
    "Cross-Origin-Opener-Policy": "noopener-allow-popups",
    "Cache-Control": "no-store",
}
"""On every answer, unless it has its own."""

_STOPPED: Final = "The service is being stopped, and did not wait for this to end. Ask again."
_ONE_PACKET: Final = 1400
"""Bytes that go over a network at once anyway."""
_NO_JSON: Final = ("application/octet-stream", "font/*", "image/*", "text/*")
_ASKED_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class SecurityHeaders:
    """Puts the security headers on every answer, errors too."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


@dataclass(frozen=True)
class Unexpected:
    """Numbers requests, and answers errors that nobody foresaw with that number and nothing else."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = _number(Headers(scope=scope))
        started = False

        async def send_with_number(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[REQUEST_ID] = number
            await send(message)

        with about_request(number):
            try:
                await self.app(scope, receive, send_with_number)
            except asyncio.CancelledError:
                # The server waits no longer, as it was asked to stop. What was begun, another process ends.
                if not started:
                    stopped = plain_problem(HTTPStatus.SERVICE_UNAVAILABLE, _STOPPED, {"Retry-After": "1"})
                    await stopped.response()(scope, receive, send_with_number)
                raise
            except Exception:
                log.exception("request %s failed: %s %.200r", number, scope["method"], scope["path"])
                if started:
                    raise  # The server breaks the connection, so that nobody takes the half for the whole.
                await unexpected_problem(number).response()(scope, receive, send_with_number)


def _number(headers: Headers) -> str:
    asked = headers.get(REQUEST_ID, "")
    return asked if _ASKED_ID.fullmatch(asked) else secrets.token_hex(8)


@dataclass(frozen=True)
class BodyLimit:
    """Refuses bodies that are too long, said or not."""

    app: ASGIApp
    longest: int = LONGEST_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        # Python refuses to read numbers of thousands of digits.
        if not said.isdecimal() or len(said) > _MOST_DIGITS or int(said) > self.longest:
            _find_route(scope)
            await plain_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._sentence).response()(scope, receive, send)
            return
        await self.app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.longest:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._sentence)
            return message

        return counted

    @property
    def _sentence(self) -> str:
        return f"The body of a request may hold {self.longest} bytes at most."


def _find_route(scope: Scope) -> None:
    """Say which route would have taken a request that none is given, for those who tell and count it."""
    for route in scope["app"].routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            scope.update(found)
            return


@dataclass
class CompressedJson:
    """Compresses long answers in JSON for who takes that. All else is compressed already, or small, or a stream."""

    app: ASGIApp
    _compressing: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        self._compressing = GZipMiddleware(
            self.app, _ONE_PACKET, LEVEL, exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *_NO_JSON)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        takes = scope["type"] == "http" and best_coding(Headers(scope=scope).get("accept-encoding", ""), ["gzip"])
        await (self._compressing if takes else self.app)(scope, receive, send)


@dataclass(frozen=True)
class OnlyBelow:
    """Answers only requests below the base URL, which routes need not know."""

    app: ASGIApp
    base_url: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in {"http", "websocket"} or self.base_url == "/":
            await self.app(scope, receive, send)
        elif f"{scope['path']}/".startswith(self.base_url):
            # The same one goes on, so that those around this can see which route took it.
            scope["root_path"] = self.base_url.rstrip("/")
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            sentence = f"Everything here is below {self.base_url}."
            await plain_problem(HTTPStatus.NOT_FOUND, sentence).response()(scope, receive, send)
        else:
            await WebSocketClose()(scope, receive, send)
