"""Whatever happens in whatever order: never more runs than may, and nobody is overtaken more than is fair."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.queues import OWNERS, Queue

from repo2docker_service.domain.models import BuildState
from repo2docker_service.domain.orders.queueing import in_line

happenings = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 3), st.integers(1, 4)),
        st.tuples(st.sampled_from(["end", "cancel", "start"]), st.integers(0, 20), st.just(0)),
    ),
    max_size=40,
)


def happen(queue: Queue, happenings: Iterable[tuple[str, int, int]], slots: int, slots_per_owner: int) -> None:
    for what, which, count in happenings:
        waiting, running = in_line(queue.builds.values()), queue.running()
        if what == "ask":
            queue.ask(OWNERS[which], count)
        elif what == "cancel" and waiting:
            queue.end(waiting[which % len(waiting)], BuildState.CANCELLED)
        elif what == "end" and running:
            queue.end(running[which % len(running)])
        else:
            queue.dispatch(slots, slots_per_owner)


@given(happenings, st.integers(1, 4), st.integers(0, 3))
def test_never_more_run_than_may_and_no_slot_stays_free_that_could_be_used(
    happenings: list[tuple[str, int, int]], slots: int, slots_per_owner: int
) -> None:
    queue = Queue()
    for happening in happenings:
        happen(queue, [happening], slots, slots_per_owner)
        used = Counter(build.plan.owner for build in queue.running())

        assert used.total() <= slots
        assert not slots_per_owner or all(count <= slots_per_owner for count in used.values())

    queue.dispatch(slots, slots_per_owner)
    used = Counter(build.plan.owner for build in queue.running())
    able = [build for build in in_line(queue.builds.values()) if not 0 < slots_per_owner <= used[build.plan.owner]]
    assert used.total() == slots or not able


@given(happenings, st.integers(1, 3), happenings, st.integers(0, 3), happenings)
def test_nobody_is_overtaken_by_another_owner_more_often_than_by_its_own_builds_and_twice(
    before: list[tuple[str, int, int]],
    slots: int,
    between: list[tuple[str, int, int]],
    who: int,
    after: list[tuple[str, int, int]],
) -> None:
    queue = Queue()
    happen(queue, [*before, *between], slots, 0)
    own = [build for build in queue.builds.values() if build.plan.owner == OWNERS[who]]
    ahead = in_line(own)
    cancelled = [build for build in own if build.state is BuildState.CANCELLED]
    begun = len(queue.started)
    [asked] = queue.ask(OWNERS[who])

    happen(queue, [each for each in after if each[0] != "cancel"], slots, 0)
    while asked not in queue.started:
        happen(queue, [("end", 0, 0), ("start", 0, 0)], slots, 0)

    # While it waits, another owner is served once for each of the same owner's builds before it, once in the round that
    # is being served, and once in its own: the line holds one of each owner in a round. What an owner has cancelled
    # between builds that it kept leaves rounds in which it is not served.
    overtaken = Counter(build.plan.owner for build in queue.started[begun : queue.started.index(asked)])
    most = len(ahead) + 2 + len(cancelled)
    assert all(count <= most for owner, count in overtaken.items() if owner != OWNERS[who])
    assert overtaken[OWNERS[who]] == len(ahead)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_while_two_owners_wait_neither_is_served_two_times_more_than_the_other(asking: list[int]) -> None:
    queue = Queue()
    for who in asking:
        queue.ask(OWNERS[who])
    left, served = Counter(asking), Counter[int]()
    while chosen := queue.dispatch():
        queue.end(chosen[0])
        who = OWNERS.index(chosen[0].plan.owner)
        served[who] += 1
        left[who] -= 1
        waiting = [served[other] for other in set(asking) if left[other]]
        assert not waiting or max(waiting) - min(waiting) <= 1
