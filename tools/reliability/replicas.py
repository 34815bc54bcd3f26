"""Two replicas behind a proxy, of which one is killed every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median

import httpx

from . import promises
from .clients import Client, Seen, client, keep_building
from .figures import Figure, below, known
from .installed import Installed, installed
from .logs import Rows
from .people import Person, setting
from .proxy import proxy
from .rig import Rig

AT_ONCE = 4
"""Builds that are wanted at any time."""
POLLERS = 2
POLL = 0.01
"""Seconds between an answer and the next question."""
SETTLES = 2.0
"""Seconds within which the proxy has seen that a replica answers again."""
PATHS = ("me", "builds?limit=20", "info", "images?limit=20")


@dataclass(frozen=True)
class Size:
    """For how long, how often one of the two is killed, and what each build prints; times in seconds."""

    seconds: float
    every: float
    rows: Rows
    all_within: float


FULL = Size(300, 10, Rows(900, 60), 900)
SHORT = Size(10, 5, Rows(300, 60), 150)


def run(rig: Rig, size: Size) -> list[Figure]:
    """While replicas die, followers go on within 2 s without gap or repeat, and hardly a question fails."""
    ada = Person("ada")
    concurrency = f"c.DockerImageBuilder.concurrency = {AT_ONCE}"
    with installed(rig, setting([ada]), concurrency, replicas=2) as here:
        ports = [replica.port for replica in here.replicas]
        with proxy(rig.folder / here.instance, ports) as address:
            return asyncio.run(_Trial(rig, size, here, f"{address}api/v1/", ada.token).run())


@dataclass
class _Trial:
    rig: Rig
    size: Size
    here: Installed
    api: str
    token: str
    kills: int = 0
    over: bool = False

    async def run(self) -> list[Figure]:
        seen: list[Seen] = []
        poll = Poll()
        async with asyncio.timeout(self.size.all_within), client(self.api, self.token) as asking:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._kill())
                for _ in range(AT_ONCE):
                    group.create_task(keep_building(self.rig, asking, self.size.rows, seen, lambda: self.over))
                for _ in range(POLLERS):
                    group.create_task(poll.keep_asking(asking, lambda: self.over))
            return [known("kills", self.kills), *await self._figures(asking, seen), *poll.figures()]

    async def _kill(self) -> None:
        """Kill one, then the other, and start each again at once."""
        end = time.monotonic() + self.size.seconds
        next_kill = time.monotonic() + self.size.every
        replicas = cycle(self.here.replicas)
        while next_kill <= end:
            await asyncio.sleep(max(0.0, next_kill - time.monotonic()))
            replica = next(replicas)
            replica.kill()
            self.kills += 1
            next_kill = time.monotonic() + self.size.every
            await asyncio.to_thread(replica.start)
            # On a slow machine the other one shall not be killed before this one can take its place.
            next_kill = max(next_kill, time.monotonic() + SETTLES)
        self.over = True

    async def _figures(self, asking: Client, seen: list[Seen]) -> list[Figure]:
        breaks = [each.seconds for one in seen for follower in one.followers for each in follower.breaks]
        return [
            *await promises.ends(asking, seen),
            *promises.work(self.here.docker, self.here.instance, seen),
            *promises.lines(seen),
            below("longest time from a break of a stream to the next event", max(breaks, default=9.0), 2, "s"),
            known("median of these times", median(breaks) if breaks else 9.0, "s"),
        ]


@dataclass
class Poll:
    """Questions that are asked once, and what became of them."""

    asked: int = 0
    failures: list[str] = field(default_factory=list)

    async def keep_asking(self, client: Client, done: Callable[[], bool]) -> None:
        """Ask one question after the other until it is enough."""
        for path in cycle(PATHS):
            if done():
                return
            self.asked += 1
            try:
                answer = await client.http.get(path)
            except httpx.TransportError as error:
                self.failures.append(f"{path}: {type(error).__name__}")
            else:
                self.failures += [f"{path}: {answer.status_code}"] if answer.is_error else []
            await asyncio.sleep(POLL)

    def figures(self) -> list[Figure]:
        """Give the rate of failures."""
        for failure in self.failures:
            print(f"A question failed: {failure}", flush=True)
        rate = 100 * len(self.failures) / max(1, self.asked)
        return [
            known("questions asked through the proxy", self.asked),
            known("questions that failed", len(self.failures)),
            below("rate of questions that failed", rate, 0.1, "%"),
        ]
