"""Browser sessions: a token is changed once for a cookie.

The cookie holds who the caller is and until when, signed. It holds no token, so a stolen cookie opens this service only
and only until it expires, and any replica that shares the secret reads it without asking anybody. The price: a token
that is taken back, or scopes that are lost, end a running session only when it expires.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, OwnerKind

LIFETIME: Final = 12 * 3600
XSRF_COOKIE: Final = "_xsrf"
XSRF_HEADER: Final = "X-XSRFToken"


@dataclass(frozen=True)
class Sessions:
    """Makes and reads the cookies of one installation."""

    installation: Installation
    path: str
    clock: Callable[[], float] = time.time

    @property
    def cookie(self) -> str:
        """The cookie's name; with the instance in it, since ports do not keep cookies of one host apart."""
        return f"repo2docker-service-{self.installation.instance}"

    def issue(self, who: Identity) -> str:
        """Make the value of a session's cookie."""
        session = {
            "id": secrets.token_hex(8),
            "expires": int(self.clock()) + LIFETIME,
            "name": who.name,
            "kind": who.kind.value,
            "groups": sorted(who.groups),
            "scopes": sorted(who.scopes),
        }
        text = base64.urlsafe_b64encode(json.dumps(session, separators=(",", ":")).encode()).decode().rstrip("=")
        return f"{text}.{self.installation.signer.sign(self._purpose, text)}"

    def identify(self, value: str) -> Identity:
        """Say whose session this is.

        Raises:
            Unauthenticated: it is not one of ours, or over.
        """
        text, _, mark = value.partition(".")
        if not self.installation.signer.verify(self._purpose, text, mark):
            raise Unauthenticated
        session: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if session["expires"] <= self.clock():
            raise Unauthenticated
        return Identity(
            session["name"],
            OwnerKind(session["kind"]),
            frozenset(session["groups"]),
            frozenset(session["scopes"]),
        )

    def xsrf(self, value: str) -> str:
        """Give what proves that a request comes from our own page: only that page can read it from its cookie."""
        return self.installation.signer.sign("xsrf", value)

    def is_own_page(self, request: Request, value: str) -> bool:
        """Whether the request repeats the session's mark in the header."""
        return self.installation.signer.verify("xsrf", value, request.headers.get(XSRF_HEADER, ""))

    def remember(self, request: Request, response: Response, value: str) -> None:
        """Give the browser both cookies."""
        self._set(request, response, self.cookie, value, httponly=True)
        self._set(request, response, XSRF_COOKIE, self.xsrf(value), httponly=False)

    def refresh(self, request: Request, response: Response) -> None:
        """Give a page that is being opened the readable cookie again: another service may have overwritten it."""
        value = request.cookies.get(self.cookie, "")
        opened = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        if value and opened and request.cookies.get(XSRF_COOKIE) != self.xsrf(value):
            self._set(request, response, XSRF_COOKIE, self.xsrf(value), httponly=False)

    def forget(self, response: Response) -> None:
        """Take both cookies back."""
        for name in (self.cookie, XSRF_COOKIE):
            response.delete_cookie(name, path=self.path, samesite="strict")

    @property
    def _purpose(self) -> str:
        return f"session/{self.installation.instance}"

    def _set(self, request: Request, response: Response, name: str, value: str, *, httponly: bool) -> None:
        response.set_cookie(
            name,
            value,
            max_age=LIFETIME,
            path=self.path,
            secure=_is_https(request),
            httponly=httponly,
            samesite="strict",
        )


def _is_https(request: Request) -> bool:
    # A proxy before the hub's own proxy leaves "https,http": the first one is what the browser used.
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return (forwarded or request.url.scheme) == "https"
