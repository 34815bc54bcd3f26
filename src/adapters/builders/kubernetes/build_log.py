"""A build's log: the builder's, then the pusher's, as one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.builders.kubernetes.connection import PART
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, PUSHER
from repo2docker_service.adapters.builders.kubernetes.log_stream import LogStream, NotNow
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import JobStore
from repo2docker_service.adapters.builders.kubernetes.told import Container
from repo2docker_service.adapters.builders.kubernetes.view import LiveView
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.domain.errors import BadCursor, BuilderUnavailable, LogCollected
from repo2docker_service.domain.models import Build, LogChunk

_CURSOR: Final = re.compile(r"[0-9]{0,18}", re.ASCII)
_LOOK_AGAIN: Final = 1.0
"""Seconds to wait for news of a build before looking at the cluster without any."""
_PATIENCE: Final = 30
"""Tries, with a pause after each, before a follower is told that the cluster is gone."""
_SHORT_PATIENCE: Final = 3
"""The same for somebody who only reads."""
_PAUSE: Final = 0.1
"""Seconds between the end of a follow and the next look."""


@dataclass(frozen=True)
class BuildLog:
    """Reads the logs of builds."""

    store: JobStore
    view: LiveView
    changes: Changes[Build]

    def read(self, build_id: str, after: str, *, follow: bool) -> AsyncGenerator[LogChunk, None]:
        """Give the lines after a cursor, which is a line's number; see the port's ``read_log``."""
        if not _CURSOR.fullmatch(after):
            raise BadCursor("Last-Event-ID", "This place in the log was not given out by this service.")
        return self._chunks(build_id, int(after or "0"), follow=follow)

    async def _chunks(self, build_id: str, after: int, *, follow: bool) -> AsyncGenerator[LogChunk, None]:
        # One that is not there, or whose log is gone, is told of before anything else.
        live = follow and not (await self._readable(build_id)).state.ended
        number = 0
        for name in (BUILDER, PUSHER):
            async with aclosing(self._part(build_id, name, follow=follow, live=live)) as batches:
                async for lines in batches:
                    first, number = number + 1, number + len(lines)
                    new = lines[max(after - first + 1, 0) :]
                    if new:
                        yield LogChunk(number - len(new) + 1, tuple(new), str(number))
        # What was pushed is looked for before anybody knows how the build ended.
        while follow and not (await self._work(build_id)).state.ended:
            await self._news(build_id)

    async def _readable(self, build_id: str) -> Work:
        work = await self._work(build_id)
        if _is_gone(work):
            # A list may be older than the pod.
            work = await self.view.work(build_id)
            if _is_gone(work):
                raise LogCollected(build_id)
        return work

    async def _work(self, build_id: str) -> Work:
        known = self.view.works.get(build_id)
        return known if known is not None and self.view.live else await self.view.work(build_id)

    async def _part(self, build_id: str, name: str, *, follow: bool, live: bool) -> AsyncGenerator[list[str], None]:
        # Who was there before the end of a build that is lost has all there ever was. To all others a log of which the
        # pod goes meanwhile is as gone as before.
        stream: LogStream | None = None
        usual = _PATIENCE if follow else _SHORT_PATIENCE
        patience = usual
        while True:
            try:
                work = await self._work(build_id)
                pod, container, over = work.own_pod, _container(work, name), _is_over(work, name)
                if container.started_at is None or pod is None:
                    if over and not live:
                        await self._readable(build_id)
                    if over or not follow:
                        return
                    await self._news(build_id)
                    continue
                stream = stream or LogStream(self.store, pod.name, name)
                async with aclosing(self._lines(stream, follow=follow and not over, ended=over)) as batches:
                    async for lines in batches:
                        yield lines
                        patience = usual
                if over or not follow:
                    return
                # A follow can end early without a word: only what is read after the end is all.
                await asyncio.sleep(_PAUSE)
            except (BuilderUnavailable, NotNow) as error:
                patience -= 1
                if self._is_hopeless(build_id, error, patience, live=live):
                    return
                await asyncio.sleep(_LOOK_AGAIN)

    def _is_hopeless(self, build_id: str, error: Exception, patience: int, *, live: bool) -> bool:
        """Whether nothing more can be read and that is no news, after a read that failed; what is news is raised."""
        work = self.view.works.get(build_id)
        pod = work.own_pod if work is not None else None
        # Of pods that they let go nodes soon remove the containers, too; those of others they keep.
        if isinstance(error, NotNow) and pod is not None and pod.evicted:
            if not live:
                raise LogCollected(build_id) from error
            return True
        if not patience and isinstance(error, NotNow):
            raise BuilderUnavailable(PART, "the node does not give the log now") from error
        if not patience:
            raise error
        return False

    async def _lines(self, stream: LogStream, *, follow: bool, ended: bool) -> AsyncGenerator[list[str], None]:
        with self.store.cluster.errors():
            async with aclosing(stream.read(follow=follow, ended=ended)) as batches:
                async for lines in batches:
                    yield lines

    async def _news(self, build_id: str) -> None:
        async with aclosing(self.changes.watch()) as changes:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    async for change in changes:
                        if change.id == build_id:
                            return


def _container(work: Work, name: str) -> Container:
    pod = work.own_pod
    if pod is None:
        return Container()
    return pod.builder if name == BUILDER else pod.pusher


def _is_gone(work: Work) -> bool:
    """Whether a build that has ended ran in a pod that is not there, or of which nothing is left but its end."""
    ran = work.job.complete or work.build().started_at is not None
    return work.state.ended and ran and (work.own_pod is None or not work.own_pod.begun)


def _is_over(work: Work, name: str) -> bool:
    """Whether nothing more comes of this container; of a pod that is over it may still be told that it runs."""
    pod = work.own_pod
    if work.state.ended or (pod is not None and pod.over):
        return True
    return _container(work, name).exit_code is not None
