"""Tries again when that may help, and leaves the registry as long a pause as it asks for."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from repo2docker_service.adapters.registries.v2.errors import RegistryError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and when a call is tried again.

    Attributes:
        tries: most tries of one call, the first included.
        first: seconds before the second try; each further wait is twice as long. Waits vary by half, up and down.
        longest_pause: most seconds that a registry may ask to be left alone.
        patience: seconds after which a call that failed is not tried again.
        sleep: waits for so many seconds.
        clock: counts seconds.
    """

    tries: int = 4
    first: float = 0.25
    longest_pause: float = 60.0
    patience: float = 90.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic


class Retrying:
    """Makes calls of one registry, and has all of them share the pauses that it asks for."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._resume_at = 0.0

    async def call(self, once: Callable[[], Awaitable[T]], *, repeatable: bool = True) -> T:
        """Make a call until it succeeds, or trying again makes no sense.

        Args:
            once: makes it once.
            repeatable: whether it may be made twice, when the answer to the first one is lost.

        Raises:
            RegistryError: what went wrong the last time.
        """
        give_up_at = self._retries.clock() + self._retries.patience
        for attempt in range(1, self._retries.tries + 1):
            await self._pause()
            try:
                return await once()
            except RegistryError as error:
                may_help = error.again and (repeatable or not error.ambiguous)
                wait = self._wait(error, attempt)
                late = self._retries.clock() + wait > give_up_at
                if late or attempt == self._retries.tries or not may_help:
                    raise
            await self._retries.sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _pause(self) -> None:
        left = self._resume_at - self._retries.clock()
        if left > 0:
            # Not all who waited come back in the same moment.
            await self._retries.sleep(left + _varied(self._retries.first))

    def _wait(self, error: RegistryError, attempt: int) -> float:
        wait = _varied(self._retries.first * 2 ** (attempt - 1))
        if error.pause is None:
            return wait
        pause = min(max(error.pause, 0.0), self._retries.longest_pause)
        self._resume_at = max(self._resume_at, self._retries.clock() + pause)
        return 0.0 if pause > wait else wait


def _varied(seconds: float) -> float:
    return seconds * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)
