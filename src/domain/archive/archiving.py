"""Sees to it that logs are archived: soon after their builds have ended, and before anything of these goes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE, LogArchive
from repo2docker_service.domain.capabilities import Collectable
from repo2docker_service.domain.errors import BuildNotFound, LogCollected, RegistryUnavailable, ServiceError
from repo2docker_service.domain.models import Build
from repo2docker_service.domain.orders.admission import now
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.domain.retention.retention import end_of, is_older
from repo2docker_service.domain.streams.closing import close

_EVERY: Final = 3600.0
"""Seconds between two questions for what is archived: other replicas archive, too."""
_AGAIN: Final = 60.0
"""Seconds between two looks at everything that has ended, for what could not be archived or was not told of."""
_LONGEST: Final = 600.0
"""Seconds that archiving one log may take."""
logger: Final = logging.getLogger("repo2docker_service.archive")


@dataclass
class Archiver:
    """Archives what has ended, one log after the other. It does not matter which replica is the first."""

    builder: ImageBuilder
    archive: LogArchive = NO_ARCHIVE
    clock: Callable[[], datetime] = now
    waiting: dict[str, str] = field(default_factory=dict)
    """What keeps builds from being archived, by their ids."""
    _settled: set[str] = field(default_factory=set)
    """Ids of builds that are archived, or are not to be."""
    _ask_at: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Archive in the background while the context is open."""
        if self.archive is NO_ARCHIVE:
            yield
            return
        works = ((self._listen, 1.0), (self.sweep, _AGAIN))
        tasks = [asyncio.create_task(_again_and_again(work, pause)) for work, pause in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def keep(self, build: Build) -> None:
        """Archive an ended build, unless that is done or it is not to be archived.

        Raises:
            Unavailable: builder or archive do not answer.
        """
        if not self.archive.wants(build):
            return
        async with self._turn:
            if build.id in self._settled:
                return
            try:
                await self._put(build.id)
            except (BuildNotFound, LogCollected):
                pass  # another replica has collected it, somebody wanted it forgotten, or its node took the log along
            except ServiceError as error:
                self.waiting[build.id] = str(error)
                raise
            self._settled.add(build.id)
            self.waiting.pop(build.id, None)

    async def _put(self, build_id: str) -> None:
        log = self.builder.read_log(build_id, follow=True)
        try:
            async with asyncio.timeout(_LONGEST):
                await self.archive.put(await self.builder.get(build_id), log)
        except TimeoutError:
            raise RegistryUnavailable("archive", f"it took longer than {_LONGEST:g} seconds") from None
        finally:
            await close(log)

    async def may_go(self, build: Build) -> bool:
        """Archive a build that is to be collected, and say whether it may go.

        It may when it is archived, when it is not to be, and when it has waited for the archive for too long.
        """
        try:
            await self.keep(build)
        except ServiceError as error:
            overdue = self._is_overdue(build)
            level = logging.WARNING if overdue else logging.INFO
            what = "is collected though it could not be archived" if overdue else "waits to be archived"
            logger.log(level, "The log of build %s %s: %s", build.id, what, error)
            return overdue
        return True

    def _is_overdue(self, build: Build) -> bool:
        kept = self.builder.retention.builds if isinstance(self.builder, Collectable) else None
        return is_older(end_of(build), (kept or timedelta()) + self.archive.patience, self.clock())

    async def sweep(self) -> None:
        """Archive all that has ended and was not archived.

        Raises:
            Unavailable: builder or archive do not answer.
        """
        if time.monotonic() >= self._ask_at:
            self._settled |= {*await self.archive.ids()}
            self._ask_at = time.monotonic() + _EVERY
        ended = [build for build in await self.builder.list() if build.state.ended]
        known = {build.id for build in ended}
        self._settled &= known
        for build_id in self.waiting.keys() - known:
            del self.waiting[build_id]
        for build in ended:
            await self.keep(build)

    async def warnings(self) -> Sequence[str]:
        """Say what an administrator should see to."""
        if not self.waiting:
            return ()
        why = next(iter(self.waiting.values()))
        return [f"Builds whose logs cannot be archived, and which are kept until then: {len(self.waiting)}. {why}"]

    async def _listen(self) -> None:
        changes = self.builder.watch()
        try:
            async for build in changes:
                if build.state.ended:
                    await self.keep(build)
        finally:
            await close(changes)


async def _again_and_again(work: Callable[[], Awaitable[None]], pause: float) -> None:
    while True:
        try:
            await work()
        except ServiceError as error:
            logger.info("Nothing is archived now: %s", error)
        except Exception:
            logger.exception("Archiving failed")
        await asyncio.sleep(pause)
