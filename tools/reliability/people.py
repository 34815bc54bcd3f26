"""Several identities for one service."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

SCOPES = ["builds:create", "builds:read", "builds:cancel", "images:read", "images:delete"]


@dataclass(frozen=True)
class Person:
    """Somebody who may build, and cancel and delete what is theirs."""

    name: str
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def owner(self) -> str:
        """The owner of their builds, as the API writes it."""
        return f"user:{self.name}"


def setting(people: Sequence[Person]) -> str:
    """Give the configuration lines of a service that knows these people, and nobody else."""
    tokens = {person.token: {"name": person.name, "scopes": SCOPES} for person in people}
    lines = ["authorizer = 'memory'", "requests_per_person = 0"]
    return "\n".join([*(f"c.Repo2DockerService.{line}" for line in lines), f"c.InMemoryAuthorizer.tokens = {tokens!r}"])
