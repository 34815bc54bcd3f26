"""How long builds take, from those that were done."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from repo2docker_service.domain.models import Build, BuildState, Owner

_LATEST: Final = 5
_FEWEST: Final = 2
"""Of less nothing is told: one build, perhaps of what was cached, is no rule."""
_UNKNOWN: Final = 60.0
_SHORTEST_WAIT: Final = 5
_LONGEST_WAIT: Final = 600


def typical_seconds(builds: Iterable[Build], address: str) -> float | None:
    """Give how long the latest builds of a repository took that succeeded: their median, or None of too few."""
    done = [build for build in builds if build.state is BuildState.SUCCEEDED and build.plan.source.address == address]
    latest = sorted(done, key=lambda build: build.created_at, reverse=True)[:_LATEST]
    taken = [seconds for build in latest if (seconds := _seconds(build)) is not None]
    return round(statistics.median(taken), 1) if len(taken) >= _FEWEST else None


def usual_seconds(builds: Iterable[Build], address: str, owner: Owner) -> float | None:
    """Give the same as far as an owner may know: private builds of others are nobody's business."""
    known = (build for build in builds if not build.plan.private or build.plan.owner == owner)
    return typical_seconds(known, address)


def seconds_until_room(builds: Iterable[Build]) -> int:
    """Give after how many seconds one of the builds under way may have ended."""
    taken = [seconds for build in builds if (seconds := _seconds(build)) is not None]
    wait = statistics.median(taken) if taken else _UNKNOWN
    return int(min(max(wait, _SHORTEST_WAIT), _LONGEST_WAIT))


def estimated(build: Build, builds: Iterable[Build]) -> Build:
    """Give a build with how long it may take, as far as those that were done tell."""
    if build.state.ended:
        return build
    return replace(build, estimated_seconds=usual_seconds(builds, build.plan.source.address, build.plan.owner))


def all_estimated(some: Iterable[Build], builds: Iterable[Build]) -> list[Build]:
    """Do the same for some of the builds, going through all of them once."""
    some = list(some)
    wanted = {build.plan.source.address for build in some if not build.state.ended}
    done: dict[str, list[Build]] = {address: [] for address in wanted}
    for build in builds:
        if build.state is BuildState.SUCCEEDED and build.plan.source.address in wanted:
            done[build.plan.source.address].append(build)
    return [estimated(build, done.get(build.plan.source.address, ())) for build in some]


def _seconds(build: Build) -> float | None:
    if build.started_at is None or build.finished_at is None:
        return None
    # Clocks are set back at times.
    return max(build.finished_at - build.started_at, timedelta()).total_seconds()
