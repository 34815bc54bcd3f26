"""The calls of the hub's API that are about servers of one person, with that person's token."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from repo2docker_service.adapters.hub.answers import Answer, as_document, printable
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.hub.tokens import authorization
from repo2docker_service.adapters.launchers.jupyterhub.models import progress_in, servers_in
from repo2docker_service.adapters.launchers.jupyterhub.refusals import (
    DELETE,
    READ,
    is_active_already,
    is_beyond_token,
    no_right,
    refusal,
)
from repo2docker_service.domain.errors import Forbidden, ServerBusy, ServerNotFound
from repo2docker_service.domain.servers import Server, ServerProgress

_MAY_TAKE: Final = 30.0
"""Seconds for a start or a stop, which the hub waits for itself: 10 by its own settings."""
_SILENCE: Final = 30.0
"""Seconds; the hub writes an empty line every eight."""
_LONGEST_TITLE: Final = 255
_NESTED_SINCE: Final = 6
_NO: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Known:
    """The servers of somebody, and the hub that said so."""

    servers: Mapping[str, Server]
    version: int
    """The first number of the hub's version."""


@dataclass(frozen=True, slots=True)
class HubServers:
    """Asks the hub.

    Attributes:
        url: the root of its API, without a slash at its end.
        http: the way there.
        host: where browsers reach the hub; empty for here.
    """

    url: str
    http: HubHttp
    host: str = ""

    async def spawner(self, token: str, *, seconds: float) -> str:
        """Give the name of the class with which the hub starts servers; empty when it does not tell whoever asks.

        Raises:
            Unavailable: it cannot be found out.
        """
        answer = await self.http.get(f"{self.url}/info", authorization(token), seconds=seconds)
        if answer.status == HTTPStatus.OK:
            spawner = self.http.document(answer).get("spawner")
            return printable(spawner.get("class")) if isinstance(spawner, Mapping) else ""
        if answer.status in _NO and answer.of_api:
            return ""
        raise self.http.unexpected(answer)

    async def all(self, user: str, token: str) -> Known:
        """Give all servers, stopped ones too.

        Raises:
            Forbidden: the token does not show them.
            Unauthenticated: it is nobody's.
            Unavailable: the hub does not answer.
        """
        address = f"{self.url}/users/{quote(user, safe='')}?include_stopped_servers=1"
        answer = await self.http.get(address, authorization(token))
        if answer.status in _NO and answer.of_api:
            raise no_right(answer, READ)
        if answer.status != HTTPStatus.OK:
            raise self.http.unexpected(answer)
        servers = servers_in(self.http.document(answer), self.host)
        if servers is None:
            raise Forbidden(READ)
        return Known(servers, answer.version)

    async def start(
        self, user: str, token: str, name: str, title: str, options: Mapping[str, str], *, version: int
    ) -> None:
        """Let the hub start a server, unless it starts, runs or stops already.

        Raises:
            Exception: what :func:`refusal` makes of it.
        """
        title = _display_name(title)
        nested = {"user_options": dict(options), **({"display_name": title} if name and title else {})}
        # A hub before 6 takes all that it is sent for options.
        body = nested if version >= _NESTED_SINCE else dict(options)
        answer = await self.http.send("POST", self._server(user, name), authorization(token), body, seconds=_MAY_TAKE)
        if answer.status in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED) or is_active_already(answer):
            return
        raise refusal(answer) or self.http.unexpected(answer)

    async def stop(self, user: str, token: str, name: str) -> None:
        """Let the hub stop a server, and forget it if it has a name; done when that is on its way.

        Raises:
            ServerNotFound: there is none.
            ServerBusy: it cannot be stopped yet.
            Forbidden: the token is not good for it.
        """
        body = {"remove": True} if name else {}
        answer = await self.http.send("DELETE", self._server(user, name), authorization(token), body, seconds=_MAY_TAKE)
        if answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.ACCEPTED):
            return
        if answer.of_api:
            self._not_stopped(answer, name)
        raise self.http.unexpected(answer)

    async def progress(self, user: str, token: str, name: str) -> AsyncGenerator[ServerProgress]:
        """Give what the hub says of a start, as long as the stream goes on.

        Raises:
            ServerNotFound: nothing starts there, or has just started or failed.
            Forbidden: the token does not show it.
            Unavailable: the hub does not answer, or the stream broke.
        """
        address = f"{self._server(user, name)}/progress"
        async with self.http.events(address, authorization(token), silence=_SILENCE) as events:
            if isinstance(events, Answer):
                self._no_progress(events, name)
                raise self.http.unexpected(events)
            async for data in events:
                if event := as_document(data):
                    yield progress_in(event, self.host)

    def _server(self, user: str, name: str) -> str:
        of_user = f"{self.url}/users/{quote(user, safe='')}"
        return f"{of_user}/servers/{quote(name, safe='')}" if name else f"{of_user}/server"

    @staticmethod
    def _not_stopped(answer: Answer, name: str) -> None:
        match answer.status:
            case HTTPStatus.NOT_FOUND if not is_beyond_token(answer):
                raise ServerNotFound(name)
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND:
                raise no_right(answer, DELETE)
            case HTTPStatus.BAD_REQUEST | HTTPStatus.INTERNAL_SERVER_ERROR:
                said = answer.words().rstrip(".")
                raise ServerBusy(name, f"The hub cannot stop this server now: {said}. Try again in a moment.")

    @staticmethod
    def _no_progress(answer: Answer, name: str) -> None:
        if answer.of_api or answer.version:
            match answer.status:
                case HTTPStatus.NOT_FOUND | HTTPStatus.BAD_REQUEST if not is_beyond_token(answer):
                    raise ServerNotFound(name)
                case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND:
                    raise no_right(answer, READ)


def _display_name(title: str) -> str:
    """Give a title in the form that the hub takes: one line, composed characters, nothing hidden."""
    return printable(unicodedata.normalize("NFC", title), _LONGEST_TITLE)
