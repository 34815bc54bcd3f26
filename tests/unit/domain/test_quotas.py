"""How much one owner may have, and what is said when that is reached."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.domain.people import ADA, BOB, LAB, LONG_AGO, build_of, plan_of

from repo2docker_service.domain.errors import QuotaExceeded
from repo2docker_service.domain.models import Build, BuildState, Owner
from repo2docker_service.domain.orders.quotas import NO_LIMITS, Quotas, under_way


def builds(owner: Owner, *states: BuildState) -> list[Build]:
    return [build_of(plan_of(owner), state) for state in states]


ALL_STATES = builds(ADA, *BuildState)
UNDER_WAY = (BuildState.QUEUED, BuildState.BUILDING, BuildState.PUSHING)


def took(seconds: float) -> Build:
    return replace(
        build_of(plan_of(BOB), BuildState.SUCCEEDED),
        started_at=LONG_AGO,
        finished_at=LONG_AGO + timedelta(seconds=seconds),
    )


def test_an_owner_has_under_way_what_is_queued_runs_or_is_delivered() -> None:
    assert [build.state for build in under_way(ALL_STATES, ADA)] == list(UNDER_WAY)
    assert under_way(ALL_STATES, BOB) == []


def test_an_owner_with_as_many_builds_as_allowed_gets_no_other() -> None:
    Quotas(builds=4).require_room_for_build(ALL_STATES, ADA)

    for limit in (3, 2, 1):
        with pytest.raises(QuotaExceeded):
            Quotas(builds=limit).require_room_for_build(ALL_STATES, ADA)


def test_the_refusal_states_the_rule_and_when_to_try_again() -> None:
    with pytest.raises(QuotaExceeded) as refused:
        Quotas(builds=3).require_room_for_build([*ALL_STATES, took(90)], ADA)

    assert refused.value.retry_after == 90
    with pytest.raises(QuotaExceeded, match=r"^group:lab has 1 build queued or running, and may have 1\."):
        Quotas(builds=1).require_room_for_build(builds(LAB, BuildState.QUEUED), LAB)
    assert str(refused.value) == (
        "user:ada has 3 builds queued or running, and may have 3."
        " Try again in about 90 seconds, when one may have ended."
    )


def test_each_owner_has_a_quota_of_its_own() -> None:
    for owner in (BOB, LAB):
        Quotas(builds=1).require_room_for_build(ALL_STATES, owner)


def test_zero_sets_no_limit() -> None:
    many = builds(ADA, *[BuildState.QUEUED] * 500)

    for quotas in (NO_LIMITS, Quotas(0, 0)):
        quotas.require_room_for_build(many, ADA)
        quotas.require_room_for_image(many, 500, ADA)
    Quotas(builds=0, images=1).require_room_for_build(many, ADA)
    Quotas(builds=1, images=0).require_room_for_image(many, 500, ADA)


def test_an_owner_with_as_many_images_as_allowed_has_to_delete_one() -> None:
    Quotas(images=3).require_room_for_image([], 2, ADA)

    with pytest.raises(QuotaExceeded) as refused:
        Quotas(images=3).require_room_for_image(builds(ADA, BuildState.SUCCEEDED, BuildState.FAILED), 3, ADA)

    assert refused.value.retry_after is None
    assert str(refused.value) == (
        "user:ada has 3 images, and may keep 3. Delete one that is not needed any more, then try again."
    )


def test_images_that_are_being_built_are_counted_with_those_that_are_there() -> None:
    quotas = Quotas(images=5)
    quotas.require_room_for_image(ALL_STATES, 1, ADA)
    quotas.require_room_for_image(ALL_STATES, 4, BOB)

    with pytest.raises(
        QuotaExceeded, match=r"^user:ada has 2 images and is building 3 more, and may keep 5\."
    ) as refused:
        quotas.require_room_for_image(ALL_STATES, 2, ADA)

    assert refused.value.retry_after is None
