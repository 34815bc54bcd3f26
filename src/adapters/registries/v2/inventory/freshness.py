"""When what is known of a registry was true, and who sees to it that it is true again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.registries.v2.auth.credentials import BadCredentials
from repo2docker_service.adapters.registries.v2.errors import RegistryError
from repo2docker_service.adapters.registries.v2.inventory.store import Log

_TRY_AGAIN: Final = 5.0
"""Seconds after a failure before the registry is asked again."""
_SHORTEST_PAUSE: Final = 1.0
_IDLE: Final = 10
"""Intervals between renewals while nobody asks or watches."""
_OLD: Final = 15
"""Intervals after which nobody should rely on what is known."""
_SHORTEST_LIFE: Final = 60.0
"""Seconds before which nothing is old."""
_EXPECTED: Final = (RegistryError, BadCredentials)


class Freshness:
    """Renews what is known in the background, once at a time: when somebody asks for it or watches, else seldom.

    Args:
        renew: asks the registry everything; says whether something may be missing.
        interval: seconds for which what is known is new enough; 0 renews for every reader.
        watched: whether somebody wants to be told of changes.
        log: is told of failures, and of their end.
        name: what the registry is called there.
        as_of: when what is known from the cache was true, if it ever was.
    """

    def __init__(
        self,
        renew: Callable[[], Awaitable[bool]],
        interval: float,
        watched: Callable[[], bool],
        log: Log,
        name: str = "the registry",
        as_of: datetime | None = None,
    ) -> None:
        self._renew = renew
        self._interval = interval
        self._watched = watched
        self._log = log
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._next = 0.0
        self.as_of = as_of
        """When a renewal last ended well, in this process or one before; None if none ever did."""
        self.failure: Exception | None = None
        """Why the last renewal failed."""
        self._sure = False
        self.partial = False
        self.begun_at = datetime.now(UTC)
        """When the last renewal began."""

    @property
    def stale(self) -> bool:
        """Whether the last renewal failed, or was long ago, or the first of this process has not ended."""
        if self.as_of is None or not self._sure:
            return True
        return (datetime.now(UTC) - self.as_of).total_seconds() > max(_OLD * self._interval, _SHORTEST_LIFE)

    def start(self) -> None:
        """Renew now, and again and again: seldom, unless somebody watches."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Give up whatever is under way."""
        tasks = [task for task in (self._keeper, self._task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def for_reader(self, patience: float) -> None:
        """See to it that what is known gets new enough; wait only where nothing complete was ever known."""
        if self._interval == 0:
            await self._wait(None)  # one that has begun before may have missed what the reader is after
            self._begin()
            await self._wait(None)
            return
        if self._due():
            self._begin()
        if self.as_of is None:
            await self._wait(patience)

    def _due(self) -> bool:
        return self._task is None and time.monotonic() >= self._next

    def _has_idled(self) -> bool:
        return self._interval > 0 and time.monotonic() >= self._next + (_IDLE - 1) * self._interval

    def _begin(self) -> None:
        if self._task is None:
            self.begun_at = datetime.now(UTC)
            self._task = asyncio.create_task(self._run())

    async def _wait(self, seconds: float | None) -> None:
        # Readers may leave; what they wait for goes on for the others.
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)

    async def _keep(self) -> None:
        self._begin()
        while True:
            await asyncio.sleep(max(self._next - time.monotonic(), _SHORTEST_PAUSE))
            if self._due() and (self._watched() or self._has_idled()):
                self._begin()

    async def _run(self) -> None:
        try:
            self.partial = await self._renew()
        except Exception as error:  # noqa: BLE001  # whatever it is, readers get what was known before
            self._failed(error)
        else:
            if self.failure is not None:
                self._log.info("The images of %s can be listed again", self._name)
            self.as_of, self.failure, self._sure = datetime.now(UTC), None, True
            self._next = time.monotonic() + self._interval
        finally:
            self._task = None

    def _failed(self, error: Exception) -> None:
        if self.failure is None:
            trace = None if isinstance(error, _EXPECTED) else error
            self._log.warning("The images of %s cannot be listed anew: %s", self._name, error, exc_info=trace)
        self.failure, self._sure = error, False
        self._next = time.monotonic() + min(self._interval, _TRY_AGAIN)
