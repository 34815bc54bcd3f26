"""Browser sessions: a token is changed once for a cookie.

The cookie holds the token, sealed, so that only this service can read it, and any replica that shares the secret. Who
the caller is and what it may do is asked each time, so a token that is taken back ends the session, and roles that are
lost are lost here too. Replicas need not know of each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.entrypoints.http.cookies import Cookies
from repo2docker_service.sealing import Sealer

LIFETIME: Final = 12 * 3600
"""Seconds; who has a session at the Hub gets another one here without noticing."""
XSRF_COOKIE: Final = "_xsrf"
XSRF_HEADER: Final = "X-XSRFToken"


@dataclass(frozen=True)
class Sessions:
    """Makes and reads the cookies of one installation."""

    installation: Installation
    cookies: Cookies
    clock: Callable[[], float] = time.time

    @property
    def cookie(self) -> str:
        """The cookie's name; with the instance in it, since ports do not keep cookies of one host apart."""
        return self.cookies.private(f"repo2docker-service-{self.installation.instance}")

    @cached_property
    def _sealer(self) -> Sealer:
        return Sealer(self.installation.signer, f"session/{self.installation.instance}")

    def issue(self, token: str) -> str:
        """Make the value of a session's cookie."""
        return self._sealer.seal(token, self.clock())

    def token(self, value: str) -> str:
        """Give the token that a session was made for.

        Raises:
            Unauthenticated: it is not one of ours, or over.
        """
        token = self._sealer.open(value, self.clock(), LIFETIME)
        if token is None:
            raise Unauthenticated
        return token

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
            self.cookies.delete(response, name, samesite="strict")

    def _set(self, request: Request, response: Response, name: str, value: str, *, httponly: bool) -> None:
        self.cookies.set(request, response, name, value, max_age=LIFETIME, samesite="strict", httponly=httponly)
