"""Whether a build may begin now: quotas, builds under way, turns."""

import asyncio
from dataclasses import replace

import pytest
from tests.unit.domain.admitting import BusyBuilder, failed, start
from tests.unit.domain.people import ADA, BOB, LAB, image_of, plan_of

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.errors import QuotaExceeded
from repo2docker_service.domain.models import Build, BuildState, Destination, Reason
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.quotas import Quotas

SOON = 5.0


# --- quotas -----------------------------------------------------------------------------------


async def test_an_owner_with_a_quota_of_its_own_is_held_to_that_one(admission: Admission) -> None:
    strict = replace(admission, quotas=Quotas(builds=1), own_quotas={LAB: Quotas(builds=2)})

    for owner, allowed in ((ADA, 1), (LAB, 2)):
        for number in range(allowed):
            await start(strict, owner=owner, tag=f"{owner.name}-{number}")
        with pytest.raises(QuotaExceeded, match=f"may have {allowed}"):
            await start(strict, owner=owner, tag=f"{owner.name}-more")


async def test_the_quota_holds_for_requests_of_one_owner_that_come_together(
    admission: Admission, busy_builder: BusyBuilder
) -> None:
    strict = replace(admission, quotas=Quotas(builds=3))

    answers = await asyncio.gather(*(start(strict, tag=str(tag)) for tag in range(10)), return_exceptions=True)

    assert [type(answer) for answer in answers].count(Build) == 3
    assert [type(answer) for answer in answers].count(QuotaExceeded) == 7
    assert len(await busy_builder.list()) == 3


async def test_requests_of_one_owner_that_come_together_get_a_turn_each(admission: Admission) -> None:
    builds = await asyncio.gather(*(start(admission, tag=str(tag)) for tag in range(5)))

    assert sorted(build.plan.round for build in builds) == [0, 1, 2, 3, 4]


async def test_requests_for_one_image_that_come_together_are_one_build(
    admission: Admission, busy_builder: BusyBuilder
) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))

    builds = await asyncio.gather(*(start(strict, owner) for owner in [ADA, BOB, LAB] * 5))

    assert len({build.id for build in builds}) == 1
    assert [build.joined for build in builds].count(False) == 1
    assert len(await busy_builder.list()) == 1


async def test_owners_do_not_wait_for_each_other(admission: Admission, busy_builder: BusyBuilder) -> None:
    busy_builder.late = 50
    many = [asyncio.create_task(start(admission, ADA, str(tag))) for tag in range(3)]
    other = asyncio.create_task(start(admission, BOB, "other"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert busy_builder.listing == 2
    assert (await other).plan.round == 0
    await asyncio.gather(*many)


async def test_a_refusal_and_a_cancelled_request_let_the_next_one_in(admission: Admission) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))
    given_up = asyncio.create_task(start(strict, tag="one"))
    waiting = asyncio.create_task(start(strict, tag="two"))
    await asyncio.sleep(0)
    given_up.cancel()

    async with asyncio.timeout(SOON):
        assert (await waiting).plan.image.tag == "two"
        for _ in range(2):
            with pytest.raises(QuotaExceeded):
                await start(strict, tag="three")
        assert (await start(strict, BOB, "four")).plan.owner == BOB


async def test_nothing_is_remembered_of_owners_who_do_not_wait(admission: Admission) -> None:
    await asyncio.gather(*(start(admission, tag=str(tag)) for tag in range(3)))

    assert dict(admission._turns) == {}


async def test_joining_needs_no_room(admission: Admission, busy_builder: BusyBuilder) -> None:
    strict = replace(admission, quotas=Quotas(builds=1, images=1))
    first = await start(strict, ADA)
    await start(strict, BOB, "other")

    for state in (BuildState.QUEUED, BuildState.BUILDING):
        assert (await busy_builder.get(first.id)).state is state
        joined = await start(strict, BOB)
        assert (joined.id, joined.joined) == (first.id, True)
        if state is BuildState.QUEUED:
            busy_builder.begin(first.id)
    with pytest.raises(QuotaExceeded):
        await start(strict, BOB, "third")


async def test_an_ended_build_makes_room(admission: Admission, busy_builder: BusyBuilder) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))
    first = await start(strict, tag="one")
    with pytest.raises(QuotaExceeded):
        await start(strict, tag="two")
    busy_builder.finish(first.id)

    assert (await start(strict, tag="two")).state is BuildState.QUEUED


async def test_stored_images_and_those_in_the_making_are_counted_together(
    admission: Admission, busy_builder: BusyBuilder, registry: InMemoryRegistry
) -> None:
    strict = replace(admission, quotas=Quotas(images=3))
    registry.put(image_of(plan_of(ADA, tag="stored")))
    registry.put(image_of(plan_of(BOB, tag="somebody else's")))
    await start(strict, tag="one")
    second = await start(strict, tag="two")

    with pytest.raises(QuotaExceeded, match=r"^user:ada has 1 image and is building 2 more, and may keep 3\."):
        await start(strict, tag="three")
    busy_builder.finish(second.id, Reason.BUILD_FAILED)
    await start(strict, tag="three")
    await start(strict, BOB, "four")


async def test_an_image_that_is_replaced_needs_no_room(admission: Admission, registry: InMemoryRegistry) -> None:
    strict = replace(admission, quotas=Quotas(images=1))
    image = image_of(plan_of(ADA))
    registry.put(image)
    plan = plan_of(ADA)
    destination = Destination(plan.image, push=False)
    with pytest.raises(QuotaExceeded):
        await strict.start(plan_of(ADA, tag="new"), Destination(plan_of(tag="new").image, push=False))

    build = await strict.start(plan, destination, force=True, replaced=image)

    assert build.id == plan.id


# --- turns and estimates ----------------------------------------------------------------------


async def test_a_build_gets_its_turn_when_it_is_let_in(admission: Admission, busy_builder: BusyBuilder) -> None:
    for tag in "abc":
        await start(admission, ADA, tag)
    assert (await start(admission, BOB, "d")).plan.round == 0

    for build in await busy_builder.list():
        if build.plan.owner == ADA:
            busy_builder.begin(build.id)
    assert (await start(admission, LAB, "e")).plan.round == 2
    assert (await start(admission, ADA, "f")).plan.round == 3


async def test_a_build_is_told_with_how_long_it_may_take(admission: Admission, busy_builder: BusyBuilder) -> None:
    for tag in ("zero", "one"):
        before = await start(admission, tag=tag)
        assert before.estimated_seconds is None
        busy_builder.finish(before.id)

    second = await start(admission, tag="two")
    joined = await start(admission, BOB, "two")

    assert second.estimated_seconds == joined.estimated_seconds
    assert second.estimated_seconds is not None
    assert 0 <= second.estimated_seconds < SOON


async def test_what_could_not_be_delivered_is_made_anew_only_when_forced(
    admission: Admission, busy_builder: BusyBuilder
) -> None:
    await failed(admission, busy_builder, Reason.PUSH_FAILED, "one")
    for force in (False, True):
        again = await start(admission, tag="one", force=force)
        await busy_builder.cancel(again.id)

    assert busy_builder.started_anew == [False, False, True]
