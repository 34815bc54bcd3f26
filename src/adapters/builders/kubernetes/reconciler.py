"""Keeps builds going: lets begin what has a place, records what ended, tells watchers what changed.

It compares the live view with what should be, whenever that changes and now and then besides. So it does not matter who
else does the same, what was missed, or where this process was stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from repo2docker_service.adapters.builders.docker.chores import Chores
from repo2docker_service.adapters.builders.kubernetes.duties import Duties, has_waited_too_long
from repo2docker_service.adapters.builders.kubernetes.progress_reader import ProgressReader
from repo2docker_service.adapters.builders.kubernetes.slots import Slots
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import Changed
from repo2docker_service.adapters.builders.kubernetes.view import LiveView
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.log_context import about_build
from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.domain.orders.queueing import in_line

_LOOK_ANYWAY: Final = 5.0
"""Seconds between looks when nothing happens."""


@dataclass
class Reconciler:
    """One loop per process."""

    duties: Duties
    slots: Slots
    view: LiveView
    progress: ProgressReader
    log: logging.Logger
    changes: Changes[Build] = field(default_factory=Changes)
    chores: Chores = field(init=False)
    _under_way: set[str] = field(default_factory=set)
    """Ids of builds that this process has seen before their end."""
    _told: dict[str, int] = field(default_factory=dict)
    _positions: tuple[int, dict[str, int]] = field(default=(-1, {}))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.chores = Chores(self.log, self.wake)
        self.view.tell = self.wake

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context is open."""
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
                    self._look()
            except Exception:
                # One thing that nobody foresaw must not keep all builds from going on.
                self.log.exception("Seeing to builds failed")
            # Not wait_for: in Python 3.11 it can lose a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_ANYWAY):
                    await self._wake.wait()
            self._wake.clear()

    def _look(self) -> None:
        self._tell()
        works = [self.view.works[key] for key in self.view.unsettled]
        for work in works:
            self._see_to(work)
        taken = sum(work.takes_place for work in works)
        if taken < self.slots.places and any(work.waits for work in works):
            self.chores.begin("give places", self._give_places)

    def _see_to(self, work: Work) -> None:
        duties = self.duties
        if work.stray:
            self._begin("end what still runs of", duties.end_stray, work)
        elif work.ending:
            # Somebody who cancelled was stopped half way.
            self._begin("cancel", duties.go_on_cancelling, work)
        elif work.unrecorded:
            self._begin("record the end of", duties.record, work)
        elif work.unverified:
            self._begin("look for what was pushed by", duties.verify, work)
        elif work.lost:
            self._begin("look for the pod of", duties.look_for, work)
        elif work.pod is not None and work.pod.begun and not work.job.begun:
            self._begin("note the pod of", duties.note_begun, work)
        elif work.stuck:
            self._begin("see what keeps back", duties.see_to_stuck, work)
        elif has_waited_too_long(work):
            # What cannot be started any more ends, also where there is no room to start it.
            self._begin("give up", duties.give_up_waiting, work)

    def _begin(self, what: str, duty: Callable[[Work], Awaitable[None]], work: Work) -> None:
        with about_build(work.id):
            self.chores.begin(f"{what} {work.id}", self._do, duty, work)

    async def _do(self, duty: Callable[[Work], Awaitable[None]], work: Work) -> None:
        await duty(work)
        # Before anybody looks again, who would do it once more.
        with contextlib.suppress(BuildNotFound):
            await self.view.work(work.id)

    async def _give_places(self) -> None:
        with contextlib.suppress(Changed):
            works = await self.slots.next()
            # Each for itself: one that cannot begin now holds up no other.
            for work in works:
                self._begin("begin", self.duties.begin, work)
            await asyncio.gather(*(self.chores.settled(f"begin {work.id}") for work in works))

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
                self.duties.forget(key)

    def _notice(self, changed: set[str]) -> None:
        """Look at what other processes have pushed since this one began to look."""
        for work in [self.view.works[key] for key in changed if key in self.view.works]:
            if not work.state.ended:
                self._under_way.add(work.id)
            elif work.id in self._under_way:
                self._under_way.discard(work.id)
                pushed = work.job.card.push and work.state is BuildState.SUCCEEDED
                if pushed and work.id not in self.duties.verified:
                    with about_build(work.id):
                        self.chores.begin(f"notice {work.id}", self.duties.notice, work)

    def positions(self) -> dict[str, int]:
        """Give the place of each build that waits; 1 is the next to start."""
        version, positions = self._positions
        if version != self.view.version:
            waiting = in_line(self.view.builds[key] for key in self.view.unsettled)
            positions = {build.id: place for place, build in enumerate(waiting, 1)}
            self._positions = (self.view.version, positions)
        return positions

    def shown(self, build: Build) -> Build:
        """Give a build with its place in the queue, or with how far it was seen."""
        if build.state is BuildState.QUEUED:
            return replace(build, queue_position=self.positions().get(build.id))
        known = self.progress.known.get(build.id)
        return build if known is None else replace(build, progress=known)
