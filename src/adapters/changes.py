"""Tells watchers that something changed, without ever waiting for one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from typing import Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Changes(Generic[T]):
    """Keeps, for each watcher, the newest of every changed thing that it has not seen; so memory is bounded."""

    def __init__(self) -> None:
        # Weak, because a watcher that was never read from is not closed by anybody.
        self._watchers: WeakSet[_Watcher[T]] = WeakSet()

    @property
    def watched(self) -> bool:
        """Whether anybody would be told now."""
        return len(self._watchers) > 0

    def publish(self, key: Hashable, changed: T) -> None:
        """Tell all watchers of a change."""
        for watcher in self._watchers:
            watcher.pending[key] = changed
            watcher.wake.set()

    def watch(self) -> AsyncGenerator[T, None]:
        """Give changes from this call on, until closed."""
        watcher: _Watcher[T] = _Watcher()
        self._watchers.add(watcher)
        return watcher.changes()


class _Watcher(Generic[T]):
    def __init__(self) -> None:
        self.pending: dict[Hashable, T] = {}
        self.wake = asyncio.Event()

    async def changes(self) -> AsyncGenerator[T, None]:
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.pending:
                yield self.pending.pop(next(iter(self.pending)))
