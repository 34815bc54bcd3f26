"""Which images of a registry this service deals with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.registries.v2.inventory.places import Listing, is_steady
from repo2docker_service.adapters.registries.v2.protocol.references import REPOSITORY, TAG
from repo2docker_service.domain.models import ImageName

# In seconds: tags that say which commit they are for hardly ever point to anything new.
_USUAL: Final = 60.0
_STEADY: Final = 300.0


@dataclass(frozen=True, slots=True)
class Scope:
    """Which images, and how to find them."""

    registry: str
    """The first part of all names."""
    prefix: str
    """What the names of all repositories begin with; no other is asked for or deleted from."""
    listing: Listing
    static: Collection[str] = ()
    """The repositories, when listing is static."""
    workers: int = 10
    """Requests at a time."""
    refresh_seconds: float = 60.0
    patience: float = 5.0
    """Seconds that readers wait where nothing complete was ever known."""

    def holds(self, image: ImageName) -> bool:
        """Whether an image of that name may be ours."""
        return (
            image.registry == self.registry
            and within(self.prefix, image.repository)
            and TAG.fullmatch(image.tag) is not None
        )

    def longest_belief(self, tag: str) -> float:
        """Give the seconds for which the list goes by what a tag pointed to when it was last looked at."""
        if self.refresh_seconds == 0:
            return 0.0
        return _STEADY if is_steady(tag) else min(_USUAL, self.refresh_seconds)


def within(prefix: str, repository: str) -> bool:
    """Whether a repository may hold images of ours. No other is ever asked for, let alone deleted from."""
    proper = REPOSITORY.fullmatch(repository) is not None
    return proper and (repository == prefix or repository.startswith(f"{prefix}/"))
