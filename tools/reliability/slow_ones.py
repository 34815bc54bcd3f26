"""Thousands of connections that never finish their request, or never read their answer, beside ordinary requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from .crowd import HOST, Group
from .figures import Figure, at_least, below, exactly, known
from .gauges import ANSWERS_WITHIN
from .idlers import Order, held, idlers
from .loud_builder import FAILED
from .loud_program import Order as Printed
from .noise import p99
from .replica import Replica
from .rig import Rig
from .stage import Stage, stage

PATHS = ("me", "builds?limit=20", "images?limit=20")
MOST_RATIO = 2.0
MOST_HELD = 256
"""KiB that an unread answer may cost: in the kernel, and in the process, as if all that it grew were for those."""
GIVEN_UP_WITHIN = 75.0
PAUSE = 0.05
"""Seconds from one ordinary request to the next."""


@dataclass(frozen=True)
class Size:
    """How many do nothing, and for how long ordinary requests are measured without them."""

    halves: int
    readers: int
    quiet: float
    lines: int = 10_000
    """Of the log that is not read; of 100 bytes each."""


FULL = Size(halves=2000, readers=500, quiet=40)
SHORT = Size(halves=200, readers=50, quiet=5)


@dataclass
class Asked:
    """Ordinary requests, each over a connection of its own."""

    replica: Replica
    took: list[float] = field(default_factory=list)
    """Milliseconds."""
    failed: int = 0
    leaving: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Ask until told otherwise."""
        number = 0
        while not self.leaving.wait(PAUSE):
            number += 1
            begun = time.perf_counter()
            self.failed += not self._answers(f"/api/v1/{PATHS[number % len(PATHS)]}")
            self.took.append((time.perf_counter() - begun) * 1000)

    def _answers(self, path: str) -> bool:
        with closing(HTTPConnection(HOST, self.replica.port, timeout=30)) as connection:
            try:
                connection.request("GET", path, headers={"Authorization": f"Bearer {self.replica.token}"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                return False
        return answer.status == HTTPStatus.OK


def run(rig: Rig, size: Size) -> list[Figure]:
    """Whoever asks and then does nothing is given up after a minute, costs little, and slows nobody else down."""
    with stage(rig) as here:
        here.warm_up()
        build = here.start(Printed(size.lines, 0, 100, 0, FAILED))
        here.ended(build["id"])
        here.follow(build, 1, 60)
        before = _quiet(here, size)
        beside, figures = _beside(here, size, here.followers(build, size.readers))
        after = _quiet(here, size)
        floor = p99([*before.took, *after.took])
        return [
            known("connections whose requests never end", size.halves),
            known("connections whose answers are never read", size.readers),
            *figures,
            known("ordinary requests without them, p99", round(floor, 1), "ms"),
            below("ordinary requests beside them, p99", round(p99(beside.took), 1), round(floor * MOST_RATIO, 1), "ms"),
            known("ordinary requests beside them", len(beside.took)),
            exactly("of these failed", beside.failed, 0),
            # Ordinary requests are what is promised here, and they wait for this too.
            *(known(each.what, each.value, each.unit) for each in here.figures("slow ones")),
        ]


def _quiet(here: Stage, size: Size) -> Asked:
    with _asking(here.replica) as asked:
        time.sleep(size.quiet)
    return asked


@contextmanager
def _asking(replica: Replica) -> Iterator[Asked]:
    asked = Asked(replica)
    thread = threading.Thread(target=asked.ask, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        asked.leaving.set()
        thread.join(timeout=60)


def _beside(here: Stage, size: Size, group: Group) -> tuple[Asked, list[Figure]]:
    port, most, waiting = here.replica.port, 0, 0
    order = Order(port, size.halves, size.readers, group.request.decode(), pause=10)
    with here.watching() as watched, _asking(here.replica) as asked, idlers(order):
        begun = time.monotonic()
        while (left := held(port)) and time.monotonic() < begun + GIVEN_UP_WITHIN + 60:
            most, waiting = max(most, len(left)), max(waiting, *left)
            time.sleep(1)
        took = time.monotonic() - begun
    # Ordinary requests are among the connections.
    return asked, [
        at_least("connections at once", most, size.halves + size.readers),
        below("seconds until all were given up", round(took), GIVEN_UP_WITHIN),
        below(
            "memory for each unread answer",
            round(watched.growth * 1024 / size.readers + waiting / 1024),
            MOST_HELD,
            "KiB",
        ),
        known("of this in the kernel", round(waiting / 1024), "KiB"),
        below("slowest answer of /health/live meanwhile", round(watched.slowest_answer, 3), ANSWERS_WITHIN, "s"),
    ]
