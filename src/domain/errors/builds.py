"""What builds do not allow."""

from __future__ import annotations

from dataclasses import dataclass

from repo2docker_service.domain.errors.base import ServiceError


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
class QuotaExceeded(ServiceError):
    """An owner has as many builds or images as the rule allows."""

    rule: str
    retry_after: int | None = None
    """Seconds after which a new try makes sense; None: only when the owner has made room."""

    def __str__(self) -> str:
        if self.retry_after is None:
            return f"{self.rule} Delete one that is not needed any more, then try again."
        return f"{self.rule} Try again in about {self.retry_after} seconds, when one may have ended."


class PrivateBuildRefused(ServiceError):
    """What is private cannot be kept where everybody can read it."""

    def __str__(self) -> str:
        return (
            "The registry of this service shows images to everybody, so nothing is built here from private"
            " repositories. An administrator has to make it ask for credentials."
        )


@dataclass
class BuildVetoed(ServiceError):
    """A plugin has something against a build."""

    reason: str
    """A sentence for who asked."""

    def __str__(self) -> str:
        return self.reason


@dataclass
class DiskLow(ServiceError):
    """Too little space is left to begin a build."""

    free: int
    """Bytes."""

    def __str__(self) -> str:
        return (
            f"Only {self.free // 2**20} MiB of disk are left, so no build is begun. Ask an administrator to make room."
        )
