"""Leaves a registry alone for a while after it failed several times in a row."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import CircuitOpen, RegistryError

_MOST_FAILURES: Final = 5
_LEFT_ALONE: Final = 10.0
_PROBLEM: Final = "it failed several times in a row, and is left alone for some seconds"


class Breaker:
    """Lets calls pass until five in a row have failed; then one after every ten seconds, until one succeeds.

    Args:
        clock: counts seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_until = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make a call within, and hear how it went.

        Raises:
            CircuitOpen: it must not be made now.
        """
        if self._failures >= _MOST_FAILURES:
            if self._clock() < self._closed_until:
                raise CircuitOpen(_PROBLEM)
            # This one tries; all others wait for what becomes of it, or for another turn should it never end.
            self._closed_until = self._clock() + _LEFT_ALONE
        try:
            yield
        except RegistryError as error:
            self._count(error)
            raise
        self._failures = 0

    def _count(self, error: RegistryError) -> None:
        # Who says no is well enough.
        self._failures = self._failures + 1 if error.again else 0
        if self._failures >= _MOST_FAILURES:
            self._closed_until = self._clock() + _LEFT_ALONE
