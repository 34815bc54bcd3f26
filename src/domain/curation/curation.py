"""What an administrator says of one image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Curation:
    """What an administrator says of an image."""

    title: str = ""
    """In place of the one that was given to the build."""
    description: str = ""
    groups: frozenset[str] = frozenset()
    """Who may know of it, besides its owner; empty: everybody who may know of shared images."""
    featured: bool = False
    """Shown before others."""
    default: bool = False
    """Chosen where nobody has chosen yet."""
    protected: bool = False
    """Not to be deleted or replaced."""
    profile: str = ""
    """The profile for its servers where none is asked for."""


NOTHING_SAID: Final = Curation()
