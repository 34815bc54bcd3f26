"""Tokens that are still good, and new ones when they are not, each asked for once however many want it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.adapters.registries.v2.auth.credentials import Credential, Credentials
from repo2docker_service.adapters.registries.v2.auth.realms import Realm
from repo2docker_service.adapters.registries.v2.auth.token_requests import (
    TokenRequest,
    by_get,
    by_refresh_token,
    read_token,
)
from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    LoginFailed,
    Refused,
    RegistryError,
)
from repo2docker_service.adapters.registries.v2.transport.http import Answer, RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.refusals import refusal

_LONGEST: Final = 1 << 16
_MOST_KEPT: Final = 256
_UNAUTHORIZED: Final = 401
# What servers answer who only know the older way.
_NO_OAUTH: Final = (404, 405)

Scopes = tuple[str, ...]


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: str = ""
    renew_at: float = 0.0
    asked: int = 0
    """How many requests have ended, one way or the other."""
    failure: RegistryError | None = None


class Tokens:
    """Gets tokens from token servers.

    Args:
        http: makes the requests.
        credentials: who to be.
        clock: counts seconds.
    """

    def __init__(
        self, http: RegistryHttp, credentials: Credentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._clock = clock
        self._entries: dict[tuple[Realm, Scopes], _Entry] = {}

    async def get(self, realm: Realm, scopes: Scopes, *, refused: str = "") -> str:
        """Give a token.

        Args:
            realm: whose token.
            scopes: what it should allow.
            refused: a token that the registry does not accept.

        Raises:
            RegistryError: there is none to be had.
        """
        entry = self._entry(realm, scopes)
        asked = entry.asked
        if self._good(entry, refused):
            return entry.token
        async with entry.lock:
            # Whoever waited takes what the one before it got, a failure included.
            if entry.asked != asked and entry.failure:
                raise entry.failure.with_traceback(None)
            if not self._good(entry, refused):
                await self._renew(entry, realm, scopes)
            return entry.token

    def _good(self, entry: _Entry, refused: str) -> bool:
        return bool(entry.token) and entry.token != refused and self._clock() < entry.renew_at

    def _entry(self, realm: Realm, scopes: Scopes) -> _Entry:
        if (realm, scopes) not in self._entries and len(self._entries) >= _MOST_KEPT:
            self._entries.pop(next(iter(self._entries)))
        return self._entries.setdefault((realm, scopes), _Entry())

    async def _renew(self, entry: _Entry, realm: Realm, scopes: Scopes) -> None:
        entry.token, entry.failure = "", None
        try:
            answer = await self._ask(realm, scopes)
            token = read_token(answer, time.time())
        except RegistryError as error:
            entry.failure = _of_token_server(error, realm)
            raise entry.failure from error
        finally:
            entry.asked += 1
        entry.token, entry.renew_at = token.text, self._clock() + token.renew_after

    async def _ask(self, realm: Realm, scopes: Scopes) -> Answer:
        credential = await self._credentials.get()
        answer = await self._ask_as(credential, realm, scopes)
        if answer.status == _UNAUTHORIZED and not credential.anonymous:
            self._credentials.rejected()
            fresh = await self._credentials.get()
            if fresh != credential:
                answer = await self._ask_as(fresh, realm, scopes)
        if answer.status >= 300:
            raise refusal(answer)
        return answer

    async def _ask_as(self, credential: Credential, realm: Realm, scopes: Scopes) -> Answer:
        if credential.identity_token:
            answer = await self._send(by_refresh_token(realm, scopes, credential))
            if answer.status not in _NO_OAUTH:
                return answer
        return await self._send(by_get(realm, scopes, credential))

    async def _send(self, request: TokenRequest) -> Answer:
        return await self._http.send(request.method, request.url, request.headers, request.content, most=_LONGEST)


def _of_token_server(error: RegistryError, realm: Realm) -> RegistryError:
    """Say that it was the token server: its refusals mean something else than those of the registry."""
    problem = f"its token server {realm.host}: {error.problem}"
    match error:
        case Refused(status=401 | 403):
            return LoginFailed(problem, status=error.status, code=error.code)
        case BadAnswer():
            return BadAnswer(problem)
    # The registry itself was not asked for anything yet, so nothing is ambiguous.
    return RegistryError(problem, again=error.again, pause=error.pause)
