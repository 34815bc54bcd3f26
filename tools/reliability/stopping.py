"""A service that is told to stop while many follow: it ends soon, and what it began goes on (R19)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.parts.repository import Repository

from .crowd import Group, Seen, crowd
from .figures import Figure, below, exactly
from .loud_builder import FAILED
from .loud_program import Order
from .rig import Rig
from .stage import Stage, stage

STOPS_WITHIN = 10.0
PER_SECOND = 100
BEFORE = 3
"""Seconds that the streams go on before the service is stopped."""


@dataclass(frozen=True)
class Size:
    """How many follow."""

    streams: int
    lists: int
    """Streams of changes, as list pages follow them."""
    seconds: int
    """How long the build prints."""


FULL = Size(streams=200, lists=10, seconds=30)
SHORT = Size(streams=30, lists=3, seconds=10)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Promise an end within 10 s, a word to everyone who follows, and that builds and logs go on without it."""
    with stage(rig) as here:
        loud = here.start(Order(PER_SECOND * size.seconds, PER_SECOND, 100, 1, FAILED))
        real = start_real(here, size.seconds)
        groups = [here.followers(loud, size.streams), here.followers(real, 1)]
        changes = Group(size.lists, "/api/v1/events", here.replica.token)
        with crowd(here.replica.port, [*groups, changes], size.seconds + 60) as readers:
            readers.wait_until_connected()
            time.sleep(BEFORE)
            seconds = here.replica.stop()
            seen = readers.result()
        here.replica.start()
        rest = go_on(here, groups[0], seen[0], size.seconds + 60)
        ends = [here.ended(build["id"])["state"] for build in (loud, real)]
        return figures(size, seconds, seen, rest, ends) + here.figures("stopping")


def start_real(here: Stage, seconds: int) -> dict[str, Any]:
    """Start a build that makes an image, and takes its time."""
    repository = Repository(here.rig.git.root, f"{secrets.token_hex(4)}/real.git")
    step = f"RUN sleep {seconds / 2} # {secrets.token_hex(8)}"
    repository.commit({"Dockerfile": f"FROM {here.rig.image}\n{step}\n"}, "Real")
    with here.replica.client() as client:
        answer = client.post("builds", json={"repo": f"{here.rig.git.url}/{repository.name}"})
        build: dict[str, Any] = answer.raise_for_status().json()
        return build


def go_on(here: Stage, group: Group, seen: Seen, within: float) -> Seen:
    """Let each reader go on behind the last event that it has."""
    groups = [replace(group, count=1, after=reader.last_id) for reader in seen.readers]
    with crowd(here.replica.port, groups, within) as readers:
        each = readers.result()
    return Seen([reader for one in each for reader in one.readers], sum((one.lags for one in each), each[0].lags))


def figures(size: Size, seconds: float, seen: Sequence[Seen], rest: Seen, ends: list[str]) -> list[Figure]:
    """Compare what everyone saw with what is promised."""
    what = f"SIGTERM with {size.streams + size.lists + 1} streams"
    everyone = [reader for group in seen for reader in group.readers]
    pairs = list(zip(seen[0].readers, rest.readers, strict=True))
    lines = PER_SECOND * size.seconds
    return [
        below(f"{what}: time to the end of the process", round(seconds, 2), STOPS_WITHIN, "s"),
        exactly(f"{what}: told to connect again", sum(r.last_event == "reconnect" for r in everyone), len(everyone)),
        exactly(f"{what}: connections closed", sum(reader.closed for reader in everyone), len(everyone)),
        exactly(f"{what}: lines lost", sum(lines - early.lines - late.lines for early, late in pairs), 0),
        exactly(f"{what}: lines out of place", sum(early.wrong + late.wrong for early, late in pairs), 0),
        exactly(
            f"{what}: followers that came to the end", sum(late.last_event == "end" for _, late in pairs), len(pairs)
        ),
        exactly(f"{what}: builds that ended as they should", ends == ["failed", "succeeded"], 1),
    ]
