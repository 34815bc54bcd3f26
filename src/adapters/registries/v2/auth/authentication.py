"""Answers a registry that wants to know who asks, and remembers what it wants to see."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from repo2docker_service.adapters.registries.v2.auth.challenges import Challenge, choose, read_challenges
from repo2docker_service.adapters.registries.v2.auth.credentials import BadCredentials, Credential, Credentials
from repo2docker_service.adapters.registries.v2.auth.realms import Realm, check_realm
from repo2docker_service.adapters.registries.v2.auth.token_requests import basic
from repo2docker_service.adapters.registries.v2.auth.tokens import Scopes, Tokens
from repo2docker_service.adapters.registries.v2.errors import RegistryError
from repo2docker_service.adapters.registries.v2.transport.http import Answer, RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.origins import Origin

_MOST_SCOPES: Final = 20
_LONGEST_SCOPE: Final = 1000
_MOST_KNOWN: Final = 1000
_BEARER: Final = "Bearer "


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be shown: a token of a realm, or a password when there is no realm."""

    realm: Realm | None = None
    scopes: Scopes = ()


class _SaidPlainly:
    """Credentials whose errors are those of this package."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def get(self) -> Credential:
        try:
            return await self._credentials.get()
        except BadCredentials as error:
            raise RegistryError(f"there are no credentials for it: {error}") from error

    def rejected(self) -> None:
        self._credentials.rejected()


class Authentication:
    """Gives the ``Authorization`` headers for requests to one registry.

    What a registry wants to see depends on what is asked of it, so it is remembered by what must be allowed for that.

    Args:
        registry: the registry.
        http: asks for tokens.
        credentials: who to be.
        token_realm_hosts: hosts that may hand out tokens; when empty, that is left to the registry, within reason.
        clock: counts seconds.
    """

    def __init__(
        self,
        registry: Origin,
        http: RegistryHttp,
        credentials: Credentials,
        token_realm_hosts: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._credentials = _SaidPlainly(credentials)
        self._pinned = token_realm_hosts
        self._tokens = Tokens(http, self._credentials, clock)
        self._known: dict[str, _Wanted] = {}
        self._usual: dict[str, _Wanted] = {}

    async def header(self, scope: str) -> str:
        """Give what the registry is expected to want; empty when that is nothing, or not known yet."""
        wanted = self._known.get(scope) or self._guess(scope)
        return await self._show(wanted) if wanted else ""

    async def answer(self, scope: str, refused: Answer, shown: str) -> str:
        """Give what to show after a refusal; empty when there is nothing else to show.

        Args:
            scope: what must be allowed.
            refused: the registry's answer.
            shown: what it was shown.
        """
        wanted = self._learn(scope, refused, shown)
        if wanted is None:
            return ""
        header = await self._show(wanted, refused=shown.removeprefix(_BEARER))
        return header if header != shown else ""

    async def refreshed(self, scope: str, shown: str) -> str:
        """Give what to show when the credentials turn out to be others meanwhile; empty when they are not."""
        wanted = self._known.get(scope) or self._guess(scope)
        credential = await self._credentials.get()
        if not wanted or not shown or (wanted.realm and not credential.registry_token):
            return ""
        self._credentials.rejected()
        header = await self._show(wanted)
        return header if header != shown else ""

    async def _show(self, wanted: _Wanted, *, refused: str = "") -> str:
        credential = await self._credentials.get()
        direct = _show_directly(wanted, credential)
        if direct or wanted.realm is None:
            return direct
        return _BEARER + await self._tokens.get(wanted.realm, wanted.scopes, refused=refused)

    def _guess(self, scope: str) -> _Wanted | None:
        """Expect of one repository what another one wanted."""
        usual = self._usual.get(_kind(scope))
        return replace(usual, scopes=(scope,) if usual.realm else ()) if usual else None

    def _learn(self, scope: str, refused: Answer, shown: str) -> _Wanted | None:
        known = self._known.get(scope) or self._guess(scope)
        challenge = choose(read_challenges(refused.headers.get_list("WWW-Authenticate")))
        if known and known.realm and shown.startswith(_BEARER) and (not challenge or challenge.scheme == "basic"):
            # Some registries want a password from whoever came with a token that was no good. Should this one want
            # passwords from now on, the next request, which shows nothing, will tell.
            self._forget(scope)
            return known
        if challenge is None:
            return None
        wanted = self._wanted(scope, challenge, known)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[scope] = self._usual[_kind(scope)] = wanted
        return wanted

    def _forget(self, scope: str) -> None:
        self._known.pop(scope, None)
        self._usual.pop(_kind(scope), None)

    def _wanted(self, scope: str, challenge: Challenge, known: _Wanted | None) -> _Wanted:
        if challenge.scheme == "basic":
            return _Wanted()
        url = challenge.parameters["realm"]
        check_realm(url, self._registry, self._pinned)
        asked = challenge.parameters.get("scope", "")[:_LONGEST_SCOPE].split() or ([scope] if scope else [])
        if known and challenge.parameters.get("error") == "insufficient_scope":
            # Some token servers heed only the first one.
            asked += known.scopes
        scopes = tuple(dict.fromkeys(asked))[:_MOST_SCOPES]
        return _Wanted(Realm(url, challenge.parameters.get("service", "")), scopes)


def _kind(scope: str) -> str:
    return scope.partition(":")[0]


def _show_directly(wanted: _Wanted, credential: Credential) -> str:
    """Give a header that needs no token server; empty when there is none."""
    if wanted.realm is not None:
        token = credential.registry_token.reveal()
        return _BEARER + token if token else ""
    if not credential.password:
        return ""
    return basic(credential.username, credential.password.reveal())
