"""What is to be done about one build, each thing by whoever comes first, and again where nobody finished it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.builders.containers.sealed import KEPT_FOR, CredentialsGone
from repo2docker_service.adapters.builders.kubernetes.cancelling import cancel_work
from repo2docker_service.adapters.builders.kubernetes.crew import Crew
from repo2docker_service.adapters.builders.kubernetes.jobs import GIT_SECRET
from repo2docker_service.adapters.builders.kubernetes.records import End, end_of
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import Changed
from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.errors import BuildNotFound, RegistryUnavailable
from repo2docker_service.domain.failures.advice import CREDENTIALS_GONE
from repo2docker_service.domain.models import BuildState, Reason

_STUCK: Final = "The cluster cannot make the containers of this build. Tell an administrator."


@dataclass
class Duties:
    """Sees to single builds."""

    crew: Crew
    push_patience: float
    """Seconds for which a registry that does not answer is asked again."""
    pull_patience: float
    """Seconds for which a node may try to get the repo2docker image."""
    verified: set[str] = field(default_factory=set)
    """Ids of builds whose image this process has seen in the registry."""
    _since: dict[str, float] = field(default_factory=dict)
    """When this process first saw the registry away, or a pod stuck, by build."""

    async def begin(self, work: Work) -> None:
        """Let a build run that has a place, or end it where it cannot."""
        card, store = work.job.card, self.crew.store
        try:
            await self.crew.begin(work)
        except Changed:
            await self._clear_up(work)
        except CredentialsGone:
            await self.give_up_waiting(work)
        except NotDelivered as error:
            await store.record(card.plan.id, _failed(work, Reason.PUSH_FAILED, str(error)))

    async def _clear_up(self, work: Work) -> None:
        """Take away Secrets that were made for a build that somebody else has ended meanwhile, or let begin."""
        with suppress(BuildNotFound):
            job = (await self.crew.store.work(work.id)).job
            if job.cancelled or job.end is not None:
                await self.crew.store.drop_secrets(job.name)
            elif job.begun:
                await self.crew.store.drop_secrets(job.name, [GIT_SECRET])

    async def go_on_cancelling(self, work: Work) -> None:
        """Finish what somebody began who was stopped."""
        try:
            await cancel_work(self.crew, work.id)
        except RegistryUnavailable:
            if self._waited(f"away {work.id}") < self.push_patience:
                raise
            await cancel_work(self.crew, work.id, patient=False)
        self._forget_waits(work.id)

    async def end_stray(self, work: Work) -> None:
        """Take back a pod that the cluster has made for a build that has ended; what is over stays, with its log."""
        await self.crew.store.take_back(work.id)

    async def give_up_waiting(self, work: Work) -> None:
        """End a build whose credentials must not be used any more, or are gone."""
        end = replace(_failed(work, Reason.SOURCE_UNREACHABLE), message=CREDENTIALS_GONE)
        await self.crew.store.drop_secrets(work.job.name)
        await self.crew.store.record(work.id, end)

    async def note_begun(self, work: Work) -> None:
        """Write down where a build runs, and take away what its launcher has by now."""
        self._forget_waits(work.id)
        if work.pod is not None:
            if work.job.card.sealed:
                await self.crew.store.drop_secrets(work.job.name, [GIT_SECRET])
            await self.crew.store.note_begun(work, work.pod)

    async def look_for(self, work: Work) -> None:
        """End a build whose pod is gone; what was heard of the Job and of the pod may be of different times."""
        found = await self.crew.store.work(work.id)
        if found.lost and not found.ending:
            await self._end(found, _failed(found, Reason.BUILDER_LOST), stop=True)

    async def see_to_stuck(self, work: Work) -> None:
        """End a build whose containers cannot be made, once that has been tried for long enough."""
        if self._waited(f"stuck {work.id}") < self.pull_patience:
            return
        found = await self.crew.store.work(work.id)
        if found.stuck and not found.ending:
            end = replace(_failed(found, Reason.INTERNAL, found.stuck), message=_STUCK)
            await self._end(found, end, stop=True)

    async def verify(self, work: Work) -> None:
        """Look whether what was pushed has arrived, and record the end of the build.

        Raises:
            RegistryUnavailable: this has to be done again later.
        """
        work, support = await self._with_pod(work), self.crew.support
        card = work.job.card
        delivered = replace(work.build(), state=BuildState.SUCCEEDED, digest=work.digest or None)
        done = end_of(delivered, finished_at=work.exited_at or datetime.now(UTC))
        try:
            if support is not None:
                await support.verify_push(card.plan.image, work.digest, card.plan.id)
                self.verified.add(work.id)
        except NotDelivered as missing:
            done = _failed(work, Reason.PUSH_FAILED, str(missing))
        except RegistryUnavailable as error:
            if self._waited(f"away {work.id}") < self.push_patience:
                raise
            done = _failed(work, Reason.PUSH_FAILED, str(error))
        await self._end(work, done)

    async def record(self, work: Work) -> None:
        """Write down how a build ended, so that this is known when its pod is gone."""
        work = await self._with_pod(work)
        if work.state.ended:
            await self._end(work, end_of(work.build(), work.problem, datetime.now(UTC)))

    async def _with_pod(self, work: Work) -> Work:
        """Look once more for a pod of which nothing was heard: its Job may be heard of first."""
        return work if work.pod is not None else await self.crew.store.work(work.id)

    async def notice(self, work: Work) -> None:
        """Make the registry's list know of an image that another process has pushed."""
        if self.crew.support is not None:
            with suppress(NotDelivered, RegistryUnavailable):
                await self.crew.support.verify_push(work.job.card.plan.image, "", work.id)

    async def _end(self, work: Work, end: End, *, stop: bool = False) -> None:
        # What opens the registry goes first: whoever is stopped here is followed by somebody who does this again.
        await self.crew.store.drop_secrets(work.job.name)
        await self.crew.store.record(work.id, end, stop=stop)
        self._forget_waits(work.id)

    def _waited(self, what: str) -> float:
        now = asyncio.get_running_loop().time()
        return now - self._since.setdefault(what, now)

    def forget(self, build_id: str) -> None:
        """Forget what was remembered of a build that is gone."""
        self.verified.discard(build_id)
        self._forget_waits(build_id)

    def _forget_waits(self, build_id: str) -> None:
        for what in ("stuck", "away"):
            self._since.pop(f"{what} {build_id}", None)


def has_waited_too_long(work: Work) -> bool:
    """Whether a build's credentials must not be used any more."""
    waits = work.job.card.sealed and not work.job.let_go
    return waits and datetime.now(UTC) - work.job.created_at > KEPT_FOR


def _failed(work: Work, reason: Reason, problem: str = "") -> End:
    now = datetime.now(UTC)
    return end_of(replace(work.build(), state=BuildState.FAILED, reason=reason, finished_at=now, digest=None), problem)
