"""How often one person may ask, and how much one may read at once. Each process counts for itself, in memory."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from repo2docker_service.domain.errors import TooManyRequests
from repo2docker_service.domain.models import Owner

_MOST_KNOWN: Final = 10_000
"""Owners that are remembered; who has not asked for longest is forgotten first."""
_SOON: Final = 10
"""Seconds after which somebody who has closed a page may try again."""


class Rates:
    """Counts the requests of each owner: so many may come at once, and as many again within a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._left: dict[Owner, tuple[float, float]] = {}

    def count(self, owner: Owner) -> None:
        """Count one request.

        Raises:
            TooManyRequests: it is one too many.
        """
        if not self._most:
            return
        now = self._clock()
        left, then = self._left.pop(owner, (float(self._most), now))
        left = min(self._most, left + (now - then) * self._most / 60)
        allowed = left >= 1
        self._left[owner] = (left - 1 if allowed else left, now)
        if len(self._left) > _MOST_KNOWN:
            del self._left[next(iter(self._left))]
        if not allowed:
            rule = f"{owner} may send {self._most} requests in a minute."
            raise TooManyRequests(rule, math.ceil((1 - left) * 60 / self._most))


class Readers:
    """Counts the streams that each owner reads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._reading = Counter[Owner]()

    @contextmanager
    def place(self, owner: Owner) -> Iterator[None]:
        """Count one more for as long as the context lasts.

        Raises:
            TooManyRequests: it is one too many.
        """
        if self._most and self._reading[owner] >= self._most:
            raise TooManyRequests(f"{owner} may read {self._most} logs and other streams at once.", _SOON)
        self._reading[owner] += 1
        try:
            yield
        finally:
            self._reading[owner] -= 1
            if not self._reading[owner]:
                del self._reading[owner]
