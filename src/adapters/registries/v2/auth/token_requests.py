"""How tokens are asked for, and what the answers mean."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from repo2docker_service.adapters.registries.v2.auth.credentials import Credential
from repo2docker_service.adapters.registries.v2.auth.realms import Realm
from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.transport.documents import read_object, text
from repo2docker_service.adapters.registries.v2.transport.http import Answer

CLIENT: Final = "repo2docker-service"

_SHORTEST_LIFE: Final = 60.0
_LONGEST_LIFE: Final = 86400.0
_USABLE: Final = 0.8
_TOKEN: Final = re.compile(r"[!-~]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a token server is sent."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Attributes:
        text: the token itself.
        renew_after: seconds from now after which it is to be replaced.
    """

    text: str = field(repr=False)
    renew_after: float


def basic(username: str, password: str) -> str:
    """Make the header that shows a name and a password."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def by_get(realm: Realm, scopes: Sequence[str], credential: Credential) -> TokenRequest:
    """Ask in the way that every token server knows; without a name when there is none."""
    query = [("service", realm.service)] if realm.service else []
    query += [("scope", scope) for scope in scopes]
    # Some servers take a refresh token for a password.
    password = credential.password.reveal() or credential.identity_token.reveal()
    headers = {}
    if password:
        query += [("account", credential.username)] if credential.username else []
        headers["Authorization"] = basic(credential.username or "<token>", password)
    query += [("client_id", CLIENT)]
    joint = "&" if urlsplit(realm.url).query else "?"
    return TokenRequest("GET", f"{realm.url}{joint}{urlencode(query)}", headers)


def by_refresh_token(realm: Realm, scopes: Sequence[str], credential: Credential) -> TokenRequest:
    """Ask as OAuth2 has it."""
    form = {
        "grant_type": "refresh_token",
        "service": realm.service,
        "scope": " ".join(scopes),
        "client_id": CLIENT,
        "refresh_token": credential.identity_token.reveal(),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return TokenRequest("POST", realm.url, headers, urlencode(form).encode())


def read_token(answer: Answer, now: float) -> Token:
    """Read a token.

    Args:
        answer: that of a token server.
        now: seconds since 1970.

    Raises:
        BadAnswer: there is none in it.
    """
    document = read_object(answer.body, "the token")
    token = text(document.get("token")) or text(document.get("access_token"))
    if not _TOKEN.fullmatch(token):
        raise BadAnswer("there is no token in the answer")
    life = _life(document.get("expires_in"))
    age = now - _issued_at(text(document.get("issued_at")), now)
    # A token that is from the future, or had no time left when it came, only tells of a clock that is wrong.
    used_up = age if 0 < age < life else 0.0
    return Token(token, max(life * _USABLE - used_up, 0.0))


def _life(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > _SHORTEST_LIFE:
        return _SHORTEST_LIFE
    return min(float(value), _LONGEST_LIFE) if value < _LONGEST_LIFE else _LONGEST_LIFE


def _issued_at(written: str, now: float) -> float:
    try:
        time = datetime.fromisoformat(written)
        return time.timestamp() if time.tzinfo else now
    except (ValueError, OverflowError, OSError):
        return now
