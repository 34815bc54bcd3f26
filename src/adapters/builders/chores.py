"""Things done in the background, each once at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, ParamSpec

from repo2docker_service.domain.errors import BuildFinished, Unavailable

P = ParamSpec("P")

_TRY_AGAIN: Final = 2.0
"""Seconds after which something that failed may be tried again."""


@dataclass
class Chores:
    """Begins what is not being done, and logs what fails."""

    log: logging.Logger
    done: Callable[[], None] = lambda: None
    """Called after each."""
    troubles: tuple[type[Exception], ...] = (Unavailable,)
    """What goes wrong without anybody's fault here, and is told in one line."""
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def begin(self, what: str, work: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **named: P.kwargs) -> None:
        """Do something, unless it is being done."""
        if what not in self._tasks:
            self._tasks[what] = asyncio.create_task(self._guarded(what, partial(work, *args, **named)))

    def is_doing(self, what: str) -> bool:
        """Whether it is being done."""
        return what in self._tasks

    async def settled(self, what: str) -> None:
        """Wait while it is being done."""
        if what in self._tasks:
            await asyncio.wait({self._tasks[what]})

    async def stop(self) -> None:
        """Leave everything as it is."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except BuildFinished as ended:
            self.log.debug("Need not %s: %s", what, ended)
        except self.troubles as error:
            self.log.warning("Could not %s: %s", what, error)
            await asyncio.sleep(_TRY_AGAIN)
        except Exception:
            self.log.exception("Could not %s", what)
            await asyncio.sleep(_TRY_AGAIN)
        finally:
            del self._tasks[what]
            self.done()
