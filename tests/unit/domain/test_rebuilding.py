"""Outdated images are built again as they were, a few at a time, whoever asks for it how often."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.domain.people import ADA, BOB, CAT, LAB, image_of, person, plan_of
from tests.unit.domain.registries import OneRepository

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.auditing import AUDIT
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import BuilderUnavailable, DiskLow, Forbidden, ImageNotFound, SourceForbidden
from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    BuildState,
    Destination,
    Image,
    ImageList,
    ImageName,
    Owner,
    Reason,
    Source,
)
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.quotas import Quotas
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.rebuilds.build_settings import written_settings
from repo2docker_service.domain.rebuilds.outdated import GONE, PRIVATE, PROTECTED, Standing
from repo2docker_service.domain.rebuilds.rebuilding import Rebuilds, RebuildService
from repo2docker_service.domain.resolved import ResolvedSource, SourceTerms

OLD, NEW = (written_settings({"appendix": text}) for text in ("", "RUN true"))
root = person("root", "admin")


class Ruled(InMemorySourceResolver):
    """Takes its time, and has addresses that may not be contacted any more."""

    forbidden: frozenset[str] = frozenset()
    asked = 0
    pause = 0.0

    async def resolve(self, source: Source, credentials: Credentials | None = None) -> ResolvedSource:
        self.asked += 1
        await asyncio.sleep(self.pause)
        if source.address in self.forbidden:
            raise SourceForbidden("repo", "This address is not allowed here.", setting="Some.rules")
        return await super().resolve(source, credentials)


@dataclass
class Stand:
    """The use case, and what is behind it."""

    service: RebuildService
    builder: InMemoryImageBuilder
    registry: InMemoryRegistry
    sources: Ruled

    def put(
        self, address: str, owner: Owner = ADA, requested_by: Owner | None = None, *, private: bool = False
    ) -> Image:
        """Put an outdated image into the registry; the one that is put last is the newest."""
        plan = plan_of(owner, requested_by, private=private)
        name = replace(plan.image, repository=f"r2d/{address.rpartition('/')[2]}")
        image = image_of(replace(plan, image=name, source=Source(address, "main"), title="Hers"))
        created = image.created_at.replace(second=len(self.registry._engine.images))
        image = replace(image, settings=OLD, created_at=created)
        self.registry.put(image)
        return image

    async def begin(self) -> Rebuilds:
        return await self.service.begin(root)


@pytest.fixture
def entries() -> list[CatalogEntry]:
    return []


@pytest.fixture
def stand(
    builder: InMemoryImageBuilder, registry: InMemoryRegistry, policy: Policy, entries: list[CatalogEntry]
) -> Stand:
    builder.build_settings = NEW
    sources = Ruled(installation=registry.installation)
    curated = CuratedImages(registry, lambda: entries, builder.settings)
    admission = Admission(builder, registry)
    return Stand(RebuildService(builder, registry, sources, curated, admission, policy), builder, registry, sources)


def address(number: int) -> str:
    return f"https://example.org/a/{number}"


async def test_it_is_for_administrators(stand: Stand) -> None:
    stand.put(address(1))
    anybody = person("ada", "builds:create", "images:delete", "images:read")

    with pytest.raises(Forbidden):
        await stand.service.preview(anybody)
    with pytest.raises(Forbidden):
        await stand.service.begin(anybody)
    assert await stand.builder.list() == []


async def test_a_preview_begins_nothing(stand: Stand) -> None:
    image = stand.put(address(1))

    [found] = (await stand.service.preview(root)).items

    assert (found.image.name, found.standing) == (image.name, Standing.WAITING)
    assert await stand.builder.list() == []


async def test_an_image_is_built_again_as_it_was(stand: Stand) -> None:
    image = stand.put(address(1), LAB, ADA)

    [begun] = (await stand.begin()).begun

    assert replace(begun.plan, id=image.plan.id) == image.plan
    assert begun.id != image.plan.id
    stand.builder.finish(begun.id)
    assert (await stand.service.preview(root)).items == []
    found = await stand.registry.find(image.name)
    assert found is not None
    assert (found.settings, found.plan.owner, found.plan.requested_by, found.title) == (NEW, LAB, ADA, "Hers")


async def test_an_image_keeps_its_name_also_where_one_repository_holds_all_images(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = stand.put(address(1))
    told: list[Destination] = []
    start = stand.builder.start

    async def listening(plan: BuildPlan, destination: Destination, **more: Any) -> Build:
        told.append(destination)
        return await start(plan, destination, **more)

    monkeypatch.setattr(stand.builder, "start", listening)

    await replace(stand.service, registry=OneRepository(installation=stand.registry.installation)).begin(root)

    assert told == [Destination(image.name, push=True)]


async def test_only_a_few_are_under_way_however_often_it_is_asked_for(stand: Stand) -> None:
    for number in range(5):
        stand.put(address(number))

    first = await stand.begin()
    assert [build.plan.source.address for build in first.begun] == [address(4), address(3)]
    assert first.counts() == {Standing.UNDER_WAY: 2, Standing.WAITING: 3}

    assert (await stand.begin()).begun == []
    stand.builder.finish(first.begun[0].id)
    again = await stand.begin()
    assert [build.plan.source.address for build in again.begun] == [address(2)]
    assert again.counts() == {Standing.UNDER_WAY: 2, Standing.WAITING: 2}


async def test_those_who_ask_together_begin_no_more_than_one_of_them(stand: Stand) -> None:
    for number in range(5):
        stand.put(address(number))
    other_replica = replace(stand.service, _turn=asyncio.Lock())

    await asyncio.gather(*(service.begin(root) for service in (stand.service, other_replica) for _ in range(3)))

    assert len(await stand.builder.list()) == 2


async def test_what_another_is_beginning_is_not_begun_twice(stand: Stand) -> None:
    stand.put(address(1))

    both = await asyncio.gather(stand.begin(), stand.begin())

    assert [len(each.begun) for each in both] == [1, 0]


async def test_what_has_just_failed_with_other_settings_is_tried_with_those_of_today(stand: Stand) -> None:
    stand.put(address(1))
    [build] = (await stand.begin()).begun
    stand.builder.finish(build.id, Reason.BUILD_FAILED)
    stand.builder.build_settings = written_settings({"appendix": "RUN false"})

    [again] = (await stand.begin()).begun

    assert (again.id != build.id, again.state) == (True, BuildState.QUEUED)


async def test_a_failed_one_is_left_and_the_others_go_on(stand: Stand) -> None:
    stand.put(address(1))
    stand.put(address(2))
    service = replace(stand.service, at_once=1)
    [build] = (await service.begin(root)).begun
    stand.builder.finish(build.id, Reason.BUILD_FAILED)

    after = await service.begin(root)

    assert [begun.plan.source.address for begun in after.begun] == [address(1)]
    assert [each.why_skipped for each in after.items] == ["", "Its last build failed: build-failed."]
    stand.builder.finish(after.begun[0].id)
    assert (await service.begin(root)).begun == []
    assert len((await service.begin(root, failed_before=service.clock())).begun) == 1


async def test_one_image_can_be_named_and_is_tried_again(stand: Stand) -> None:
    image = stand.put(address(1))
    stand.put(address(2))
    wanted = image_id(str(image.name))
    [build] = (await stand.service.begin(root, only=[wanted])).begun
    assert build.plan.source.address == address(1)
    stand.builder.finish(build.id, Reason.BUILD_FAILED)

    assert len((await stand.service.begin(root, only=[wanted])).begun) == 1
    with pytest.raises(ImageNotFound):
        await stand.service.begin(root, only=["f" * 24])


async def test_what_cannot_be_built_again_holds_nothing_up(
    stand: Stand, entries: list[CatalogEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.put(address(0))
    stand.put(address(1), private=True)
    stand.put(address(2))
    stand.put(address(3))
    gone = stand.put(address(4))
    entries.append(CatalogEntry(address(2), "main", curation=Curation(protected=True)))
    stand.sources.forbidden = frozenset({address(3)})
    find = stand.registry.find

    async def find_others(name: ImageName) -> Image | None:
        return None if name == gone.name else await find(name)

    monkeypatch.setattr(stand.registry, "find", find_others)

    found = await stand.begin()

    assert [build.plan.source.address for build in found.begun] == [address(0)]
    why = {each.image.plan.source.address: each.why_skipped for each in found.items}
    assert why == {
        address(0): "",
        address(1): PRIVATE,
        address(2): PROTECTED,
        address(3): "This address is not allowed here. Allow it with Some.rules.",
        address(4): GONE,
    }


@pytest.mark.parametrize(
    ("found", "terms"),
    [
        ({"private": True}, SourceTerms()),
        ({"credentials": Credentials("who", "knows")}, SourceTerms()),
        ({}, SourceTerms(private=True)),
    ],
    ids=["in a private network", "with the administrator's credentials", "by a rule"],
)
async def test_what_has_become_private_is_not_made_again_for_everybody(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], terms: SourceTerms
) -> None:
    stand.put(address(1))

    async def resolve(source: Source) -> ResolvedSource:
        return ResolvedSource(source, source.ref, source.ref, source.address, **found)

    monkeypatch.setattr(stand.sources, "resolve", resolve)
    monkeypatch.setattr(stand.sources, "terms", lambda _: terms)

    [left] = (await stand.begin()).items
    assert (left.standing, left.why_skipped) == (Standing.SKIPPED, PRIVATE)


async def test_a_rule_that_makes_an_address_private_holds_also_while_its_repository_is_away(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.put(address(1))
    stand.sources.locked = {address(1): "who:knows"}
    monkeypatch.setattr(stand.sources, "terms", lambda _: SourceTerms(private=True))

    [left] = (await stand.begin()).items
    assert (left.standing, left.why_skipped) == (Standing.SKIPPED, PRIVATE)


async def test_addresses_that_are_refused_are_not_asked_for_each_time(stand: Stand) -> None:
    for number in range(3):
        stand.put(address(number))
    stand.sources.forbidden = frozenset(map(address, range(3)))
    now = datetime(2026, 1, 31, tzinfo=UTC)
    service = replace(stand.service, clock=lambda: now)

    for _ in range(3):
        assert (await service.begin(root)).counts() == {Standing.SKIPPED: 3}
    assert stand.sources.asked == 3

    stand.sources.forbidden = frozenset()
    now += timedelta(minutes=11)
    assert len((await service.begin(root)).begun) == 2


async def test_a_request_that_takes_too_long_is_gone_on_with_by_the_next_one(stand: Stand) -> None:
    for number in range(3):
        stand.put(address(number))
    stand.sources.forbidden = frozenset({address(1), address(2)})
    stand.sources.pause = 0.3
    service = replace(stand.service, patience=0.2)

    answers = [await service.begin(root) for _ in range(3)]

    assert [each.counts()[Standing.WAITING] for each in answers] == [2, 1, 0]
    assert [len(each.begun) for each in answers] == [0, 0, 1]


async def test_a_repository_that_moved_is_fetched_from_where_it_is_now(stand: Stand) -> None:
    stand.put(address(1))
    stand.sources.moved = {address(1): address(9)}

    [build] = (await stand.begin()).begun

    assert (build.plan.source.address, build.plan.clone_address) == (address(1), address(9))


async def test_an_address_that_was_allowed_as_a_public_one_is_only_fetched_as_that(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.put(address(1))

    async def resolve(source: Source) -> ResolvedSource:
        return ResolvedSource(source, source.ref, source.ref, source.address, public_only=True)

    monkeypatch.setattr(stand.sources, "resolve", resolve)

    [build] = (await stand.begin()).begun
    assert build.plan.public_only


async def test_a_repository_that_is_away_is_tried_once_by_a_build(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.put(address(1))
    stand.sources.locked = {address(1): "who:knows"}

    [build] = (await stand.begin()).begun
    stand.builder.finish(build.id, Reason.SOURCE_UNREACHABLE)

    assert (await stand.begin()).begun == []


async def test_an_owner_with_no_room_for_a_build_keeps_nobody_else_waiting(stand: Stand) -> None:
    stand.put(address(0), CAT)
    stand.put(address(1), BOB)
    stand.put(address(2), ADA)
    stand.put(address(3), ADA)
    admission = replace(stand.service.admission, quotas=Quotas(builds=1))
    service = replace(stand.service, admission=admission, at_once=3)

    found = await service.begin(root)

    assert [build.plan.owner for build in found.begun] == [ADA, BOB, CAT]
    assert found.counts()[Standing.WAITING] == 1


async def test_an_owner_with_as_many_images_as_allowed_gets_them_renewed(stand: Stand) -> None:
    stand.put(address(1))
    admission = replace(stand.service.admission, quotas=Quotas(images=1))

    assert len((await replace(stand.service, admission=admission).begin(root)).begun) == 1


async def test_while_it_is_not_known_how_images_are_built_now_none_is_said_to_be_up_to_date(stand: Stand) -> None:
    stand.builder.build_settings = ""
    assert (await stand.service.preview(root)).items == []

    stand.put(address(1))
    for ask in (stand.service.preview, stand.service.begin):
        with pytest.raises(BuilderUnavailable, match="which repo2docker image"):
            await ask(root)


@pytest.mark.parametrize("partial", [True, False])
async def test_where_not_all_images_are_known_that_is_said(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, partial: bool
) -> None:
    stand.put(address(1))
    known = replace(await stand.registry.list(), partial=partial)

    async def some() -> ImageList:
        return known

    monkeypatch.setattr(stand.registry, "list", some)

    assert (await stand.service.preview(root)).partial is partial
    assert (await stand.begin()).partial is partial


async def test_where_the_disk_is_low_that_is_said(stand: Stand) -> None:
    stand.put(address(1))
    stand.builder.min_free_disk, stand.builder.free_space = 10, 9

    with pytest.raises(DiskLow):
        await stand.begin()


async def test_each_begun_build_is_told_in_the_audit_stream(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    image = stand.put(address(1), LAB, ADA)
    with caplog.at_level(logging.INFO, AUDIT):
        [build] = (await stand.begin()).begun

    [record] = [each for each in caplog.records if each.name == AUDIT]
    assert record.data == {  # type: ignore[attr-defined]  # an extra of the record
        "action": "build",
        "who": "user:root",
        "outcome": "done",
        "target": build.id,
        "image": str(image.name),
        "repo": address(1),
        "commit": image.plan.commit,
        "owner": "group:lab",
        "build": "rebuild",
    }
