"""Starts a service again and again, and sees to it that it dies each time."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice

from . import dying_service
from .dying_service import POINTS, VARIABLE
from .replica import Replica

# Without -P modules of this folder would take the place of others.
COMMAND = (sys.executable, "-P", dying_service.__file__)
LONGEST_LIFE = 8.0
"""Seconds after which a process that does not reach its point is killed all the same."""
LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Death:
    """How one process shall end: at a point that it reaches for the so-manieth time, and else after these seconds."""

    seconds: float
    """From its first answer on."""
    point: str = ""
    times: int = 1
    starting: bool = False
    """Whether the seconds count from the start of the process."""

    @property
    def environment(self) -> dict[str, str]:
        """What tells the process where to die."""
        return {VARIABLE: f"{self.point} {self.times}"} if self.point else {}


def deaths(chance: random.Random, kills: int, points: Sequence[str] = POINTS) -> list[Death]:
    """Choose as many deaths: half at points, each point as often; of the others, one in five while it starts."""
    shuffled = chance.sample(points, len(points))
    chosen = [Death(LONGEST_LIFE, point, chance.randint(1, 2)) for point in islice(cycle(shuffled), kills // 2)]
    for number in range(kills - len(chosen)):
        early = number % 5 == 4
        chosen.append(Death(chance.uniform(0, 1 if early else 4), starting=early))
    chance.shuffle(chosen)
    return chosen


@dataclass
class Supervisor:
    """Watches one replica through many lives."""

    replica: Replica
    killed_at: list[float] = field(default_factory=list)
    """By the monotonic clock."""
    at_points: Counter[str] = field(default_factory=Counter)
    """How often the process died at each point."""
    crashes: int = 0
    """Ends that nobody asked for."""
    finished: bool = False

    async def run(self, planned: list[Death], busy: Callable[[], bool]) -> None:
        """Kill the process as soon as it is busy, let it die in each of these ways, and start it once more for good."""
        await asyncio.to_thread(self.replica.start)
        while not busy():  # noqa: ASYNC110 (bounded by the time for the whole trial)
            await asyncio.sleep(LOOK)
        self._bury(Death(0))
        for death in planned:
            self.replica.environment = death.environment
            self.replica.start(wait=False)
            await self._live(death)
            self._bury(death)
        self.replica.environment = {}
        await asyncio.to_thread(self.replica.start)
        self.finished = True

    async def _live(self, death: Death) -> None:
        if not death.starting:
            # One that dies at its point may do so before it answers.
            with suppress(RuntimeError):
                await asyncio.to_thread(self.replica.wait_until_it_answers)
        end = time.monotonic() + death.seconds
        while self.replica.alive and time.monotonic() < end:  # noqa: ASYNC110 (a process sets no event)
            await asyncio.sleep(LOOK)

    def _bury(self, death: Death) -> None:
        process = self.replica.process
        assert process is not None
        if self.replica.alive:
            self.replica.kill()
        elif process.returncode == -signal.SIGKILL:
            self.at_points[death.point] += 1
        else:
            self.crashes += 1
            return
        self.killed_at.append(time.monotonic())
