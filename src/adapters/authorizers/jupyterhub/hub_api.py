"""The two calls of the hub's API that a service needs to let people in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from repo2docker_service.adapters.hub.http import Answer, HubHttp, unavailable
from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.models import OwnerKind

_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,4096}")
_LONGEST_NAME: Final = 255
_KINDS: Final = {"user": OwnerKind.USER, "service": OwnerKind.SERVICE}
_VERSION: Final = "X-JupyterHub-Version"
_WRONG_ADDRESS: Final = "what answers is no JupyterHub: check JupyterHubAuthorizer.api_url"
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

    async def holder(self, token: str) -> Holder:
        """Say who holds a token now.

        Raises:
            Unauthenticated: nobody does.
            AuthorizerUnavailable: it cannot be found out.
        """
        if not _TOKEN.fullmatch(token):
            raise Unauthenticated
        answer = await self.http.get(f"{self.url}/user", {"Authorization": f"token {token}"})
        match answer.status:
            case HTTPStatus.OK:
                return _holder(_document(answer))
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND if _is_of_api(answer):
                raise Unauthenticated
        raise _unexpected(answer)

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
        if not _TOKEN.fullmatch(code) or not _TOKEN.fullmatch(verifier):
            raise Unauthenticated
        form = {**client, "grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        answer = await self.http.post_form(f"{self.url}/oauth2/token", form)
        if answer.status == HTTPStatus.OK:
            return _token(_document(answer))
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            match _document(answer).get("error"):
                case "invalid_grant" | "invalid_request":
                    raise Unauthenticated
            raise unavailable(_REFUSED_US)
        raise _unexpected(answer)


def _holder(model: Mapping[str, object]) -> Holder:
    name, kind = model.get("name"), _KINDS.get(str(model.get("kind")))
    # Services are in no groups, and a hub before 2.0 knows no scopes.
    groups, scopes = _texts(model.get("groups", [])), _texts(model.get("scopes"))
    if not isinstance(name, str) or kind is None or groups is None or scopes is None:
        raise unavailable(_WRONG_ADDRESS)
    if not _is_name(name):
        raise Unauthenticated
    return Holder(name, kind, frozenset(filter(_is_name, groups)), frozenset(scopes))


def _is_name(text: str) -> bool:
    """Whether it can be the name of an owner; others would mislead whoever reads them."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable()


def _token(document: Mapping[str, object]) -> str:
    token = document.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise unavailable(_WRONG_ADDRESS)
    return token


def _texts(value: object) -> Sequence[str] | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return None


def _document(answer: Answer) -> Mapping[str, object]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise unavailable(_WRONG_ADDRESS) from error
    if not isinstance(document, dict):
        raise unavailable(_WRONG_ADDRESS)
    return document


def _is_of_api(answer: Answer) -> bool:
    """Whether the hub's API itself answered: its pages and proxies on the way refuse, or find nothing, too."""
    return _VERSION in answer.headers and answer.headers.get("Content-Type", "").startswith("application/json")


def _unexpected(answer: Answer) -> Exception:
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return unavailable(f"it answered {answer.status}")
    return unavailable(f"it answered {answer.status}: check JupyterHubAuthorizer.api_url")
