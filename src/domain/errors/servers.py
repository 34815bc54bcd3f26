"""What servers do not allow."""

from __future__ import annotations

from dataclasses import dataclass

from repo2docker_service.domain.errors.base import ServiceError


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
