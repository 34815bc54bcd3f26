"""What is found out of a source before it is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import Owner, Source


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """On which terms the administrator lets people build from an address."""

    private: bool = False
    """Whether what is built from there is its owner's only."""
    visible_to: frozenset[Owner] | None = None
    """Who may build from there at all; None: everybody who may build."""


class RefKind(StrEnum):
    """What people choose a commit by."""

    BRANCH = "branch"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class NamedRef:
    """A branch or tag as people write it, and the commit that it stands for."""

    name: str
    kind: RefKind
    commit: str


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A source whose ref is known to be a commit."""

    source: Source
    commit: str
    ref: str
    """The full name, as ``refs/heads/main``, or the commit itself."""
    clone_address: str
    """The address after redirects: the one to clone from, without following any further."""
    private: bool = False
    """Whether the way there was not open to everybody: what is built from it is its owner's only."""
    credentials: Credentials | None = field(default=None, repr=False)
    """With what the repository was opened: those that came with the request, or the administrator's for the address."""
    public_only: bool = False
    """Whether it may be fetched from public addresses only."""

    @property
    def moved_to(self) -> str:
        """The address to clone from where that is another one than was asked for; else empty."""
        return "" if self.clone_address == self.source.address else self.clone_address
