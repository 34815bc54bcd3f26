"""A build that has just failed by its own fault is the answer: it would fail again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.domain.admitting import BusyBuilder, Clock, failed, start
from tests.unit.domain.people import ADA, BOB

from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.quotas import Quotas
from repo2docker_service.domain.rebuilds.build_settings import written_settings

SOON = 5.0


async def test_a_build_that_has_just_failed_by_its_own_fault_is_the_answer(
    admission: Admission, busy_builder: BusyBuilder
) -> None:
    first = await failed(admission, busy_builder)

    for owner in (ADA, BOB):
        again = await start(admission, owner)
        assert (again.id, again.state, again.reason) == (first.id, BuildState.FAILED, Reason.BUILD_FAILED)
    assert len(await busy_builder.list()) == 1


async def test_it_is_the_answer_to_an_owner_without_room_too(admission: Admission, busy_builder: BusyBuilder) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))
    first = await failed(strict, busy_builder)
    await start(strict, tag="other")

    assert (await start(strict)).id == first.id


@pytest.mark.parametrize(
    ("ahead", "same"),
    [
        (timedelta(minutes=9, seconds=50), True),
        (timedelta(minutes=10), False),
        (timedelta(hours=5), False),
        # Clocks differ between machines and are set back: that must not make a failure last for ever.
        (-timedelta(minutes=9, seconds=50), True),
        (-timedelta(minutes=11), False),
    ],
)
async def test_it_is_the_answer_for_ten_minutes(
    admission: Admission, busy_builder: BusyBuilder, clock: Clock, ahead: timedelta, same: bool
) -> None:
    first = await failed(admission, busy_builder)
    clock.ahead = ahead

    again = await start(admission)

    assert (again.id == first.id) is same
    assert again.state.ended is same


async def test_it_is_no_answer_once_an_administrator_has_changed_what_shapes_images(
    admission: Admission, busy_builder: BusyBuilder
) -> None:
    busy_builder.build_settings = written_settings({"appendix": "RUN false"})
    first = await failed(admission, busy_builder)
    assert (await start(admission)).id == first.id

    busy_builder.build_settings = written_settings({"appendix": "RUN true"})
    assert (await start(admission)).id != first.id


async def test_it_is_no_answer_to_who_insists(admission: Admission, busy_builder: BusyBuilder) -> None:
    first = await failed(admission, busy_builder)

    again = await start(admission, force=True)

    assert (again.id != first.id, again.state) == (True, BuildState.QUEUED)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.BUILD_FAILED])
async def test_what_failed_for_other_reasons_may_go_well_the_next_time(
    admission: Admission, busy_builder: BusyBuilder, reason: Reason
) -> None:
    first = await failed(admission, busy_builder, reason)

    assert (await start(admission)).id != first.id


async def test_a_cancelled_build_is_no_answer(admission: Admission, busy_builder: BusyBuilder) -> None:
    first = await start(admission)
    await busy_builder.cancel(first.id)

    assert (await start(admission)).id != first.id


async def test_only_the_latest_build_of_the_image_counts(admission: Admission, busy_builder: BusyBuilder) -> None:
    await failed(admission, busy_builder)
    later = await start(admission, force=True)
    busy_builder.finish(later.id, Reason.BUILDER_LOST)

    assert not (await start(admission)).state.ended


async def test_a_failed_build_of_another_image_is_no_answer(admission: Admission, busy_builder: BusyBuilder) -> None:
    await failed(admission, busy_builder, tag="other")

    assert not (await start(admission)).state.ended


async def test_a_build_under_way_goes_before_one_that_has_just_failed(
    admission: Admission, busy_builder: BusyBuilder
) -> None:
    await failed(admission, busy_builder)
    again = await start(admission, force=True)

    joined = await start(admission, BOB)

    assert (joined.id, joined.joined) == (again.id, True)
