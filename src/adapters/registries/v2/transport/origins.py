"""Where URLs lead, told in a way that no two libraries can understand differently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_PLAIN: Final = re.compile(r"[!$-;=?-\[\]_a-z~]{1,8000}", re.ASCII)
"""Visible characters but for those that some programs take for others: ``"``, ``<``, ``>``, a backslash and so on."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host and a port: who shares all three is the same server."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Read the origin of an absolute URL.

        Raises:
            ValueError: it is not a URL for HTTP, has a user in it, or is written in a strange way.
        """
        if not _PLAIN.fullmatch(url):
            raise ValueError("strange characters in a URL")
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
            raise ValueError("not a plain URL for HTTP")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])

    @property
    def secure(self) -> bool:
        """Whether connections are encrypted."""
        return self.scheme == "https"


def base_of(url: str) -> str:
    """Give a registry's URL without slash at the end.

    Raises:
        ValueError: it is more or less than a scheme, a host and perhaps a port.
    """
    base = url.removesuffix("/")
    Origin.of(base)
    if urlsplit(base).netloc != base.partition("://")[2]:
        raise ValueError("the URL of a registry is https://host or https://host:port")
    return base
