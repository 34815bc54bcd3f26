"""Whether a build may begin now: quotas, builds under way, and what has just failed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.domain.people import ADA, BOB, LAB, image_of, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.admission import Admission
from repo2docker_service.domain.errors import QuotaExceeded
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, Owner, Reason
from repo2docker_service.domain.quotas import Quotas

SOON = 5.0


class BusyBuilder(InMemoryImageBuilder):
    """Answers late, as an engine does, so that requests come between each other."""

    late = 3
    turns = 0
    listing = 0

    async def list(self) -> Sequence[Build]:
        self.listing += 1
        builds = await super().list()
        await self._pass_by()
        self.listing -= 1
        return builds

    async def start(self, plan: BuildPlan, destination: Destination) -> Build:
        await self._pass_by()
        return await super().start(plan, destination)

    async def _pass_by(self) -> None:
        for _ in range(self.late):
            await asyncio.sleep(0)


@dataclass
class Clock:
    """Tells the time that a test sets."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
async def builder(installation: Installation) -> AsyncIterator[BusyBuilder]:
    async with BusyBuilder(installation=installation, manual=True) as builder:
        yield builder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(builder: BusyBuilder, registry: InMemoryRegistry, clock: Clock) -> Admission:
    return Admission(builder, registry, clock=clock)


async def start(admission: Admission, owner: Owner = ADA, tag: str = "", *, force: bool = False) -> Build:
    plan = plan_of(owner, tag=tag)
    return await admission.start(plan, Destination(plan.image, push=False), force=force)


async def failed(
    admission: Admission, builder: InMemoryImageBuilder, reason: Reason = Reason.BUILD_FAILED, tag: str = ""
) -> Build:
    build = await start(admission, tag=tag)
    builder.finish(build.id, reason)
    return build


# --- quotas -----------------------------------------------------------------------------------


async def test_the_quota_holds_for_requests_of_one_owner_that_come_together(
    admission: Admission, builder: BusyBuilder
) -> None:
    strict = replace(admission, quotas=Quotas(builds=3))

    answers = await asyncio.gather(*(start(strict, tag=str(tag)) for tag in range(10)), return_exceptions=True)

    assert [type(answer) for answer in answers].count(Build) == 3
    assert [type(answer) for answer in answers].count(QuotaExceeded) == 7
    assert len(await builder.list()) == 3


async def test_requests_of_one_owner_that_come_together_get_a_turn_each(admission: Admission) -> None:
    builds = await asyncio.gather(*(start(admission, tag=str(tag)) for tag in range(5)))

    assert sorted(build.plan.round for build in builds) == [0, 1, 2, 3, 4]


async def test_requests_for_one_image_that_come_together_are_one_build(
    admission: Admission, builder: BusyBuilder
) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))

    builds = await asyncio.gather(*(start(strict, owner) for owner in [ADA, BOB, LAB] * 5))

    assert len({build.id for build in builds}) == 1
    assert [build.joined for build in builds].count(False) == 1
    assert len(await builder.list()) == 1


async def test_owners_do_not_wait_for_each_other(admission: Admission, builder: BusyBuilder) -> None:
    builder.late = 50
    many = [asyncio.create_task(start(admission, ADA, str(tag))) for tag in range(3)]
    other = asyncio.create_task(start(admission, BOB, "other"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert builder.listing == 2
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


async def test_joining_needs_no_room(admission: Admission, builder: BusyBuilder) -> None:
    strict = replace(admission, quotas=Quotas(builds=1, images=1))
    first = await start(strict, ADA)
    await start(strict, BOB, "other")

    for state in (BuildState.QUEUED, BuildState.BUILDING):
        assert (await builder.get(first.id)).state is state
        joined = await start(strict, BOB)
        assert (joined.id, joined.joined) == (first.id, True)
        if state is BuildState.QUEUED:
            builder.begin(first.id)
    with pytest.raises(QuotaExceeded):
        await start(strict, BOB, "third")


async def test_an_ended_build_makes_room(admission: Admission, builder: BusyBuilder) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))
    first = await start(strict, tag="one")
    with pytest.raises(QuotaExceeded):
        await start(strict, tag="two")
    builder.finish(first.id)

    assert (await start(strict, tag="two")).state is BuildState.QUEUED


async def test_stored_images_and_those_in_the_making_are_counted_together(
    admission: Admission, builder: BusyBuilder, registry: InMemoryRegistry
) -> None:
    strict = replace(admission, quotas=Quotas(images=3))
    registry.put(image_of(plan_of(ADA, tag="stored")))
    registry.put(image_of(plan_of(BOB, tag="somebody else's")))
    await start(strict, tag="one")
    second = await start(strict, tag="two")

    with pytest.raises(QuotaExceeded, match=r"^user:ada has 1 image and is building 2 more, and may keep 3\."):
        await start(strict, tag="three")
    builder.finish(second.id, Reason.BUILD_FAILED)
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


# --- what has just failed ---------------------------------------------------------------------


async def test_a_build_that_has_just_failed_by_its_own_fault_is_the_answer(
    admission: Admission, builder: BusyBuilder
) -> None:
    first = await failed(admission, builder)

    for owner in (ADA, BOB):
        again = await start(admission, owner)
        assert (again.id, again.state, again.reason) == (first.id, BuildState.FAILED, Reason.BUILD_FAILED)
    assert len(await builder.list()) == 1


async def test_it_is_the_answer_to_an_owner_without_room_too(admission: Admission, builder: BusyBuilder) -> None:
    strict = replace(admission, quotas=Quotas(builds=1))
    first = await failed(strict, builder)
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
    admission: Admission, builder: BusyBuilder, clock: Clock, ahead: timedelta, same: bool
) -> None:
    first = await failed(admission, builder)
    clock.ahead = ahead

    again = await start(admission)

    assert (again.id == first.id) is same
    assert again.state.ended is same


async def test_it_is_no_answer_to_who_insists(admission: Admission, builder: BusyBuilder) -> None:
    first = await failed(admission, builder)

    again = await start(admission, force=True)

    assert (again.id != first.id, again.state) == (True, BuildState.QUEUED)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.BUILD_FAILED])
async def test_what_failed_for_other_reasons_may_go_well_the_next_time(
    admission: Admission, builder: BusyBuilder, reason: Reason
) -> None:
    first = await failed(admission, builder, reason)

    assert (await start(admission)).id != first.id


async def test_a_cancelled_build_is_no_answer(admission: Admission, builder: BusyBuilder) -> None:
    first = await start(admission)
    await builder.cancel(first.id)

    assert (await start(admission)).id != first.id


async def test_only_the_latest_build_of_the_image_counts(admission: Admission, builder: BusyBuilder) -> None:
    await failed(admission, builder)
    later = await start(admission, force=True)
    builder.finish(later.id, Reason.BUILDER_LOST)

    assert not (await start(admission)).state.ended


async def test_a_failed_build_of_another_image_is_no_answer(admission: Admission, builder: BusyBuilder) -> None:
    await failed(admission, builder, tag="other")

    assert not (await start(admission)).state.ended


async def test_a_build_under_way_goes_before_one_that_has_just_failed(
    admission: Admission, builder: BusyBuilder
) -> None:
    await failed(admission, builder)
    again = await start(admission, force=True)

    joined = await start(admission, BOB)

    assert (joined.id, joined.joined) == (again.id, True)


# --- turns and estimates ----------------------------------------------------------------------


async def test_a_build_gets_its_turn_when_it_is_let_in(admission: Admission, builder: BusyBuilder) -> None:
    for tag in "abc":
        await start(admission, ADA, tag)
    assert (await start(admission, BOB, "d")).plan.round == 0

    for build in await builder.list():
        if build.plan.owner == ADA:
            builder.begin(build.id)
    assert (await start(admission, LAB, "e")).plan.round == 2
    assert (await start(admission, ADA, "f")).plan.round == 3


async def test_a_build_is_told_with_how_long_it_may_take(admission: Admission, builder: BusyBuilder) -> None:
    assert (await start(admission, tag="one")).estimated_seconds is None
    builder.finish((await builder.list())[0].id)

    second = await start(admission, tag="two")
    joined = await start(admission, BOB, "two")

    assert second.estimated_seconds == joined.estimated_seconds
    assert second.estimated_seconds is not None
    assert 0 <= second.estimated_seconds < SOON
