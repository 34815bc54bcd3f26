"""Brings what was built to where it belongs, and looks whether it arrived.

Each step can be done by any process, again too, and what was found is written on the engine: so it does not matter
where one of them was stopped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.containers.plans import temporary_name
from repo2docker_service.adapters.builders.docker.containers import REPORT, archive
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.states import Container, Work
from repo2docker_service.adapters.builders.docker.store import NameInUse
from repo2docker_service.adapters.builders.docker.tidying import remove_tag
from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.errors import BuilderUnavailable, RegistryUnavailable
from repo2docker_service.domain.models import Build, BuildState, Reason

_LONGEST_PROBLEM: Final = 300
_READINGS: Final = 8
"""Reports that are read at once."""
_OPEN: Final = "The registry shows images to everybody by now, and this one is private. Tell an administrator."


@dataclass
class Delivery:
    """Sees to builds that are being pushed."""

    crew: Crew
    _problems: dict[str, str] = field(default_factory=dict)
    """Why builds could not be delivered, by id: a memory of what containers hold."""
    _digests: dict[str, str] = field(default_factory=dict)
    """What builds have pushed, by id: likewise."""
    verified: set[str] = field(default_factory=set)
    """Ids of builds whose image this process has seen in the registry."""
    _away_since: dict[str, float] = field(default_factory=dict)

    async def go_on(self, work: Work) -> None:
        """Do what is next: make the pusher, start it, or look whether what it pushed arrived. Not for ever.

        Raises:
            RegistryUnavailable: this has to be done again later.
        """
        try:
            await self._next_step(work)
        except NotDelivered as missing:
            await self._give_up(work, str(missing))
        except RegistryUnavailable as error:
            now = asyncio.get_running_loop().time()
            if now - self._away_since.setdefault(work.id, now) < self.crew.limits.push_patience:
                raise
            await self._give_up(work, str(error))
        self._away_since.pop(work.id, None)

    async def _next_step(self, work: Work) -> None:
        if work.pusher is None:
            await self._require_guarded(work)
            await self._begin(work)
        elif work.unverified:
            await self._verify(work)
        elif work.pusher.waiting:
            await self._require_guarded(work)
            await self.crew.launch(work.pusher, work.builder)

    async def _require_guarded(self, work: Work) -> None:
        """Let nothing private go where everybody reads it: since the request the registry may have been opened."""
        card, support = work.builder.card, self.crew.support
        if card.plan.private and card.push and support is not None and not await support.guards(card.plan.image):
            raise NotDelivered(_OPEN)

    async def _begin(self, work: Work) -> None:
        card = self.crew.pusher_card(work.builder.card, Kind.PUSHER)
        try:
            identifier = await self.crew.create(card)
        except NameInUse:
            return
        except DockerError as error:
            if error.status != 404:
                raise
            self.crew.log.warning(
                "The engine has no image %s any more: %s cannot be delivered", card.builder_image, work.id
            )
            await self.crew.store.mark(work.builder, Reason.INTERNAL)
            return
        await self.crew.start(identifier, card)

    async def _verify(self, work: Work) -> None:
        card = work.builder.card
        if self.crew.support is not None and work.pusher is not None:
            await self.crew.support.verify_push(card.plan.image, await self.digest(work), card.made_by)
            self.verified.add(work.id)
        if await self.crew.store.mark(work.builder, BuildState.SUCCEEDED) is BuildState.SUCCEEDED:
            await remove_tag(self.crew, temporary_name(card))

    async def _give_up(self, work: Work, problem: str) -> None:
        self._problems[work.id] = problem
        if work.pusher is not None:
            await self.crew.erase_credentials(work.pusher.id, work.pusher.card)
        report = json.dumps({"problem": problem}).encode()
        await self.crew.store.put(_holder(work).id, archive({REPORT.removeprefix("/run/"): report}))
        await self.crew.store.mark(work.builder, Reason.PUSH_FAILED)

    async def notice(self, work: Work) -> None:
        """Make the registry's list know of an image that another process has pushed."""
        if self.crew.support is not None:
            with suppress(NotDelivered, RegistryUnavailable):
                await self.crew.support.verify_push(work.builder.card.plan.image, "", work.builder.card.made_by)

    async def learn(self, works: Iterable[Work]) -> None:
        """Read why these builds could not be delivered, where that is not known yet."""
        for work in works:
            if work.reason is Reason.PUSH_FAILED and work.id not in self._problems:
                report = await self._report(_holder(work))
                self._problems[work.id] = str(report.get("problem", ""))

    async def with_digest(self, work: Work, build: Build) -> Build:
        """Give a build with the digest of what it has pushed, as its pusher wrote it down; it is asked for."""
        return replace(build, digest=await self.digest(work) or None) if _has_pushed(work) else build

    async def pushed(
        self, works: Iterable[Work], builds: Collection[str], patience: float
    ) -> Mapping[str, Collection[str]]:
        """Give what was pushed of images that these builds have made, as far as it is read in time."""
        found = [work for work in works if work.builder.card.made_by in builds and _has_pushed(work)]
        places = asyncio.Semaphore(_READINGS)

        async def read(work: Work) -> None:
            async with places:
                with suppress(BuilderUnavailable):
                    await self.digest(work)

        with suppress(TimeoutError):
            async with asyncio.timeout(patience), asyncio.TaskGroup() as readings:
                for work in found:
                    if work.id not in self._digests:
                        readings.create_task(read(work))
        digests: dict[str, set[str]] = {}
        for work in found:
            if digest := self._digests.get(work.id):
                digests.setdefault(work.builder.card.made_by, set()).add(digest)
        return digests

    async def digest(self, work: Work) -> str:
        """Give the digest of what a build has pushed, as its pusher wrote it down; empty where it did not."""
        if work.id not in self._digests:
            report = await self._report(_holder(work))
            self._digests[work.id] = str(report.get("digest", ""))
        return self._digests[work.id]

    def told(self, build: Build) -> Build:
        """Give a build with the reason that the registry gave, as far as it is known."""
        problem = self._problems.get(build.id) if build.reason is Reason.PUSH_FAILED else None
        return replace(build, message=f"{build.message} Details: {_plain(problem)}") if problem else build

    def forget(self, build_id: str) -> None:
        """Forget a build that is gone."""
        self._problems.pop(build_id, None)
        self._digests.pop(build_id, None)
        self.verified.discard(build_id)
        self._away_since.pop(build_id, None)

    async def _report(self, container: Container) -> Mapping[str, Any]:
        with self.crew.engine.refusals():
            written = await self.crew.store.read(container.id, REPORT)
        # A pusher that was killed may have begun to write.
        with suppress(ValueError):
            report = json.loads(written or b"")
            return report if isinstance(report, dict) else {}
        return {}


def _has_pushed(work: Work) -> bool:
    return work.pusher is not None and work.builder.card.push and work.state is BuildState.SUCCEEDED


def _holder(work: Work) -> Container:
    """Give the container that holds the report: the pusher, where there is one."""
    return work.pusher or work.builder


def _plain(problem: str) -> str:
    """Make one short line of what a foreign server said."""
    line = " ".join(problem.split())
    return "".join(each for each in line if each.isprintable())[:_LONGEST_PROBLEM]
