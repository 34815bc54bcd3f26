"""Owners take turns, whoever asks for however much, and no more runs at once than may."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.domain.people import ADA, BOB, CAT, LONG_AGO, build_of, plan_of
from tests.unit.domain.queues import Queue

from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.domain.orders.queueing import in_line, next_round, to_start


@pytest.fixture
def queue() -> Queue:
    return Queue()


# --- turns ------------------------------------------------------------------------------------


def test_one_owners_builds_are_served_in_the_order_in_which_they_were_asked_for(queue: Queue) -> None:
    asked = queue.ask(ADA, 5)

    queue.serve()

    assert [build.id for build in queue.started] == [build.id for build in asked]


def test_two_owners_alternate_however_much_one_of_them_asks_for(queue: Queue) -> None:
    queue.ask(ADA, 6)
    queue.ask(BOB, 3)

    assert queue.serve() == ["ada", "bob", "ada", "bob", "ada", "bob", "ada", "ada", "ada"]


def test_three_owners_take_turns(queue: Queue) -> None:
    queue.ask(ADA, 3)
    queue.ask(BOB, 2)
    queue.ask(CAT, 3)

    assert queue.serve() == ["ada", "bob", "cat"] * 2 + ["ada", "cat"]


def test_a_late_comer_begins_at_the_round_that_is_being_served(queue: Queue) -> None:
    queue.ask(ADA, 8)
    assert queue.serve(3) == ["ada"] * 3

    late = queue.ask(BOB, 3)

    assert [build.plan.round for build in late] == [2, 3, 4]
    assert queue.serve() == ["bob", "ada", "bob", "ada", "bob", "ada", "ada", "ada"]


def test_a_late_comer_is_not_owed_what_others_had_before_it_came(queue: Queue) -> None:
    queue.ask(ADA, 20)
    queue.serve(10)
    queue.ask(BOB, 10)

    assert Counter(queue.serve(6)) == {"ada": 3, "bob": 3}


def test_who_asks_for_one_after_the_other_is_not_behind_a_crowd(queue: Queue) -> None:
    queue.ask(ADA, 10)
    for _ in range(3):
        queue.ask(BOB)
        assert "bob" in queue.serve(2)


def test_an_empty_queue_gives_everybody_the_first_round(queue: Queue) -> None:
    assert next_round([], ADA) == 0
    assert [build.plan.round for build in queue.ask(ADA, 3)] == [0, 1, 2]
    assert next_round(queue.builds.values(), BOB) == 0


def test_what_was_cancelled_in_the_queue_has_used_no_turn(queue: Queue) -> None:
    for build in queue.ask(ADA, 5)[1:]:
        queue.end(build, BuildState.CANCELLED)
    queue.ask(BOB, 2)

    assert queue.ask(ADA)[0].plan.round == 1
    assert queue.serve() == ["ada", "bob", "bob", "ada"]


def test_what_was_cancelled_while_it_ran_has_used_its_turn(queue: Queue) -> None:
    queue.ask(ADA, 2)
    queue.ask(BOB, 1)
    [first] = queue.dispatch()
    queue.end(first, BuildState.CANCELLED)

    assert queue.ask(ADA)[0].plan.round == 2
    assert queue.serve() == ["bob", "ada", "ada"]


def test_what_was_cancelled_between_others_moves_nobodys_turn(queue: Queue) -> None:
    asked = queue.ask(ADA, 4)
    queue.ask(BOB, 4)
    for build in asked[1:3]:
        queue.end(build, BuildState.CANCELLED)

    assert queue.ask(ADA)[0].plan.round == 4
    assert queue.serve() == ["ada", "bob", "bob", "bob", "ada", "bob", "ada"]


def test_whoever_asks_again_after_a_cancelled_crowd_is_not_punished_for_it(queue: Queue) -> None:
    for build in queue.ask(ADA, 50):
        queue.end(build, BuildState.CANCELLED)
    queue.ask(BOB, 3)
    queue.ask(ADA, 3)

    assert queue.serve() == ["bob", "ada"] * 3


# --- the line ---------------------------------------------------------------------------------


def test_the_line_is_by_round_then_by_time_then_by_id() -> None:
    def build(round_: int, second: int, id_: str) -> Build:
        plan = replace(plan_of(), id=id_, round=round_)
        return replace(build_of(plan, BuildState.QUEUED), created_at=LONG_AGO + timedelta(seconds=second))

    wanted = [build(0, 5, "x"), build(1, 1, "b"), build(1, 2, "a"), build(1, 2, "b"), build(2, 0, "a")]

    assert in_line(reversed(wanted)) == wanted


@pytest.mark.parametrize("state", [state for state in BuildState if state is not BuildState.QUEUED])
def test_only_builds_that_wait_are_in_line(state: BuildState) -> None:
    waiting = build_of(plan_of(), BuildState.QUEUED)

    assert in_line([build_of(plan_of(), state), waiting]) == [waiting]


# --- slots ------------------------------------------------------------------------------------


def test_as_many_are_started_as_there_are_free_slots(queue: Queue) -> None:
    queue.ask(ADA, 5)

    assert [len(queue.dispatch(3)), len(queue.dispatch(3))] == [3, 0]
    queue.end(queue.started[1])
    assert len(queue.dispatch(3)) == 1


def test_nothing_is_started_while_more_run_than_may(queue: Queue) -> None:
    queue.ask(ADA, 5)
    queue.dispatch(4)

    assert queue.dispatch(2) == []


def test_a_build_that_is_being_delivered_leaves_its_slot(queue: Queue) -> None:
    queue.ask(ADA, 2)
    [first] = queue.dispatch()
    queue._keep(replace(queue.builds[first.id], state=BuildState.PUSHING))

    assert len(queue.dispatch()) == 1


def test_an_owner_at_its_own_limit_is_passed_over(queue: Queue) -> None:
    queue.ask(ADA, 5)
    queue.ask(BOB, 1)

    assert Counter(build.plan.owner for build in queue.dispatch(4, 2)) == {ADA: 2, BOB: 1}
    assert queue.dispatch(4, 2) == []
    queue.end(queue.started[0])
    assert [build.plan.owner for build in queue.dispatch(4, 2)] == [ADA]


def test_what_is_being_started_already_takes_a_slot_and_is_not_chosen_again(queue: Queue) -> None:
    first, second, third = queue.ask(ADA, 3)
    others = queue.ask(BOB, 1)

    def chosen(slots: int, per_owner: int, *starting: Build) -> list[Build]:
        return list(to_start(queue.builds.values(), slots, per_owner, {build.id for build in starting}))

    assert chosen(1, 0, first) == []
    assert chosen(2, 0, first) == others
    assert chosen(3, 0, first) == [*others, second]
    assert chosen(9, 1, first) == others
    assert chosen(9, 2, first, second) == others
    assert chosen(9, 0, first, *others) == [second, third]
