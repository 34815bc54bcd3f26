"""A hub without a network: it knows some tokens and codes, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

API = "http://127.0.0.1:8081/hub/api"
VERSION = {"X-JupyterHub-Version": "6.1.1", "Content-Type": "application/json"}
ACCESS = "access:services!service=r2d"

ADA: Mapping[str, Any] = {
    "kind": "user",
    "name": "ada",
    "admin": False,
    "groups": ["builders", "lab"],
    "user_info": None,
    "token_id": "a7",
    "session_id": "5e55",
    "scopes": [
        ACCESS,
        "custom:repo2docker:builds:create!user=ada",
        "custom:repo2docker:images:read",
        "read:users:name!user=ada",
        "start:servers!user=ada",
    ],
}
CI: Mapping[str, Any] = {
    "kind": "service",
    "name": "ci",
    "admin": False,
    "scopes": ["access:services", "custom:repo2docker:builds:create"],
}


@dataclass(frozen=True)
class Said:
    """What the hub answers, or what happens instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: VERSION)
    raises: Exception | None = None
    breaks: Exception | None = None
    """What happens when all of the body has been read."""
    takes: float = 0.0
    """Seconds until it answers."""


def said(document: object, status: int = 200, headers: Mapping[str, str] = VERSION) -> Said:
    return Said(status, json.dumps(document).encode(), headers)


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: Said) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._answer.body
        if self._answer.breaks:
            raise self._answer.breaks


@dataclass
class PlayedHub(httpx.AsyncBaseTransport):
    """Plays a hub.

    Attributes:
        models: who holds which token.
        codes: for which code and verifier it gives which token.
        says: what it says whatever it is asked; the first goes first, and each is said once.
        hold: when it is there, answers wait until it is set.
    """

    models: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    says: list[Said] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)
    hold: asyncio.Event | None = None
    closed: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answer(request)
        if self.hold:
            await self.hold.wait()
        await asyncio.sleep(answer.takes)
        if answer.raises:
            raise answer.raises
        return httpx.Response(answer.status, headers=dict(answer.headers), stream=_Body(answer))

    async def aclose(self) -> None:
        self.closed = True

    def forms(self) -> list[dict[str, str]]:
        """Give what was posted."""
        return [dict(parse_qsl(request.content.decode())) for request in self.asked if request.method == "POST"]

    def sent(self) -> list[tuple[str, str, Any]]:
        """Give what was asked that changes something: the method, the end of the address, and the JSON sent."""
        return [
            (request.method, str(request.url).removeprefix(API), json.loads(request.content or b"null"))
            for request in self.asked
            if request.method != "GET"
        ]

    def _answer(self, request: httpx.Request) -> Said:
        if self.says:
            return self.says.pop(0)
        match request.method, str(request.url):
            case "GET", url if url == f"{API}/user":
                model = self.models.get(request.headers["authorization"].removeprefix("token "))
                return said(model) if model else said({"status": 403, "message": "Forbidden"}, 403)
            case "POST", url if url == f"{API}/oauth2/token":
                return self._token(dict(parse_qsl(request.content.decode())))
        return said({"status": 404, "message": "Not Found"}, 404)

    def _token(self, form: Mapping[str, str]) -> Said:
        if form.get("client_secret") != "secret of r2d":
            return said({"error": "invalid_client"}, 401)
        token = self.codes.pop((form["code"], form["code_verifier"]), None)
        if token is None:
            return said({"error": "invalid_grant"}, 400)
        return said({"access_token": token, "expires_in": 1209600, "token_type": "Bearer", "scope": ""})
