"""Logging in elsewhere: what a browser has to bring back, and where it goes on to (OAuth 2.0 with PKCE)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.entrypoints.http.cookies import Cookies
from repo2docker_service.sealing import Sealer

LIFETIME: Final = 600
"""Seconds that somebody may take to log in."""
_STATE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PLAIN: Final = re.compile(r"(?!//)[!-\[\]-~]{1,1000}", re.ASCII)
"""Printable characters without space and backslash, which browsers take for a slash; two of those begin with a host."""
_UNREADABLE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)
_NO_PAGES: Final = ("login", "logout", "oauth_callback")
_MOST_AT_ONCE: Final = 3
"""Logins that one browser may have begun; proxies refuse requests with too many cookies."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that was begun."""

    state: str
    verifier: str
    next: str

    @property
    def challenge(self) -> str:
        """What is sent ahead of the verifier, as RFC 7636 4.2 makes it."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True)
class LoginFlow:
    """Keeps what was begun in a sealed cookie of the browser that began it: nothing is kept here."""

    installation: Installation
    cookies: Cookies
    clock: Callable[[], float] = time.time

    def begin(self, request: Request, response: Response, following: str) -> Begun:
        """Remember a login in the browser; each has a cookie of its own, as several pages may be opened at once."""
        pending = [name for name in request.cookies if name.startswith(self._cookie(""))]
        for name in pending[: max(0, len(pending) - _MOST_AT_ONCE + 1)]:
            self.cookies.delete(response, name, samesite="lax")
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(48), local(following, self.cookies.path))
        sealed = self._sealer.seal(json.dumps([begun.state, begun.verifier, begun.next]), self.clock())
        # The browser comes back from elsewhere, hence not "strict".
        self.cookies.set(request, response, self._cookie(begun.state), sealed, max_age=LIFETIME, samesite="lax")
        return begun

    def finish(self, request: Request, response: Response, state: str) -> Begun:
        """Give what was begun in this browser under this state, once.

        Raises:
            Unauthenticated: nothing was, or too long ago.
        """
        if not _STATE.fullmatch(state):
            raise Unauthenticated
        name = self._cookie(state)
        opened = self._sealer.open(request.cookies.get(name, ""), self.clock(), LIFETIME)
        begun = Begun(*json.loads(opened)) if opened else None
        if begun is None or not hmac.compare_digest(begun.state, state):
            raise Unauthenticated
        self.cookies.delete(response, name, samesite="lax")
        return begun

    @cached_property
    def _sealer(self) -> Sealer:
        return Sealer(self.installation.signer, f"login/{self.installation.instance}")

    def _cookie(self, state: str) -> str:
        return self.cookies.private(f"repo2docker-service-{self.installation.instance}-login-{state[:8]}")


def local(address: str, path: str) -> str:
    """Give an address if it is one of this service's own pages, else its first page."""
    if not _PLAIN.fullmatch(address) or not address.startswith(path):
        return path
    try:
        parts = urlsplit(address)
        # The Hub's proxy answers an error to a path that cannot be read.
        read = unquote(parts.path, errors="strict")
    except ValueError:
        return path
    steps = read.split("/")[1:]
    inside = not parts.scheme and not parts.netloc and "" not in steps[:-1] and not {".", ".."} & set(steps)
    is_page = read.removeprefix(path).partition("/")[0] not in _NO_PAGES
    return address if inside and is_page and not _UNREADABLE.search(parts.path) and "\\" not in read else path
