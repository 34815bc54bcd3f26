"""Starts that go on while nobody waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

_log: Final = logging.getLogger(__name__)


class Starts:
    """Keeps requests to the hub, which answers them when the server is there, or after ten seconds.

    The hub tells by itself how a start ends, so nothing is lost with them.
    """

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, start: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Go on with a start to its end, whoever waits for it."""
        task = asyncio.create_task(start)
        self._under_way.add(task)
        task.add_done_callback(self._end)
        return task

    async def close(self) -> None:
        """Wait for no answer any more; what the hub was asked to start, it starts."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        # Perhaps nobody waits for it any more; the error is then no mishap that asyncio should tell.
        if not task.cancelled() and (error := task.exception()):
            _log.info("The hub refused a start, or it failed: %s", error)
