"""Finds out whether everybody can read what is kept in a repository."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from repo2docker_service.adapters.registries.v2.inventory.store import Log
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient
from repo2docker_service.domain.models import ImageName

_BELIEVED: Final = 60.0
"""Seconds for which an answer is remembered."""
_MOST: Final = 1000
_NOT_THERE: Final = (
    "Nothing private is built: the registry has no repository %s yet, and may show it to everybody once it has. Make it"
    " there, as a private one, or build something that is not private first and then see that it is private."
)


class Guarding:
    """Asks the registry what it asks of people without credentials.

    Args:
        nobody: asks the registry without any.
        ours: asks with those of this service.
        made_open: whether the registry may make repositories that everybody can read, and does not tell those that are
            private from those that are not there.
        log: is told when there is no repository yet.
        clock: counts seconds.
    """

    def __init__(
        self,
        nobody: RegistryClient,
        ours: RegistryClient,
        *,
        made_open: bool,
        log: Log,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._nobody = nobody
        self._ours = ours
        self._made_open = made_open
        self._log = log
        self._clock = clock
        self._known: dict[str, tuple[bool, float]] = {}

    async def guards(self, image: ImageName) -> bool:
        """Say whether nobody can read an image of this name without credentials; remembered for a minute.

        Raises:
            RegistryError: the registry does not say.
        """
        guarded, until = self._known.get(image.repository, (False, 0.0))
        if self._clock() < until:
            return guarded
        guarded = await self._guards(image)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[image.repository] = guarded, self._clock() + _BELIEVED
        return guarded

    async def _guards(self, image: ImageName) -> bool:
        if await self._nobody.tells_of(image.repository, image.tag):
            return False
        if self._made_open and not await self._ours.is_repository(image.repository):
            self._log.warning(_NOT_THERE, image.repository)
            return False
        return True
