"""How long builds take, as far as the past tells."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import LONG_AGO, build_of, plan_of

from repo2docker_service.domain.models import Build, BuildState, Source
from repo2docker_service.domain.orders.estimates import all_estimated, estimated, seconds_until_room, typical_seconds

HERE = plan_of().source.address


def took(seconds: float | None, *, state: BuildState = BuildState.SUCCEEDED, at: int = 0, address: str = HERE) -> Build:
    """Give a build that took so long, or was never started."""
    created = LONG_AGO + timedelta(days=at)
    started = None if seconds is None else created
    return replace(
        build_of(replace(plan_of(), source=Source(address)), state),
        created_at=created,
        started_at=started,
        finished_at=created if seconds is None else created + timedelta(seconds=seconds),
    )


def test_nothing_is_told_of_a_repository_that_was_not_built_twice() -> None:
    assert typical_seconds([], HERE) is None
    assert typical_seconds([took(70)], HERE) is None
    assert typical_seconds([took(70), took(9, address="https://example.org/other")], HERE) is None


@pytest.mark.parametrize("state", [state for state in BuildState if state is not BuildState.SUCCEEDED])
def test_only_builds_that_succeeded_tell_how_long_one_takes(state: BuildState) -> None:
    assert typical_seconds([took(9, state=state), took(70)], HERE) is None
    assert typical_seconds([took(9, state=state), took(70), took(70)], HERE) == 70


def test_builds_of_other_refs_and_folders_of_the_repository_count() -> None:
    other = replace(took(40), plan=replace(plan_of(), source=Source(HERE, "dev", "sub")))

    assert typical_seconds([other, took(40)], HERE) == 40


def test_one_slow_build_does_not_spoil_the_estimate() -> None:
    assert typical_seconds([took(60), took(64), took(4000)], HERE) == 64


def test_the_latest_five_builds_count() -> None:
    old = [took(1000, at=day) for day in range(10)]
    new = [took(60 + day, at=day) for day in range(10, 15)]

    assert typical_seconds([*new, *old], HERE) == 72


def test_estimates_are_told_to_a_tenth_of_a_second() -> None:
    assert typical_seconds([took(60.0489), took(60.0489)], HERE) == 60.0
    assert typical_seconds([took(1), took(1.51)], HERE) == 1.3


def test_a_build_without_times_tells_nothing() -> None:
    assert typical_seconds([took(None), took(9)], HERE) is None
    assert seconds_until_room([took(None), replace(took(9), finished_at=None)]) == 60


def test_a_clock_that_was_set_back_makes_no_time_negative() -> None:
    assert typical_seconds([took(-3600), took(-3600)], HERE) == 0
    assert seconds_until_room([took(-3600)]) == 5


@given(st.lists(st.floats(-10, 10**6), min_size=2, max_size=12))
def test_an_estimate_is_between_the_shortest_and_the_longest(seconds: list[float]) -> None:
    estimate = typical_seconds([took(each) for each in seconds], HERE)

    assert estimate is not None
    assert max(min(seconds), 0) - 0.1 <= estimate <= max(*seconds, 0) + 0.1


@pytest.mark.parametrize(("seconds", "wait"), [([], 60), ([0.1], 5), ([100, 90, 30], 90), ([50.9], 50), ([10**6], 600)])
def test_room_is_expected_after_the_usual_time_of_any_build_within_bounds(seconds: list[float], wait: int) -> None:
    states = [BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELLED]

    assert seconds_until_room(took(each, state=state) for each, state in zip(seconds, states, strict=False)) == wait


@pytest.mark.parametrize("state", BuildState)
def test_a_build_that_goes_on_is_told_with_the_estimate_and_an_ended_one_is_left(state: BuildState) -> None:
    build = build_of(plan_of(), state)

    assert estimated(build, [took(70)] * 2).estimated_seconds == (None if state.ended else 70)
    assert replace(estimated(build, [took(70)] * 2), estimated_seconds=None) == build
    assert estimated(build, []).estimated_seconds is None


builds = st.builds(
    lambda seconds, state, day, address: took(seconds, state=state, at=day, address=f"https://example.org/{address}"),
    st.integers(1, 500),
    st.sampled_from(BuildState),
    st.integers(0, 9),
    st.sampled_from("abc"),
)


@given(st.lists(builds, max_size=12), st.lists(builds, max_size=4))
def test_many_are_told_with_the_same_estimates_as_one_by_one(known: list[Build], asked: list[Build]) -> None:
    some = [*known[::2], *asked]

    assert all_estimated(iter(some), known) == [estimated(build, known) for build in some]
