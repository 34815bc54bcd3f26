"""What administrators see at a glance is true, whole, and made quickly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from tests.unit.domain.people import ADA, BOB, CAT, LAB, LONG_AGO, build_of, image_of, person, plan_of

from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.launchers.memory import InMemoryServerLauncher
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import BuilderUnavailable, Forbidden, RegistryUnavailable
from repo2docker_service.domain.failures.causes import CauseKind
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.models import Build, BuildState, Image, ImageList, Owner, Reason
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.quotas import NO_LIMITS, Quotas
from repo2docker_service.domain.overview.readiness import Caution, Readiness
from repo2docker_service.domain.overview.summarizing import SummaryService
from repo2docker_service.domain.overview.summary import Spread, fullest, summarize_builds, summarize_images
from repo2docker_service.domain.policy import Policy

root = person("root", "admin")
NOW = LONG_AGO + timedelta(days=1)


def ended(waited: float, took: float, state: BuildState = BuildState.SUCCEEDED, reason: Reason | None = None) -> Build:
    begun = LONG_AGO + timedelta(seconds=waited)
    build = build_of(plan_of(), state)
    return replace(build, started_at=begun, finished_at=begun + timedelta(seconds=took), reason=reason)


def queued(at: datetime, owner: Owner = ADA) -> Build:
    return replace(build_of(plan_of(owner), BuildState.QUEUED), created_at=at)


def no_cause(_: Build) -> CauseKind | None:
    return None


def image(owner: Owner = ADA, *, size: int = 1, days: int = 0, outdated: str = "") -> Image:
    made = image_of(plan_of(owner, tag=f"{size}-{days}"))
    return replace(made, size=size, created_at=LONG_AGO + timedelta(days=days), outdated=outdated)


def test_builds_are_counted_by_state_and_the_longest_wait_is_told() -> None:
    builds = [queued(NOW - timedelta(seconds=90)), queued(NOW), build_of(plan_of()), ended(1, 1)]

    found = summarize_builds(builds, NOW, no_cause)

    assert found.states == {BuildState.QUEUED: 2, BuildState.BUILDING: 1, BuildState.SUCCEEDED: 1}
    assert found.longest_wait == 90
    assert summarize_builds([], NOW, no_cause).longest_wait == 0


def test_durations_are_of_builds_that_have_succeeded_and_waits_of_all_that_have_started() -> None:
    failed = ended(100, 9999, BuildState.FAILED, Reason.TIMED_OUT)
    builds = [*(ended(number, 10 * number) for number in range(1, 10)), failed, queued(NOW)]

    found = summarize_builds(builds, NOW, no_cause)

    assert found.durations == Spread(9, 50.0, 90.0)
    assert found.waits == Spread(10, 5.5, 9.0)
    assert summarize_builds([], NOW, no_cause).durations == Spread(0, None, None)


def test_a_clock_that_was_set_back_makes_no_time_negative() -> None:
    found = summarize_builds([ended(-5, -5), queued(NOW + timedelta(seconds=5))], NOW, no_cause)

    assert (found.durations.median, found.waits.median, found.longest_wait) == (0, 0, 0)


def test_failures_are_counted_by_reason_and_by_cause_where_that_is_known() -> None:
    reasons = (Reason.BUILD_FAILED, Reason.BUILD_FAILED, Reason.TIMED_OUT)
    builds = [ended(0, 1, BuildState.FAILED, reason) for reason in reasons]

    def cause_of(build: Build) -> CauseKind | None:
        return CauseKind.NETWORK if build is builds[0] else None

    found = summarize_builds(builds, NOW, cause_of)

    assert found.reasons == {Reason.BUILD_FAILED: 2, Reason.TIMED_OUT: 1}
    assert found.causes == {CauseKind.NETWORK: 1}


def test_the_ten_biggest_and_the_ten_oldest_images_are_told_and_one_of_several_names_takes_its_space_once() -> None:
    images = [image(size=size, days=-size) for size in range(1, 13)]
    twin = replace(images[0], name=plan_of(tag="twin").image)

    found = summarize_images(ImageList([*images, twin], NOW, partial=True))

    assert [each.size for each in found.biggest] == list(range(12, 2, -1))
    assert [each.size for each in found.oldest] == list(range(12, 2, -1))
    assert (found.count, found.size, found.partial) == (13, sum(range(1, 13)), True)


def test_outdated_images_are_counted_by_what_has_changed() -> None:
    images = [image(size=1, outdated="a"), image(size=2, outdated="a"), image(size=3, outdated="b"), image(size=4)]

    assert summarize_images(ImageList(images, NOW)).outdated == {"a": 2, "b": 1}


def test_owners_near_their_limits_come_first_then_those_who_have_most() -> None:
    quotas = {ADA: Quotas(builds=4), BOB: Quotas(builds=100, images=2)}
    builds = [queued(NOW, ADA), ended(0, 1), queued(NOW, CAT)]
    images = [image(BOB, size=1), image(LAB, size=50), image(CAT, size=7)]

    found = fullest(builds, images, lambda owner: quotas.get(owner, NO_LIMITS))

    assert [(each.owner, each.builds, each.images, each.size, each.fullness) for each in found] == [
        (BOB, 0, 1, 1, 0.5),
        (ADA, 1, 0, 0, 0.25),
        (LAB, 0, 1, 50, 0.0),
        (CAT, 1, 1, 7, 0.0),
    ]


def test_no_more_than_twenty_owners_are_told() -> None:
    owners = [replace(ADA, name=f"n{number}") for number in range(30)]

    assert len(fullest([], [image(owner) for owner in owners], lambda _: NO_LIMITS)) == 20


class Counting(InMemoryImageBuilder):
    """Has whatever builds a test wants, and may be away or warn."""

    builds: Sequence[Build] = ()
    listed = warned = 0
    away = False

    async def list(self) -> Sequence[Build]:
        self.listed += 1
        if self.away:
            raise BuilderUnavailable("engine", "it is away")
        return self.builds or await super().list()

    async def warnings(self) -> Sequence[str]:
        self.warned += 1
        return ["Its socket is open to all."]


class Listing(InMemoryRegistry):
    """Has whatever images a test wants, and may be away or silent."""

    images: Sequence[Image] = ()
    listed = 0
    away = silent = False

    async def list(self) -> ImageList:
        self.listed += 1
        if self.silent:
            await asyncio.sleep(3600)
        if self.away:
            raise RegistryUnavailable("registry", "it is away")
        return ImageList(self.images, NOW)


@dataclass
class Stand:
    """The use case, and what is behind it."""

    service: SummaryService
    builder: Counting
    registry: Listing


@pytest.fixture
def stand(registry: InMemoryRegistry, policy: Policy) -> Stand:
    installation = registry.installation
    builder = Counting(installation=installation, manual=True, free_space=700, min_free_disk=100)
    listing = Listing(installation=installation)
    authorizer = InMemoryAuthorizer(installation=installation)
    launcher = InMemoryServerLauncher(installation=installation)
    service = SummaryService(
        builder,
        CuratedImages(listing),
        Admission(builder, listing, Quotas(builds=5)),
        Explainer(builder),
        Readiness(builder, listing, authorizer, launcher, "r2d"),
        policy,
    )
    return Stand(service, builder, listing)


async def test_it_is_for_administrators(stand: Stand) -> None:
    with pytest.raises(Forbidden):
        await stand.service.look(person("ada", "builds:read", "images:read", "metrics:read"))
    assert (stand.builder.listed, stand.registry.listed) == (0, 0)


async def test_parts_warnings_and_space_are_told(stand: Stand) -> None:
    found = await stand.service.look(root)

    assert {name: part.ok for name, part in found.parts.items()} == {"builder": True, "registry": True}
    assert found.cautions == [Caution("builder", "Its socket is open to all.")]
    assert (found.disk_free, found.disk_reserve) == (700, 100)


async def test_what_cannot_be_found_out_is_not_told_as_nothing(stand: Stand) -> None:
    stand.builder.builds, stand.registry.images = [queued(NOW)], [image()]
    stand.registry.away = True
    found = await stand.service.look(root)
    assert (found.images, found.usage) == (None, None)
    assert found.builds is not None

    stand.registry.away, stand.builder.away = False, True
    found = await stand.service.look(root)
    assert (found.builds, found.usage) == (None, None)
    assert found.images is not None


async def test_a_part_that_is_silent_is_not_waited_for(stand: Stand) -> None:
    stand.registry.silent = True

    async with asyncio.timeout(2):
        found = await replace(stand.service, bound=0.01).look(root)

    assert found.images is None


async def test_parts_are_looked_at_once_however_long_the_others_take(stand: Stand) -> None:
    stand.registry.silent = True
    readiness = replace(stand.service.readiness, keep=0.0, keep_trouble=0.0)

    await replace(stand.service, readiness=readiness, bound=0.01).look(root)

    assert stand.builder.warned == 1


async def test_thousands_of_builds_and_images_are_gone_through_once_and_quickly(stand: Stand) -> None:
    owners = [replace(ADA, name=f"n{number}") for number in range(200)]
    failed = ended(1, 1, BuildState.FAILED, Reason.BUILD_FAILED)
    stand.builder.builds = [ended(n, n) if n % 3 else failed for n in range(5000)]
    stand.registry.images = [image(owners[n % 200], size=n, days=n % 50) for n in range(10_000)]

    began = time.perf_counter()
    found = await stand.service.look(root)
    took = time.perf_counter() - began

    assert found.images is not None
    assert found.images.count == 10_000
    assert (stand.builder.listed, stand.registry.listed) == (1, 1)
    # It takes a twentieth of that; a machine may be busy, and going through them for each owner would take longer.
    assert took < 2
