"""What can go wrong, in the words of the service.

Errors carry data; sentences for people are made from it by :func:`str`, statuses at the HTTP edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final


class ServiceError(Exception):
    """Anything that this service refuses or fails to do."""


@dataclass
class InvalidInput(ServiceError):
    """A value that a person gave cannot be used."""

    field: str
    problem: str
    near: Sequence[str] = ()
    """Values that would have been accepted and look similar."""

    def __str__(self) -> str:
        hint = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"{self.problem}{hint}"


@dataclass
class SourceForbidden(InvalidInput):
    """The address is one that this service is not allowed to contact."""


@dataclass
class RefNotFound(InvalidInput):
    """The repository is there, the branch, tag or commit is not."""


@dataclass
class SourceUnreachable(ServiceError):
    """The repository cannot be read now, or not without a credential."""

    address: str
    problem: str

    def __str__(self) -> str:
        return f"The repository {self.address} cannot be read: {self.problem}"


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
    "admin": "admin",
}
"""The role that has a scope and as little else as possible; people have none for what starts servers."""


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
class BuildNotFound(ServiceError):
    """No such build, or none that the caller may know of."""

    build: str

    def __str__(self) -> str:
        return f"There is no build {self.build}."


@dataclass
class LogCollected(ServiceError):
    """The build is known from its image, its container and log are gone."""

    build: str

    def __str__(self) -> str:
        return f"The log of build {self.build} was removed when its retention time ended."


@dataclass
class BuildActive(ServiceError):
    """A build that is still under way cannot be forgotten."""

    build: str

    def __str__(self) -> str:
        return f"Build {self.build} is still under way. Cancel it first."


@dataclass
class BuildFinished(ServiceError):
    """A build that has ended cannot be cancelled."""

    build: str
    state: str

    def __str__(self) -> str:
        return f"Build {self.build} has already ended: {self.state}."


@dataclass
class ImageNotFound(ServiceError):
    """No such image, or none that the caller may know of."""

    image: str

    def __str__(self) -> str:
        return f"There is no image {self.image}."


@dataclass
class ImageMoved(ServiceError):
    """The image's tag now points to another digest than the caller saw."""

    image: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"The image {self.image} was replaced meanwhile. Load the list again before you delete it."


@dataclass
class ImageInUse(ServiceError):
    """A container of the engine uses the image."""

    image: str
    users: Sequence[str] = ()

    def __str__(self) -> str:
        return f"The image {self.image} is in use by {', '.join(self.users) or 'a container'}. Stop it first."


@dataclass
class ImageHasSiblings(ServiceError):
    """Other tags point to the same digest and would vanish too."""

    image: str
    siblings: Sequence[str] = field(default_factory=tuple)

    def __str__(self) -> str:
        return f"The image {self.image} has other names that would be deleted with it: {', '.join(self.siblings)}."


@dataclass
class ImageProtected(ServiceError):
    """The administrator's catalog keeps the image."""

    image: str

    def __str__(self) -> str:
        return f"The image {self.image} is protected by the catalog of this service, so it is kept as it is."


@dataclass
class DeletionRefused(ServiceError):
    """The registry deletes nothing, or not for this service; an administrator can change that."""

    image: str
    problem: str
    """A whole sentence, saying what to change."""

    def __str__(self) -> str:
        return f"The image {self.image} cannot be deleted. {self.problem}"


@dataclass
class ServerNotFound(ServiceError):
    """The caller has no such server."""

    server: str

    def __str__(self) -> str:
        return f"You have no server {self.server}." if self.server else "You have no server without a name."


@dataclass
class ServerBusy(ServiceError):
    """The server exists and is in a state in which this cannot be done."""

    server: str
    problem: str
    """A whole sentence, saying what to do."""

    def __str__(self) -> str:
        return self.problem


@dataclass
class LaunchRefused(ServiceError):
    """The image cannot be started, or the hub does not start it; trying again does not help."""

    problem: str
    """A whole sentence, saying what to do."""

    def __str__(self) -> str:
        return self.problem


@dataclass
class TooManyServers(ServiceError):
    """The hub starts no more servers for now, or none for this person."""

    problem: str
    """A whole sentence, saying what to do."""
    retry_after: int | None = None
    """Seconds after which a new try makes sense; None: only when the person has stopped one."""

    def __str__(self) -> str:
        return self.problem


@dataclass
class QuotaExceeded(ServiceError):
    """An owner has as many builds or images as the rule allows."""

    rule: str
    retry_after: int | None = None
    """Seconds after which a new try makes sense; None: only when the owner has made room."""

    def __str__(self) -> str:
        if self.retry_after is None:
            return f"{self.rule} Delete one that is not needed any more, then try again."
        return f"{self.rule} Try again in about {self.retry_after} seconds, when one may have ended."


@dataclass
class DiskLow(ServiceError):
    """Too little space is left to begin a build."""

    free: int
    """Bytes."""

    def __str__(self) -> str:
        return (
            f"Only {self.free // 2**20} MiB of disk are left, so no build is begun. Ask an administrator to make room."
        )


@dataclass
class Unavailable(ServiceError):
    """A part that the service stands on does not answer; it may answer again soon."""

    part: str
    problem: str

    def __str__(self) -> str:
        return f"The {self.part} does not answer: {self.problem}. This may pass; try again in a moment."


class BuilderUnavailable(Unavailable):
    """The engine that builds does not answer."""


class BuilderImageMissing(BuilderUnavailable):
    """The image that builds run in is not there yet, or cannot be had.

    Args:
        image: its name.
        problem: why it cannot be had; empty while it is being fetched.
    """

    def __init__(self, image: str, problem: str = "") -> None:
        super().__init__("engine", problem)
        self.image = image

    def __str__(self) -> str:
        if not self.problem:
            return f"The engine is fetching the image {self.image}, which happens once. Try again in a minute."
        return (
            f"The engine has no image {self.image} and cannot fetch it: {self.problem}."
            " Load it into the engine, or name another one in DockerImageBuilder.repo2docker_image."
        )


class RegistryUnavailable(Unavailable):
    """The registry does not answer."""


class AuthorizerUnavailable(Unavailable):
    """Who the caller is cannot be found out now."""


class LauncherUnavailable(Unavailable):
    """What starts servers does not answer."""


@dataclass
class BadCursor(InvalidInput):
    """A page or log cursor that this service did not give out."""
