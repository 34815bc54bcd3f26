"""What browsers are told about the cookies that they keep for this service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

_OF_HOST: Final = "__Host-"
"""Browsers take cookies of such names from the host itself only, for all of its paths, over https."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets cookies, and takes them back.

    Attributes:
        path: where browsers send them.
        host_only: whether those that no page reads have names which other hosts of the domain cannot use.
        secure: whether all are sent over https only, also when a request does not look like it.
    """

    path: str
    host_only: bool = False
    secure: bool = False

    def private(self, name: str) -> str:
        """Give the whole name of a cookie that no page reads."""
        return f"{_OF_HOST}{name}" if self.host_only else name

    def set(
        self,
        request: Request,
        response: Response,
        name: str,
        value: str,
        *,
        max_age: int,
        samesite: Literal["lax", "strict"],
        httponly: bool = True,
    ) -> None:
        """Let the browser keep a value for so many seconds."""
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path=self._path(name),
            secure=self._only_secure(name) or is_https(request),
            httponly=httponly,
            samesite=samesite,
        )

    def delete(self, response: Response, name: str, *, samesite: Literal["lax", "strict"]) -> None:
        """Let the browser forget a value."""
        response.delete_cookie(name, path=self._path(name), secure=self._only_secure(name), samesite=samesite)

    def _path(self, name: str) -> str:
        return "/" if name.startswith(_OF_HOST) else self.path

    def _only_secure(self, name: str) -> bool:
        return self.secure or name.startswith(_OF_HOST)


def is_https(request: Request) -> bool:
    """Whether the browser speaks https; a proxy before the Hub's own leaves "https,http", the first being its word."""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return (forwarded or request.url.scheme) == "https"
