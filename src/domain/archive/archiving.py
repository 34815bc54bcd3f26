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
_FAILURES: Final = 5
"""How many may fail, one after the other, before it is taken not to be about them."""
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
            except Exception as error:
                why = str(error) if isinstance(error, ServiceError) else "The service's own log says why."
                self.waiting.pop(build.id, None)  # so that the last one to fail comes last
                self.waiting[build.id] = why
                raise
            self._settled.add(build.id)
            self.waiting.pop(build.id, None)

    async def _put(self, build_id: str) -> None:
        log = self.builder.read_log(build_id, follow=True)
        try:
            async with asyncio.timeout(_LONGEST):
                build = await self.builder.get(build_id)
                if await self.archive.put(build, log):
                    await self._remove_if_forgotten(build)
        except TimeoutError:
            raise RegistryUnavailable("archive", f"it took longer than {_LONGEST:g} seconds") from None
        finally:
            await close(log)

    async def _remove_if_forgotten(self, build: Build) -> None:
        """Remove again what somebody wanted forgotten while it was being archived, and so was not there to be removed.

        What another replica has collected meanwhile is gone from the builder, too, and stays in the archive.
        """
        try:
            await self.builder.get(build.id)
        except BuildNotFound:
            if not await self._may_be_collected(build):
                await self.archive.remove(build.id)

    async def _may_be_collected(self, build: Build) -> bool:
        if not isinstance(self.builder, Collectable):
            return False
        kept, soon = self.builder.retention, self.clock() + timedelta(seconds=_LONGEST)
        if is_older(end_of(build), kept.builds, soon):  # soon, as another replica's clock may be ahead
            return True
        newer = [each for each in await self.builder.list() if each.state.ended and end_of(each) >= end_of(build)]
        return 0 < kept.count <= len(newer)

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
        """Archive all that has ended and was not archived, as far as that is possible now.

        What cannot be archived is left for the next time, and is tried after all others then. When several have failed
        one after the other, the rest waits, too.

        Raises:
            Unavailable: the builder does not answer.
        """
        await self._ask()
        ended = [build for build in await self.builder.list() if build.state.ended]
        known = {build.id for build in ended}
        self._settled &= known
        for build_id in self.waiting.keys() - known:
            del self.waiting[build_id]
        tried = {build_id: place for place, build_id in enumerate(self.waiting, 1)}
        failures = 0
        for build in sorted(ended, key=lambda build: tried.get(build.id, 0)):
            if build.id in self._settled or not self.archive.wants(build):
                continue
            failures = 0 if await self._try(build) else failures + 1
            if failures == _FAILURES:
                return

    async def _ask(self) -> None:
        if time.monotonic() < self._ask_at:
            return
        try:
            self._settled |= {*await self.archive.ids()}
        except ServiceError as error:
            logger.info("The archive does not tell what it has: %s", error)
        else:
            self._ask_at = time.monotonic() + _EVERY

    async def _try(self, build: Build) -> bool:
        """Archive a build, and say whether there is nothing left to do for it."""
        try:
            await self.keep(build)
        except ServiceError as error:
            logger.info("The log of build %s is not archived now: %s", build.id, error)
        except Exception:
            logger.exception("Archiving the log of build %s failed", build.id)
        else:
            return True
        return False

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
                    await self._try(build)
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
