"""What people give that cannot be used, and repositories that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repo2docker_service.domain.errors.base import ServiceError


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

    setting: str = ""
    """What allows it; empty where nothing does. It is for administrators: others are told to ask them."""

    def __str__(self) -> str:
        ask = " Ask the hub's administrators to allow it." if self.setting else ""
        return f"{super().__str__()}{ask}"

    def for_administrators(self) -> str:
        """Say the same to those who can change it."""
        return f"{super().__str__()} Allow it with {self.setting}." if self.setting else str(self)


@dataclass
class RefNotFound(InvalidInput):
    """The repository is there, the branch, tag or commit is not."""


@dataclass
class SourceUnreachable(ServiceError):
    """The repository cannot be read now, or not without a credential."""

    address: str
    problem: str
    may_be_private: bool = False
    """Whether it may be there for who has credentials, or others than were given: servers hide what is not for all."""
    retry_after: int | None = None
    """Seconds after which its server wants to be asked again, where it said so."""

    def __str__(self) -> str:
        return f"The repository {self.address} cannot be read: {self.problem}"


@dataclass
class BadCursor(InvalidInput):
    """A page or log cursor that this service did not give out."""
