"""Keeps builds going: starts what waits, delivers what succeeded, records what ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.docker.cancelling import cancel_work
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.delivery import Delivery
from repo2docker_service.adapters.builders.docker.states import Container, Work, has_waited_too_long
from repo2docker_service.adapters.builders.docker.tidying import tidy_up
from repo2docker_service.adapters.builders.docker.view import LiveView
from repo2docker_service.adapters.builders.reconciling import BaseReconciler
from repo2docker_service.domain.errors import Unavailable
from repo2docker_service.domain.log_context import about_build
from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.domain.orders.queueing import to_start

_TIDY_EVERY: Final = 60.0
"""Seconds between two searches for what was left over."""


@dataclass(kw_only=True)
class Reconciler(BaseReconciler[Work]):
    """One loop per process."""

    troubles: ClassVar[tuple[type[Exception], ...]] = (Unavailable, DockerError)

    crew: Crew
    delivery: Delivery
    view: LiveView
    concurrency: int
    """Builds at once; 0 until the engine has told how many processors it has."""
    concurrency_per_owner: int
    _tidied: float = float("-inf")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context is open."""
        self.chores.begin("fetch the repo2docker image", self.crew.builder_image.fetch)
        async with super().running():
            yield

    async def see_to_all(self) -> None:
        """Begin whatever is to be done now, in the background."""
        self.concurrency = self.concurrency or await self._half_the_processors()
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

    def notice(self, work: Work) -> None:
        """Look at what other processes have pushed."""
        if work.builder.card.push and work.id not in self.delivery.verified:
            self.chores.begin(f"notice {work.id}", self.delivery.notice, work)

    def forget(self, build_id: str) -> None:
        """Forget a build that is gone."""
        self.delivery.forget(build_id)

    def shown(self, build: Build) -> Build:
        """Give a build with its place in the queue, how far it was seen, and why it could not be delivered."""
        shown = super().shown(build)
        return shown if build.state is BuildState.QUEUED else self.delivery.told(shown)

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
        builds = self.unsettled()
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
