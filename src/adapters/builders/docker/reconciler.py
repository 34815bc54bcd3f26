"""Keeps builds going: starts what waits, delivers what succeeded, records what ended, tells watchers what changed.

It compares the live view with what should be, whenever that changes and now and then besides. So it does not matter who
else does the same, what was missed, or where this process was stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.docker.cancelling import cancel_work
from repo2docker_service.adapters.builders.docker.chores import Chores
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.delivery import Delivery
from repo2docker_service.adapters.builders.docker.progress_reader import ProgressReader
from repo2docker_service.adapters.builders.docker.sealed import has_waited_too_long
from repo2docker_service.adapters.builders.docker.states import Container, Work
from repo2docker_service.adapters.builders.docker.tidying import tidy_up
from repo2docker_service.adapters.builders.docker.view import LiveView
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.log_context import about_build
from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.domain.orders.queueing import in_line, to_start

_LOOK_ANYWAY: Final = 5.0
"""Seconds between looks when nothing happens."""
_TIDY_EVERY: Final = 60.0
"""Seconds between two searches for what was left over."""


@dataclass
class Reconciler:
    """One loop per process."""

    crew: Crew
    delivery: Delivery
    view: LiveView
    progress: ProgressReader
    concurrency: int
    """Builds at once; 0 until the engine has told how many processors it has."""
    concurrency_per_owner: int
    log: logging.Logger
    changes: Changes[Build] = field(default_factory=Changes)
    chores: Chores = field(init=False)
    _under_way: set[str] = field(default_factory=set)
    """Ids of builds that this process has seen before their end."""
    _told: dict[str, int] = field(default_factory=dict)
    _positions: tuple[int, dict[str, int]] = field(default=(-1, {}))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tidied: float = float("-inf")

    def __post_init__(self) -> None:
        self.chores = Chores(self.log, self.wake)
        self.view.tell = self.wake

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context is open."""
        self.chores.begin("fetch the repo2docker image", self.crew.builder_image.fetch)
        loops = [asyncio.create_task(self.view.keep()), asyncio.create_task(self._look_again_and_again())]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self.chores.stop()

    def wake(self) -> None:
        """Look at once."""
        self._wake.set()

    async def _look_again_and_again(self) -> None:
        while True:
            try:
                if self.view.live:
                    await self._look()
            except (BuilderUnavailable, DockerError) as error:
                self.log.warning("Cannot see to builds now: %s", error)
            except Exception:
                # One thing that nobody foresaw must not keep all builds from going on.
                self.log.exception("Seeing to builds failed")
            # Not wait_for: in Python 3.11 it can lose a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_ANYWAY):
                    await self._wake.wait()
            self._wake.clear()

    async def _look(self) -> None:
        self.concurrency = self.concurrency or await self._half_the_processors()
        self._tell()
        for work in [self.view.works[key] for key in self.view.unsettled]:
            self._see_to(work)
        self._dispatch()
        now = asyncio.get_running_loop().time()
        if now - self._tidied > _TIDY_EVERY:
            self._tidied = now
            self.chores.begin("tidy up", tidy_up, self.crew)

    async def _half_the_processors(self) -> int:
        with self.crew.engine.errors():
            return max(1, int((await self.crew.engine.json("info"))["NCPU"]) // 2)

    def _tell(self) -> None:
        changed, self.view.changed = self.view.changed, set()
        positions = self.positions()
        moved = {key for key, place in positions.items() if self._told.get(key) != place}
        self._told = positions
        self._notice(changed)
        for key in changed | moved:
            if key in self.view.builds:
                self.changes.publish(key, self.shown(self.view.builds[key]))
            else:
                self._under_way.discard(key)
                self.progress.forget(key)
                self.delivery.forget(key)

    def _notice(self, changed: set[str]) -> None:
        """Look at what other processes have pushed since this one began to look."""
        for work in [self.view.works[key] for key in changed if key in self.view.works]:
            if not work.state.ended:
                self._under_way.add(work.id)
            elif work.id in self._under_way:
                self._under_way.discard(work.id)
                pushed = work.builder.card.push and work.state is BuildState.SUCCEEDED
                if pushed and work.id not in self.delivery.verified:
                    with about_build(work.id):
                        self.chores.begin(f"notice {work.id}", self.delivery.notice, work)

    def positions(self) -> dict[str, int]:
        """Give the place of each build that waits; 1 is the next to start."""
        version, positions = self._positions
        if version != self.view.version:
            positions = {build.id: place for place, build in enumerate(in_line(self._unsettled()), 1)}
            self._positions = (self.view.version, positions)
        return positions

    def shown(self, build: Build) -> Build:
        """Give a build with its place in the queue, how far it was seen, and why it could not be delivered."""
        if build.state is BuildState.QUEUED:
            return replace(build, queue_position=self.positions().get(build.id))
        known = self.progress.known.get(build.id)
        return self.delivery.told(build if known is None else replace(build, progress=known))

    def _unsettled(self) -> list[Build]:
        return [self.view.builds[key] for key in self.view.unsettled]

    def _see_to(self, work: Work) -> None:
        with about_build(work.id):
            if work.ending:
                # Somebody who cancelled was stopped half way, or a start came late.
                self.chores.begin(f"cancel {work.id}", self._cancel, work)
            elif work.unrecorded:
                self.chores.begin(f"record the end of {work.id}", self._record, work)
            elif work.undelivered:
                self.chores.begin(f"deliver {work.id}", self._deliver, work)
            elif has_waited_too_long(work.builder):
                # What cannot be started any more ends, also where there is no room to start it.
                self.chores.begin(f"start {work.id}", self._launch, work.builder)

    def _dispatch(self) -> None:
        builds = self._unsettled()
        starting = {build.id for build in builds if self.chores.is_doing(f"start {build.id}")}
        for build in to_start(builds, self.concurrency, self.concurrency_per_owner, starting):
            builder = self.view.works[build.id].builder
            with about_build(build.id):
                self.chores.begin(f"start {build.id}", self._launch, builder)

    async def _launch(self, builder: Container) -> None:
        # Else a slow engine is sent the same files a second time.
        await self.chores.settled(f"fill {builder.card.plan.id}")
        await self.crew.launch(builder, builder)
        # Before anybody looks again, who would start it once more.
        await self.view.refresh(builder.id)

    async def _cancel(self, work: Work) -> None:
        await cancel_work(self.crew, work)
        await self.view.work(work.id)

    async def _record(self, work: Work) -> None:
        await self.delivery.learn([work])
        # Whatever ended it may have done so before its launcher could take them.
        await self.crew.erase_credentials(work.builder.id, work.builder.card)
        await self.crew.store.mark(work.builder, work.mark)
        await self.view.refresh(work.builder.id)

    async def _deliver(self, work: Work) -> None:
        await self.delivery.go_on(work)
        await self.view.work(work.id)
