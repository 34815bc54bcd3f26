"""Many readers of one log: live, at full speed, and some of them slow (R6, R11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .bare_floor import floor
from .crowd import Group, Seen, crowd
from .figures import Figure, at_least, below, exactly, known
from .gauges import Watched, watching
from .loud_builder import FAILED
from .loud_program import Order
from .rig import Rig
from .stage import Stage, stage

PER_SECOND = 1000
WIDTH = 100
MOST_LAG = 1.0
MOST_RATIO = 2.0
SLOWER = 1.2
SLOWER_BY = 0.05


@dataclass(frozen=True)
class Size:
    """How many read how much."""

    followers: int
    seconds: int
    readers: int
    burst: int
    """Lines of the build that prints at full speed."""
    slow: int
    fast: int
    slow_seconds: int
    delay: int
    """Seconds that a build waits for its readers."""
    judges_cost: bool = True
    """Whether the trial is long enough for its processor time to be judged."""


FULL = Size(followers=500, seconds=60, readers=200, burst=50_000, slow=100, fast=10, slow_seconds=30, delay=5)
SHORT = Size(60, 6, 30, 30_000, slow=15, fast=5, slow_seconds=3, delay=1, judges_cost=False)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Promise every line to every reader, soon, within bounded memory, at no more than twice the cost of sending."""
    with stage(rig) as here:
        here.warm_up()
        figures = [*live(here, size), *at_full_speed(here, size), *beside_slow_ones(here, size)]
        return [*figures, *here.figures("fan-out")]


def live(here: Stage, size: Size) -> list[Figure]:
    """Follow a build that prints 1,000 lines each second, between two runs of the bare program."""
    before = bare(size)
    build = here.start(Order(PER_SECOND * size.seconds, PER_SECOND, WIDTH, size.delay, FAILED))
    seen, watched = watched_followers(here, [here.followers(build, size.followers)], size.seconds + 60)
    after = bare(size)
    what = f"{size.followers} followers of {PER_SECOND} lines/s for {size.seconds} s"
    ratio = round(watched.cpu / max(seen[0].lines, 1) / ((before.cost + after.cost) / 2), 2)
    cost = f"{what}: processor time by that of the bare program"
    return [
        exactly(f"{what}: followers with every line", seen[0].whole(PER_SECOND * size.seconds), size.followers),
        below(f"{what}: lag, p99", seen[0].lag(0.99), MOST_LAG, "s"),
        known(f"{what}: lag at the bare program, p99", max(before.lag, after.lag), "s"),
        *watched.figures(what),
        known(f"{what}: processor time", round(watched.cpu / size.seconds, 3), "of one core"),
        below(cost, ratio, MOST_RATIO) if size.judges_cost else known(cost, ratio),
    ]


@dataclass(frozen=True)
class Bare:
    """How the bare program did."""

    cost: float
    """Seconds of processor time for each line to each reader."""
    lag: float
    """Seconds, p99."""


def bare(size: Size) -> Bare:
    """Let the bare program send as much each second, half as long."""
    seconds = size.seconds / 2
    with (
        floor(PER_SECOND, WIDTH, seconds) as program,
        crowd(program.port, [Group(size.followers, "/log", "")], seconds + 60) as readers,
    ):
        readers.wait_until_connected()
        with watching(program.pid, program.port) as watched:
            program.begin()
            seen = readers.result()[0]
    if seen.whole(int(PER_SECOND * seconds)) != size.followers:
        raise RuntimeError("The bare program did not serve everyone.")
    return Bare(watched.cpu / seen.lines, seen.lag(0.99))


def watched_followers(here: Stage, groups: list[Group], within: float) -> tuple[list[Seen], Watched]:
    """Let readers follow to the end, and watch the service from when they are connected."""
    with crowd(here.replica.port, groups, within) as readers:
        readers.wait_until_connected()
        with here.watching() as watched:
            return readers.result(), watched


def at_full_speed(here: Stage, size: Size) -> list[Figure]:
    """Read a build that prints as fast as it can: while it does, and once more when it has ended."""
    build = here.start(Order(size.burst, 0, WIDTH, size.delay, FAILED))
    return [
        *everyone_served(here, build, size, f"{size.readers} readers of {size.burst} lines at full speed"),
        *everyone_served(here, build, size, f"{size.readers} readers of {size.burst} lines of an ended build"),
    ]


def everyone_served(here: Stage, build: dict[str, Any], size: Size, what: str) -> list[Figure]:
    """Let all read the whole log."""
    with here.watching() as watched:
        seen = here.follow(build, size.readers, 300)
    return [
        exactly(f"{what}: readers with every line", seen.whole(size.burst), size.readers),
        known(f"{what}: time for all", round(max(each.seconds for each in seen.readers), 1), "s"),
        *watched.figures(what),
    ]


def beside_slow_ones(here: Stage, size: Size) -> list[Figure]:
    """Follow a build beside readers who take 1 KB each second, and before and afterwards without them."""
    before = few_followers(here, size)
    (fast, slow), watched = followers_of_new_build(here, size, size.slow)
    alone = max(before, few_followers(here, size))
    what = f"{size.fast} followers beside {size.slow} slow ones"
    # What the machine itself is late differs from one moment to the next.
    goal = alone * SLOWER + SLOWER_BY + here.noise.p99 / 1000
    return [
        exactly(f"{what}: followers with every line", fast.whole(PER_SECOND * size.slow_seconds), size.fast),
        known(f"{what}: lag without the slow ones, p99", alone, "s"),
        below(f"{what}: lag, p99", fast.lag(0.99), round(goal, 3), "s"),
        *watched.figures(what),
        at_least(f"{what}: slow ones who were served", sum(each.received > 0 for each in slow.readers), size.slow),
        known(f"{what}: most sent to a slow one", max(each.received for each in slow.readers), "B"),
        known(f"{what}: slow ones who were left", sum(each.closed for each in slow.readers)),
    ]


def few_followers(here: Stage, size: Size) -> float:
    """Give the lag of a few followers among themselves."""
    return followers_of_new_build(here, size, 0)[0][0].lag(0.99)


def followers_of_new_build(here: Stage, size: Size, slow: int) -> tuple[list[Seen], Watched]:
    """Let a few, and so many slow ones, follow a build."""
    order = Order(PER_SECOND * size.slow_seconds, PER_SECOND, WIDTH, size.delay, FAILED)
    build = here.start(order)
    groups = [here.followers(build, size.fast), here.followers(build, slow, slow=True)]
    return watched_followers(here, groups, size.slow_seconds + 60)
