"""The two calls of the hub's API that a service needs to let people in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from repo2docker_service.adapters.hub.answers import WRONG_ADDRESS
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.hub.tokens import authorization, is_token
from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.models import OwnerKind

_LONGEST_NAME: Final = 255
_KINDS: Final = {"user": OwnerKind.USER, "service": OwnerKind.SERVICE}
_REFUSED_US: Final = "it does not accept JupyterHubAuthorizer.client_id and api_token as those of this service"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a token, as the hub tells."""

    name: str
    kind: OwnerKind
    groups: frozenset[str]
    scopes: frozenset[str]
    """With their whole names, and for all services of the hub."""


@dataclass(frozen=True, slots=True)
class HubApi:
    """Asks the hub.

    Attributes:
        url: the root of its API, without a slash at its end.
        http: the way there.
    """

    url: str
    http: HubHttp

    async def check(self) -> None:
        """Find out whether the hub answers.

        Raises:
            AuthorizerUnavailable: it does not, or something else is there.
        """
        answer = await self.http.get(f"{self.url}/", {})
        if answer.status != HTTPStatus.OK:
            raise self.http.unexpected(answer)
        self.http.document(answer)

    async def holder(self, token: str) -> Holder:
        """Say who holds a token now.

        Raises:
            Unauthenticated: nobody does.
            AuthorizerUnavailable: it cannot be found out.
        """
        answer = await self.http.get(f"{self.url}/user", authorization(token))
        match answer.status:
            case HTTPStatus.OK:
                return self._holder(self.http.document(answer))
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND if answer.of_api:
                raise Unauthenticated
        raise self.http.unexpected(answer)

    async def token(self, code: str, verifier: str, client: Mapping[str, str]) -> str:
        """Give the token for the code that a browser brought from its login.

        Args:
            code: the code, good for one time.
            verifier: what the challenge was made from, with which the browser was sent there.
            client: ``client_id``, ``client_secret`` and ``redirect_uri`` of this service.

        Raises:
            Unauthenticated: the code, or the verifier, is not a good one.
            AuthorizerUnavailable: the hub does not answer, or does not know this service.
        """
        if not is_token(code) or not is_token(verifier):
            raise Unauthenticated
        form = {**client, "grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        answer = await self.http.post_form(f"{self.url}/oauth2/token", form)
        if answer.status == HTTPStatus.OK:
            return self._token(self.http.document(answer))
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            match self.http.document(answer).get("error"):
                case "invalid_grant" | "invalid_request":
                    raise Unauthenticated
            raise self.http.unavailable(_REFUSED_US)
        raise self.http.unexpected(answer)

    def _holder(self, model: Mapping[str, object]) -> Holder:
        name, kind = model.get("name"), _KINDS.get(str(model.get("kind")))
        # Services are in no groups, and a hub before 2.0 knows no scopes.
        groups, scopes = _texts(model.get("groups", [])), _texts(model.get("scopes"))
        if not isinstance(name, str) or kind is None or groups is None or scopes is None:
            raise self.http.unavailable(WRONG_ADDRESS)
        if not _is_name(name):
            raise Unauthenticated
        return Holder(name, kind, frozenset(filter(_is_name, groups)), frozenset(scopes))

    def _token(self, document: Mapping[str, object]) -> str:
        token = document.get("access_token")
        if not isinstance(token, str) or not is_token(token):
            raise self.http.unavailable(WRONG_ADDRESS)
        return token


def _is_name(text: str) -> bool:
    """Whether it can be the name of an owner; others would mislead whoever reads them."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable()


def _texts(value: object) -> Sequence[str] | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return None
