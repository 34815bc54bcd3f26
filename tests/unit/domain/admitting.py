"""A builder that takes its time, a clock that can be moved, and who asks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.domain.people import ADA, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import Build, BuildPlan, Destination, Owner, Reason
from repo2docker_service.domain.orders.admission import Admission


class BusyBuilder(InMemoryImageBuilder):
    """Answers late, as an engine does, so that requests come between each other."""

    late = 3
    listing = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.started_anew: list[bool] = []

    async def list(self) -> Sequence[Build]:
        self.listing += 1
        builds = await super().list()
        await self._pass_by()
        self.listing -= 1
        return builds

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        anew: bool = False,
        credentials: Credentials | None = None,
    ) -> Build:
        await self._pass_by()
        self.started_anew.append(anew)
        return await super().start(plan, destination, credentials=credentials)

    async def _pass_by(self) -> None:
        for _ in range(self.late):
            await asyncio.sleep(0)


@dataclass
class Clock:
    """Tells the time that a test sets."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def start(admission: Admission, owner: Owner = ADA, tag: str = "", *, force: bool = False) -> Build:
    plan = plan_of(owner, tag=tag)
    return await admission.start(plan, Destination(plan.image, push=False), force=force)


async def failed(
    admission: Admission, builder: InMemoryImageBuilder, reason: Reason = Reason.BUILD_FAILED, tag: str = ""
) -> Build:
    build = await start(admission, tag=tag)
    builder.finish(build.id, reason)
    return build
