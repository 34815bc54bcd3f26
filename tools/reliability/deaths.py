"""The only process of the service is killed again and again while it works."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

from tools.parts.docker_api import DockerApi

from . import promises
from .clients import Client, Seen, client, keep_building
from .dying_service import POINTS
from .engine_facts import listening, remove_everything
from .fickle import Fickle
from .figures import Figure, at_least, exactly, known
from .logs import Rows
from .replica import Replica
from .rig import Rig
from .supervisor import COMMAND, Death, Supervisor, deaths


@dataclass(frozen=True)
class Size:
    """How many deaths, at which points, and how much each build prints meanwhile."""

    kills: int
    rows: Rows
    points: Sequence[str]
    seconds: float
    """Within which all must be over."""
    at_once: int
    """Builds that are wanted at any time, besides the one that is cancelled."""


FULL = Size(100, Rows(800, 80), POINTS, 2400, at_once=4)
SHORT = Size(4, Rows(240, 60), ("after create", "before start", "after start"), 250, at_once=2)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Whenever the service dies, no accepted build is lost, none runs twice, and no line is lost or comes twice."""
    instance, docker = rig.instance(), DockerApi(rig.engine)
    concurrency = f"c.DockerImageBuilder.concurrency = {size.at_once + 1}"
    replica = Replica(rig.folder / instance, rig.settings(instance, concurrency), command=COMMAND)
    try:
        with listening(docker, instance) as history:
            trial = _Trial(rig, size, instance, Supervisor(replica))
            figures = asyncio.run(trial.run())
        return [*figures, *promises.once(history)]
    finally:
        replica.kill()
        remove_everything(docker, instance)


@dataclass(frozen=True)
class _Trial:
    rig: Rig
    size: Size
    instance: str
    supervisor: Supervisor

    async def run(self) -> list[Figure]:
        seen: list[Seen] = []
        fickle = Fickle()
        replica = self.supervisor.replica
        async with asyncio.timeout(self.size.seconds), client(f"{replica.url}api/v1/", replica.token) as asking:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.supervisor.run(self._deaths(), self._all_under_way(seen)))
                group.create_task(fickle.keep_on(self.rig, asking, self.size.rows, self._over))
                for _ in range(self.size.at_once):
                    group.create_task(keep_building(self.rig, asking, self.size.rows, seen, self._over))
            return [*self._of_the_deaths(seen), *await self._of_the_builds(asking, seen, fickle)]

    def _deaths(self) -> list[Death]:
        chance = random.Random(self.rig.seed)  # noqa: S311 (repeatable, no secret)
        return deaths(chance, self.size.kills - 1, self.size.points)

    def _all_under_way(self, seen: list[Seen]) -> Callable[[], bool]:
        return lambda: _under_way(seen, time.monotonic()) == self.size.at_once

    def _over(self) -> bool:
        return self.supervisor.finished

    def _of_the_deaths(self, seen: list[Seen]) -> list[Figure]:
        at, points = self.supervisor.killed_at, self.supervisor.at_points
        return [
            exactly("kills survived", len(at), self.size.kills),
            at_least("of these at named points", points.total(), self.size.kills // 4),
            known("different points", len(points)),
            exactly("ends of the service that nobody asked for", self.supervisor.crashes, 0),
            known("builds under way at a kill, on average", mean(_under_way(seen, each) for each in at)),
        ]

    async def _of_the_builds(self, asking: Client, seen: list[Seen], fickle: Fickle) -> list[Figure]:
        docker = DockerApi(self.rig.engine)
        return [
            *await promises.ends(asking, seen),
            *promises.work(docker, self.instance, seen, fickle.asked),
            *promises.lines(seen),
            *await fickle.figures(asking, docker, self.instance),
        ]


def _under_way(seen: list[Seen], moment: float) -> int:
    return sum(each.accepted <= moment < each.ended for each in seen)
