"""A service whose clock jumps by an hour, forth and back, while it builds and streams (R10)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import httpx

from .crowd import Seen, crowd
from .fake_clock import CACHED, FakeClock
from .figures import Figure, below, exactly
from .loud_builder import FAILED
from .loud_program import Order
from .rig import Rig
from .stage import Stage, stage
from .stopping import start_real

HOUR = 3600
JUMPS = (HOUR, -HOUR, 0)
PER_SECOND = 100
MOST_LAG = 5.0
"""Seconds: more than elsewhere, because the library that moves the clock slows the handing over between threads."""
TIMEOUT = 600
"""Seconds that a build may take: more than it does, and less than the clock jumps by."""
TIMES = ("created_at", "started_at", "finished_at")


@dataclass(frozen=True)
class Size:
    """How long each time lasts."""

    seconds: int
    followers: int


NOTICED_WITHIN = 15.0
"""Seconds until which answers have to show a jump."""
FULL = Size(seconds=20, followers=20)
SHORT = Size(seconds=4, followers=5)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Promise that no build, list or stream minds where the service's clock jumps."""
    clock = FakeClock(rig.folder / "clock")
    clock.move(0)
    settings = f"c.DockerImageBuilder.timeout = {TIMEOUT}"
    with stage(rig, settings, **clock.environment) as here:
        seconds = size.seconds * (len(JUMPS) + 1)
        loud = here.start(Order(PER_SECOND * seconds, PER_SECOND, 100, 1, FAILED))
        builds = [loud, start_real(here, seconds)]
        with crowd(here.replica.port, [here.followers(loud, size.followers)], seconds + 60) as readers:
            readers.wait_until_connected()
            shifts = [jump(here, clock, offset, size, builds) for offset in JUMPS]
            seen = readers.result()[0]
        ends = [here.ended(build["id"]) for build in builds]
        with here.replica.client() as client:
            listed = client.get("builds", params={"limit": len(builds)}).raise_for_status().json()["items"]
        return figures(size, seen, shifts, ends, listed)


def jump(here: Stage, clock: FakeClock, offset: int, size: Size, builds: list[dict[str, Any]]) -> float:
    """Move the service's clock, begin a build, and stay there for a while; tell how far the clock really was off."""
    clock.move(offset)
    begun = time.monotonic()
    time.sleep(CACHED + 1)
    # The date of an answer is made once a second, later by a process that is slow.
    while abs(offset_of(here) - offset) > 1 and time.monotonic() - begun < NOTICED_WITHIN:
        time.sleep(0.2)
    shift = offset_of(here)
    builds.append(here.start(Order(PER_SECOND, PER_SECOND, 100, 0, FAILED)))
    time.sleep(max(0, size.seconds - (time.monotonic() - begun)))
    return abs(shift - offset)


def offset_of(here: Stage) -> float:
    """Tell by the date of an answer how far the service's clock is off."""
    told = parsedate_to_datetime(httpx.get(f"{here.replica.url}health/live", timeout=10).headers["date"])
    return told.timestamp() - time.time()


def figures(
    size: Size, seen: Seen, shifts: list[float], ends: Sequence[dict[str, Any]], listed: Sequence[dict[str, Any]]
) -> list[Figure]:
    """Compare what happened with what would have without a jump."""
    what = "clock jumps of an hour"
    lines = PER_SECOND * size.seconds * (len(JUMPS) + 1)
    states = [(end["state"], end.get("reason")) for end in ends]
    wanted = [("failed", "build-failed"), ("succeeded", None), *[("failed", "build-failed")] * len(JUMPS)]
    return [
        below(f"{what}: service's clock beside the one that it was given", round(max(shifts), 1), 3, "s"),
        exactly(f"{what}: followers with every line", seen.whole(lines), size.followers),
        below(f"{what}: lag of followed lines, p99", seen.lag(0.99), MOST_LAG, "s"),
        exactly(f"{what}: builds that ended otherwise than they should", unlike(states, wanted), 0),
        exactly(f"{what}: times of a build that run backwards", sum(map(backwards, ends)), 0),
        exactly(
            f"{what}: builds out of order", unlike([b["id"] for b in listed], [b["id"] for b in reversed(ends)]), 0
        ),
    ]


def unlike(found: Sequence[object], wanted: Sequence[object]) -> int:
    """Count what differs."""
    return abs(len(found) - len(wanted)) + sum(one != other for one, other in zip(found, wanted, strict=False))


def backwards(build: dict[str, Any]) -> int:
    """Count the times of a build that are before the one that they come after."""
    times = [datetime.fromisoformat(build[name]) for name in TIMES if build.get(name)]
    return sum(later < earlier for earlier, later in pairwise(times))
