"""Keeps builds going: lets begin what has a place, and records what ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from repo2docker_service.adapters.builders.kubernetes.duties import Duties, has_waited_too_long
from repo2docker_service.adapters.builders.kubernetes.slots import Slots
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import Changed
from repo2docker_service.adapters.builders.kubernetes.view import LiveView
from repo2docker_service.adapters.builders.reconciling import BaseReconciler
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.log_context import about_build


@dataclass(kw_only=True)
class Reconciler(BaseReconciler[Work]):
    """One loop per process."""

    duties: Duties
    slots: Slots
    view: LiveView

    async def see_to_all(self) -> None:
        """Begin whatever is to be done now, in the background."""
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

    def notice(self, work: Work) -> None:
        """Look at what other processes have pushed."""
        if work.job.card.push and work.id not in self.duties.verified:
            self.chores.begin(f"notice {work.id}", self.duties.notice, work)

    def forget(self, build_id: str) -> None:
        """Forget a build that is gone."""
        self.duties.forget(build_id)
