"""Builds begin only where there is space for them."""

import pytest
from tests.unit.domain.admitting import BusyBuilder, failed, start

from repo2docker_service.domain.errors import DiskLow
from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.domain.orders.admission import Admission


@pytest.fixture
def builder(busy_builder: BusyBuilder) -> BusyBuilder:
    busy_builder.min_free_disk = 1000
    return busy_builder


async def test_no_build_begins_while_too_little_is_free_and_the_next_one_does(
    admission: Admission, builder: BusyBuilder
) -> None:
    builder.free_space = 999
    with pytest.raises(DiskLow) as caught:
        await start(admission)
    assert caught.value.free == 999
    assert await builder.list() == []

    builder.free_space = 1000

    assert (await start(admission)).state is BuildState.QUEUED


async def test_a_build_under_way_is_joined_however_little_is_free(admission: Admission, builder: BusyBuilder) -> None:
    first = await start(admission)
    builder.free_space = 0

    assert (await start(admission)).id == first.id


async def test_an_image_that_only_has_to_be_stored_is_stored_however_little_is_free(
    admission: Admission, builder: BusyBuilder
) -> None:
    builder.free_space = 1000
    undelivered = await failed(admission, builder, Reason.PUSH_FAILED)
    builder.free_space = 0

    again = await start(admission)

    assert (again.id != undelivered.id, again.state) == (True, BuildState.QUEUED)


async def test_what_failed_otherwise_or_would_be_made_again_needs_space(
    admission: Admission, builder: BusyBuilder
) -> None:
    builder.free_space, builder.build_settings = 1000, "these"
    await failed(admission, builder, Reason.TIMED_OUT, "late")
    await failed(admission, builder, Reason.PUSH_FAILED, "stored")
    builder.free_space = 0
    with pytest.raises(DiskLow):
        await start(admission, tag="late")

    builder.build_settings = "others"
    with pytest.raises(DiskLow):
        await start(admission, tag="stored")


@pytest.mark.parametrize(("reserve", "free"), [(0, 0), (1000, None)])
async def test_where_nothing_is_asked_for_or_known_builds_begin(
    admission: Admission, builder: BusyBuilder, monkeypatch: pytest.MonkeyPatch, reserve: int, free: int | None
) -> None:
    async def told() -> int | None:
        return free

    monkeypatch.setattr(builder, "free_disk", told)
    builder.min_free_disk = reserve

    assert (await start(admission)).state is BuildState.QUEUED
