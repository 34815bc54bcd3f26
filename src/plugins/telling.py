"""Tells plugins what happens to builds and images, in the order in which it does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.domain.errors import ServiceError
from repo2docker_service.domain.streams.closing import close
from repo2docker_service.plugins.calling import PluginCalls, PluginFailed

log = logging.getLogger(__name__)

_MOST_WAITING: Final = 1000
"""Things that a plugin has still to hear of; beyond that it misses what happens."""
_PAUSE: Final = 5.0
"""Seconds after which it is watched on, where that failed."""
Watch = Callable[[], AsyncIterator[object]]
Told = tuple[str, Mapping[str, object]]
"""A hook, and its arguments."""


@dataclass
class Telling:
    """Tells each plugin one thing after the other; a slow one keeps no other waiting."""

    calls: PluginCalls
    watches: Mapping[tuple[str, str], Watch]
    """What is watched, by the hook that hears of it and the name of its argument."""
    _waiting: dict[str, asyncio.Queue[Told]] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell them until this is left."""
        heard = {key: names for key in self.watches if (names := self.calls.with_hook(key[0]))}
        self._waiting = {name: asyncio.Queue(_MOST_WAITING) for names in heard.values() for name in names}
        tasks = [asyncio.create_task(self._watch(*key), name=f"tell plugins: {key[0]}") for key in heard]
        tasks += [asyncio.create_task(self._tell(name), name=f"tell the plugin {name}") for name in self._waiting]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, hook: str, argument: str) -> None:
        while True:
            items = self.watches[hook, argument]()
            try:
                async for item in items:
                    for name in self.calls.with_hook(hook):
                        self._put(name, (hook, {argument: item}))
            except ServiceError as error:
                log.info("What plugins are told of cannot be watched now: %s", error)
            except Exception:
                log.exception("What plugins are told of cannot be watched now")
            finally:
                await close(items)
            await asyncio.sleep(_PAUSE)

    def _put(self, name: str, told: Told) -> None:
        try:
            self._waiting[name].put_nowait(told)
        except asyncio.QueueFull:
            self.calls.note(name, told[0], f"It is {_MOST_WAITING} calls behind, and is not told of all that happens.")

    async def _tell(self, name: str) -> None:
        while True:
            hook, arguments = await self._waiting[name].get()
            with suppress(PluginFailed):  # noted there
                await self.calls.call(name, hook, lambda _: None, **arguments)
