"""A registry with a token server, in one: its tokens say who may do what."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from tests.unit.adapters.v2.scripted import Asked, Reply, json_of, refusing


def scope_of(asked: Asked) -> str:
    """Give what distribution wants to be allowed."""
    match asked.path.split("/"):
        case ["", "v2", ""]:
            return ""
        case ["", "v2", "_catalog"]:
            return "registry:catalog:*"
        case ["", "v2", *parts, _, _]:
            return f"repository:{'/'.join(parts)}:{'delete' if asked.method == 'DELETE' else 'pull'}"
    raise AssertionError(asked)


def scopes_of(asked: Asked) -> list[str]:
    return [value for name, value in asked.query if name == "scope"]


OK = json_of({"tags": ["a"], "repositories": ["r"]})


@dataclass
class Guarded:
    """Lets in who has a token for the scope that ``wanted`` names, and gives tokens to whom ``admits`` admits.

    Attributes:
        realm: where the challenge sends people; here when empty.
        revoked: tokens that are no longer any good.
        token_replies: what the token server answers instead, first of all.
    """

    admits: Callable[[Asked], bool] = lambda _: True
    wanted: Callable[[Asked], str] = scope_of
    grants: Callable[[list[str]], list[str]] = lambda scopes: scopes
    realm: str = ""
    says_scope: bool = True
    fields: dict[str, object] = field(default_factory=dict)
    name: str = "token"
    issued: dict[str, list[str]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    token_replies: list[Reply] = field(default_factory=list)
    token_requests: list[Asked] = field(default_factory=list)
    registry_requests: list[Asked] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            self.token_requests.append(asked)
            return self.token_replies.pop(0) if self.token_replies else self._token(asked)
        self.registry_requests.append(asked)
        return self._registry(asked)

    def _token(self, asked: Asked) -> Reply:
        if not self.admits(asked):
            return refusing(401, "UNAUTHORIZED")
        form = dict(parse_qsl(asked.body.decode()))
        scopes = [value for name, value in asked.query if name == "scope"] + form.get("scope", "").split()
        token = f"canary-token-{next(self.numbers)}"
        self.issued[token] = self.grants(scopes)
        return json_of({self.name: token, **self.fields})

    def _registry(self, asked: Asked) -> Reply:
        token = asked.authorization.removeprefix("Bearer ")
        wanted = self.wanted(asked)
        if token not in self.issued:
            return self._challenge(asked, wanted)
        if token in self.revoked:
            return self._challenge(asked, wanted, "invalid_token")
        if wanted and wanted not in self.issued[token]:
            return self._challenge(asked, wanted, "insufficient_scope")
        return OK

    def _challenge(self, asked: Asked, wanted: str, error: str = "") -> Reply:
        realm = self.realm or f"http://{asked.headers['host']}/token"
        challenge = f'Bearer realm="{realm}",service="registry.example"'
        challenge += f',scope="{wanted}"' if wanted and self.says_scope else ""
        challenge += f',error="{error}"' if error else ""
        return refusing(401, "UNAUTHORIZED", WWW_Authenticate=challenge)
