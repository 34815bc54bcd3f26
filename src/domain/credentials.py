"""What opens a repository that not everybody may read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, or a token in its place, for one repository."""

    username: str
    password: str = field(repr=False)
