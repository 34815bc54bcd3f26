"""A build's log: the builder's, then the pusher's, as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.log_cursor import LogCursor, read_cursor
from repo2docker_service.adapters.builders.docker.log_reader import LogReader
from repo2docker_service.adapters.builders.docker.states import Container, Work
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.adapters.builders.docker.view import LiveView
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Build, BuildState, LogChunk

_LOOK_AGAIN: Final = 1.0
"""Seconds to wait for news of a build before looking at the engine without any."""
_PATIENCE: Final = 30
"""Tries, with a pause after each, before a follower is told that the engine is gone."""
_PAUSE: Final = 0.05
"""Seconds before the next look, where the engine still runs what it has ended to follow."""


@dataclass(frozen=True)
class BuildLog:
    """Reads the logs of builds."""

    engine: EngineConnection
    store: ContainerStore
    view: LiveView
    changes: Changes[Build]

    def read(self, build_id: str, after: str, *, follow: bool) -> AsyncGenerator[LogChunk, None]:
        """Give the lines after a cursor; see the port's ``read_log``."""
        return self._chunks(build_id, read_cursor(after), follow=follow)

    async def _chunks(self, build_id: str, cursor: LogCursor, *, follow: bool) -> AsyncGenerator[LogChunk, None]:
        work = await self.view.work(build_id)
        # Of a bare number only the count is known: so many lines are passed over.
        skip = 0 if cursor.time else cursor.line
        if cursor.part is Kind.BUILDER:
            reader = LogReader(self.engine, work.builder.id, Kind.BUILDER, cursor, skip)
            async with aclosing(self._part(reader, follow=follow)) as chunks:
                async for chunk in chunks:
                    yield chunk
            cursor, skip = reader.cursor, reader.skip
        pusher = await self._pusher(build_id, follow=follow)
        if pusher is not None:
            reader = LogReader(self.engine, pusher.id, Kind.PUSHER, cursor, skip)
            async with aclosing(self._part(reader, follow=follow)) as chunks:
                async for chunk in chunks:
                    yield chunk
        # What was pushed is looked for before anybody knows how the build ended.
        while follow and not (await self._work(build_id, follow=True)).state.ended:
            await self._news(build_id)

    async def _pusher(self, build_id: str, *, follow: bool) -> Container | None:
        while True:
            work = await self._work(build_id, follow=follow)
            if work.pusher is not None and work.pusher.card.kind is Kind.PUSHER:
                return work.pusher
            if not follow or work.state is not BuildState.PUSHING:
                return None
            await self._news(build_id)

    async def _work(self, build_id: str, *, follow: bool) -> Work:
        for _ in range(_PATIENCE - 1 if follow else 0):
            try:
                return await self.view.work(build_id)
            except BuilderUnavailable:
                await asyncio.sleep(_LOOK_AGAIN)
        return await self.view.work(build_id)

    async def _part(self, reader: LogReader, *, follow: bool) -> AsyncGenerator[LogChunk, None]:
        patience, pause = _PATIENCE, 0.0
        while True:
            try:
                container = await self.store.get(reader.container)
                if container is None or _never_ran(container, follow=follow):
                    return
                if container.waiting:
                    await self._news(container.card.plan.id)
                    continue
                async with aclosing(self._read(reader, container, follow=follow)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                        patience = _PATIENCE
                # A follow can end early without a word: only what is read after the end is all.
                if container.exited or not follow:
                    return
                await asyncio.sleep(pause)
                pause = _PAUSE
            except BuilderUnavailable:
                patience -= 1
                if not follow or not patience:
                    raise
                await asyncio.sleep(_LOOK_AGAIN)

    async def _read(self, reader: LogReader, container: Container, *, follow: bool) -> AsyncGenerator[LogChunk, None]:
        with self.engine.errors(), self.engine.refusals():
            async with aclosing(reader.read(follow=follow and container.running, ended=container.exited)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _news(self, build_id: str) -> None:
        async with aclosing(self.changes.watch()) as changes:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    async for change in changes:
                        if change.id == build_id:
                            return


def _never_ran(container: Container, *, follow: bool) -> bool:
    return container.waiting and (container.mark is not None or not follow)
