"""Whose turn it is: fair between owners, without any memory but the builds themselves.

Each build carries a round. An owner's builds have one round after the other, so whoever asks for many at once is served
in turn with everybody else; who comes later begins at the round that is being served, not behind the crowd. This is
start-time fair queueing with builds of equal cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from repo2docker_service.domain.models import Build, BuildState, Owner


def next_round(builds: Iterable[Build], owner: Owner) -> int:
    """Give the round of an owner's next build: one after its last, and not before the one being served."""
    served = own = 0
    for build in builds:
        # What was cancelled in the queue has used up no turn.
        if build.started_at is None and build.state.ended:
            continue
        if build.started_at is not None:
            served = max(served, build.plan.round)
        if build.plan.owner == owner:
            own = max(own, build.plan.round + 1)
    return max(served, own)


def in_line(builds: Iterable[Build]) -> list[Build]:
    """Give the builds that wait, the next to start first."""
    waiting = [build for build in builds if build.state is BuildState.QUEUED]
    return sorted(waiting, key=lambda build: (build.plan.round, build.created_at, build.id))


def to_start(
    builds: Iterable[Build], slots: int, slots_per_owner: int = 0, starting: Collection[str] = ()
) -> Sequence[Build]:
    """Choose which of the waiting builds to start now.

    Args:
        builds: all that have not ended.
        slots: how many may be under way at once.
        slots_per_owner: how many of one owner; 0 sets no limit of its own. Who has reached it is passed over.
        starting: ids of builds that wait by their state, and are being started already.
    """
    under_way = [build for build in builds if build.state is BuildState.BUILDING or build.id in starting]
    used = Counter(build.plan.owner for build in under_way)
    free = slots - len(under_way)
    chosen: list[Build] = []
    for build in in_line(builds):
        if len(chosen) >= free:
            break
        if build.id in starting or (slots_per_owner and used[build.plan.owner] >= slots_per_owner):
            continue
        used[build.plan.owner] += 1
        chosen.append(build)
    return chosen
