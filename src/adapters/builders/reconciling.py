"""What keeps builds going, whatever they run in: one loop per process, and what it tells watchers.

It compares the live view with what should be, whenever that changes and now and then besides. So it does not matter who
else does the same, what was missed, or where this process was stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from repo2docker_service.adapters.builders.chores import Chores
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.domain.errors import Unavailable
from repo2docker_service.domain.log_context import about_build
from repo2docker_service.domain.models import Build, BuildState, Progress
from repo2docker_service.domain.orders.queueing import in_line

_LOOK_ANYWAY: Final = 5.0
"""Seconds between looks when nothing happens."""


class Work(Protocol):
    """What there is of one build."""

    @property
    def id(self) -> str:
        """The build's id."""
        ...

    @property
    def state(self) -> BuildState:
        """Where the build is."""
        ...


W = TypeVar("W", bound=Work)


class LiveView(Protocol[W]):
    """Knows all builds as they last were."""

    works: dict[str, W]
    builds: dict[str, Build]
    unsettled: set[str]
    """Ids of builds about which something is left to do."""
    changed: set[str]
    """Ids of builds that changed since somebody emptied this."""
    version: int

    @property
    def live(self) -> bool:
        """Whether changes are being told."""
        ...

    async def keep(self) -> None:
        """Keep the picture up to date until cancelled."""
        ...


class ProgressReader(Protocol):
    """Remembers how far builds were seen."""

    @property
    def known(self) -> Mapping[str, Progress]:
        """The furthest of each, by its id."""
        ...

    def forget(self, build_id: str) -> None:
        """Forget a build that is gone."""
        ...


@dataclass(kw_only=True)
class BaseReconciler(ABC, Generic[W]):
    """One loop per process; what is to be done about builds is for those that know what they run in."""

    troubles: ClassVar[tuple[type[Exception], ...]] = (Unavailable,)
    """What goes wrong without anybody's fault here."""

    view: LiveView[W]
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
        self.chores = Chores(self.log, self.wake, self.troubles)

    @abstractmethod
    async def see_to_all(self) -> None:
        """Begin whatever is to be done now, in the background."""

    @abstractmethod
    def notice(self, work: W) -> None:
        """Look, in the background, at what a build has delivered that succeeded before the eyes of this process."""

    @abstractmethod
    def forget(self, build_id: str) -> None:
        """Forget a build that is gone."""

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
                    self._tell()
                    await self.see_to_all()
            except self.troubles as error:
                self.log.warning("Cannot see to builds now: %s", error)
            except Exception:
                # One thing that nobody foresaw must not keep all builds from going on.
                self.log.exception("Seeing to builds failed")
            # Not wait_for: in Python 3.11 it can lose a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_ANYWAY):
                    await self._wake.wait()
            self._wake.clear()

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
                self.forget(key)

    def _notice(self, changed: set[str]) -> None:
        for work in [self.view.works[key] for key in changed if key in self.view.works]:
            if not work.state.ended:
                self._under_way.add(work.id)
            elif work.id in self._under_way:
                self._under_way.discard(work.id)
                if work.state is BuildState.SUCCEEDED:
                    with about_build(work.id):
                        self.notice(work)

    def unsettled(self) -> list[Build]:
        """Give the builds about which something is left to do."""
        return [self.view.builds[key] for key in self.view.unsettled]

    def positions(self) -> dict[str, int]:
        """Give the place of each build that waits; 1 is the next to start."""
        version, positions = self._positions
        if version != self.view.version:
            positions = {build.id: place for place, build in enumerate(in_line(self.unsettled()), 1)}
            self._positions = (self.view.version, positions)
        return positions

    def shown(self, build: Build) -> Build:
        """Give a build with its place in the queue, or with how far it was seen."""
        if build.state is BuildState.QUEUED:
            return replace(build, queue_position=self.positions().get(build.id))
        known = self.progress.known.get(build.id)
        return build if known is None else replace(build, progress=known)
