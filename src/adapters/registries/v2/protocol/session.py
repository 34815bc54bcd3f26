"""Requests to one registry: authenticated, tried again when that may help, and spared when it is down."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.adapters.registries.v2.auth.authentication import Authentication
from repo2docker_service.adapters.registries.v2.auth.credentials import Credentials
from repo2docker_service.adapters.registries.v2.errors import Unauthorized
from repo2docker_service.adapters.registries.v2.transport.breaker import Breaker
from repo2docker_service.adapters.registries.v2.transport.http import Answer, RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.origins import Origin, base_of
from repo2docker_service.adapters.registries.v2.transport.redirects import follow
from repo2docker_service.adapters.registries.v2.transport.refusals import refusal, warnings
from repo2docker_service.adapters.registries.v2.transport.retrying import Retries, Retrying

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]

_MOST_WARNINGS: Final = 20
_UNAUTHORIZED: Final = 401
_NOBODY: Final = "it wants to know who asks, and no credentials for it were found"


@dataclass(frozen=True, slots=True)
class Call:
    """What a registry is asked.

    Attributes:
        method: such as ``GET``.
        path: below the registry's address, made of checked names.
        scope: what one must be allowed to do for it, in the words of the token protocol.
        most: the longest answer that is wanted, in bytes.
        accept: which media types are understood.
        repeatable: whether it may be made twice, when the answer to the first one is lost.
        follow: whether it may be answered from another place.
        beginning: whether a first byte is enough, as far as the registry can do that.
        content: what is sent along.
        content_type: its media type.
    """

    method: str
    path: str
    scope: str
    most: int = 1 << 20
    accept: str = "*/*"
    repeatable: bool = True
    follow: bool = False
    beginning: bool = False
    content: bytes = field(default=b"", repr=False)
    content_type: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What is said besides who asks."""
        said = {
            "Accept": self.accept,
            "Range": "bytes=0-0" if self.beginning else "",
            "Content-Type": self.content_type,
        }
        return {name: value for name, value in said.items() if value}


class Session:
    """Asks one registry."""

    def __init__(
        self,
        url: str,
        http: RegistryHttp,
        credentials: Credentials,
        *,
        token_realm_hosts: Collection[str] = (),
        retries: Retries,
        log: Log,
    ) -> None:
        self.base = base_of(url)
        self.warnings: deque[str] = deque(maxlen=_MOST_WARNINGS)
        self._http = http
        self._log = log
        self._authentication = Authentication(Origin.of(self.base), http, credentials, token_realm_hosts, retries.clock)
        self._retrying = Retrying(retries)
        self._breaker = Breaker(retries.clock)

    async def ask(self, call: Call) -> Answer:
        """Ask, and give an answer that is no refusal.

        Raises:
            RegistryError: there is none.
        """
        with self._breaker.call():
            return await self._retrying.call(lambda: self._once(call), repeatable=call.repeatable)

    async def _once(self, call: Call) -> Answer:
        answer, shown = await self._authenticated(call)
        if call.follow:
            answer = await follow(self._http, answer, call.headers, shown, call.most)
        if answer.status == _UNAUTHORIZED and not shown:
            raise Unauthorized(_NOBODY, status=answer.status)
        if answer.status >= 300:
            raise refusal(answer)
        return answer

    async def _authenticated(self, call: Call) -> tuple[Answer, str]:
        """Ask, and once more with what the registry then wants to see, or with credentials that changed meanwhile.

        Give the answer, and what the registry was shown for it.
        """
        shown = await self._authentication.header(call.scope)
        answer = await self._send(call, shown)
        if answer.status == _UNAUTHORIZED and (wanted := await self._authentication.answer(call.scope, answer, shown)):
            shown = wanted
            answer = await self._send(call, shown)
        if answer.status == _UNAUTHORIZED and (fresh := await self._authentication.refreshed(call.scope, shown)):
            shown = fresh
            answer = await self._send(call, shown)
        return answer, shown

    async def _send(self, call: Call, authorization: str) -> Answer:
        begun = time.monotonic()
        headers = call.headers | ({"Authorization": authorization} if authorization else {})
        answer = await self._http.send(call.method, self.base + call.path, headers, call.content, most=call.most)
        path, seconds = call.path.partition("?")[0], time.monotonic() - begun
        self._log.debug("%s %s %d in %.3f s", call.method, path, answer.status, seconds)
        self._note(answer)
        return answer

    def _note(self, answer: Answer) -> None:
        for warning in warnings(answer.headers):
            if warning not in self.warnings:
                self._log.warning("The registry warns: %s", warning)
                self.warnings.append(warning)
