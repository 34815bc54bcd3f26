"""Who is calling, and what that one may not do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from repo2docker_service.domain.errors.base import ServiceError


class Unauthenticated(ServiceError):
    """Nobody is known by the token or session of this request."""

    def __str__(self) -> str:
        return "Please log in, or send a valid token."


_PREFIX: Final = "custom:repo2docker:"
_LEAST_ROLES: Final[Mapping[str, str]] = {
    "builds:read": "builder",
    "images:read": "viewer",
    "builds:create": "builder",
    "builds:cancel": "builder",
    "images:delete": "builder",
    "images:read-for-user": "",
    "metrics:read": "",
    "admin": "admin",
}
"""The role that has a scope and as little else as possible; people have none for what programs do."""


@dataclass
class Forbidden(ServiceError):
    """The caller is known and lacks a scope."""

    scope: str
    """Of this service, without its prefix; or the one to come in at all, as the hub calls it."""

    def __str__(self) -> str:
        role = _LEAST_ROLES.get(self.scope, "viewer, builder or admin")
        scope = f"{_PREFIX if self.scope in _LEAST_ROLES else ''}{self.scope}"
        needed = f"the role {role} (scope {scope})" if role else f"the scope {scope}"
        return f"This needs {needed}. Ask an administrator of the hub for it."


@dataclass
class TooManyRequests(ServiceError):
    """Somebody asks more often, or reads more at once, than one person may."""

    rule: str
    retry_after: int
    """Seconds after which a new try makes sense."""

    def __str__(self) -> str:
        return f"{self.rule} Try again in {self.retry_after} {'second' if self.retry_after == 1 else 'seconds'}."
