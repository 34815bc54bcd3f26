"""What the hub starts servers with, found out seldom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from repo2docker_service.adapters.launchers.jupyterhub.options import DOCKER, KUBERNETES
from repo2docker_service.domain.errors import ServiceError

KNOWN_FOR: Final = 300.0
"""Seconds; the hub may be configured anew while this service runs."""
ASK_AGAIN_AFTER: Final = 5.0
"""Seconds after the hub did not answer."""
_WITHOUT_IMAGES: Final = (
    "batchspawner.",
    "jupyterhub.spawner.",
    "sshspawner.",
    "sudospawner.",
    "systemdspawner.",
    "tljh.",
    "wrapspawner.",
    "yarnspawner.",
)
"""Where classes are defined that start processes, jobs or whatever else, and no images."""


class HubSpawner:
    """Remembers the class with which the hub starts servers.

    Args:
        ask: gives its name; empty when the hub does not tell.
        clock: counts seconds.
    """

    def __init__(self, ask: Callable[[], Awaitable[str]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._known: str | None = None
        self._good_until = -1.0
        self._asking = asyncio.Lock()

    async def name(self) -> str | None:
        """Give the name of the class: empty when the hub does not tell, None when it has never answered."""
        # All wait for one answer, and while the hub is away for the first of them only.
        async with self._asking:
            if self._clock() >= self._good_until:
                try:
                    self._known, good = await self._ask(), KNOWN_FOR
                except ServiceError:
                    good = ASK_AGAIN_AFTER
                self._good_until = self._clock() + good
            return self._known

    async def options(self) -> str:
        """Say what kind of options it understands."""
        return KUBERNETES if "kube" in (await self.name() or "").lower() else DOCKER


def starts_images(name: str) -> bool:
    """Whether a class may start images: all may that are not known for something else."""
    return bool(name) and not name.lower().startswith(_WITHOUT_IMAGES)
