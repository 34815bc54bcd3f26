"""What a builder that pushes needs from the registry. Credentials go this way, not through the domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from repo2docker_service.domain.models import ImageName


@dataclass
class NotDelivered(Exception):
    """The registry does not hold what was pushed."""

    problem: str
    """A sentence for people."""

    def __str__(self) -> str:
        return self.problem


@runtime_checkable
class PushSupport(Protocol):
    """A registry that images are pushed to. ``bootstrap`` gives it to a builder that :class:`Pushes`."""

    async def push_config(self) -> bytes:
        """Give a docker ``config.json`` with what is needed to push, and with nothing else.

        Raises:
            RegistryUnavailable: the credentials cannot be read now.
        """
        ...

    async def guards(self, image: ImageName) -> bool:
        """Say whether nobody can read an image of this name without credentials of the registry's.

        Raises:
            RegistryUnavailable: it cannot be found out now.
        """
        ...

    async def verify_push(self, image: ImageName, digest: str, build_id: str) -> None:
        """See that all of the image is there, and that it is of this build; remember it.

        Args:
            image: the name that was pushed.
            digest: that of the manifest as the engine told it; empty when it told none.
            build_id: the build that the signed record of the image has to name.

        Raises:
            NotDelivered: it is not.
            RegistryUnavailable: it cannot be found out now.
        """
        ...


@runtime_checkable
class Pushes(Protocol):
    """A builder that can push to another place than its engine."""

    def push_with(self, support: PushSupport) -> None:
        """Use this for every push from now on; called once, before the builder is opened."""
        ...
