"""Removing all that one owner has: what goes, what is left and why, and that it can be gone on with."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.domain.people import ADA, BOB, LAB, image_of, person, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import BuilderUnavailable, Forbidden, RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Destination, Image, ImageList, ImageName, Owner
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.retention.leftovers import Kind
from repo2docker_service.domain.retention.removal import Holdings, RemovalService
from repo2docker_service.domain.retention.retention import LocalCopy

root = person("root", "admin")


class Shaky(InMemoryRegistry):
    """A registry that goes away after so many deletions, or before it is listed."""

    deletions = 1000
    lists = True

    async def list(self) -> ImageList:
        if not self.lists:
            raise RegistryUnavailable("registry", "it is away")
        return await super().list()

    async def delete(self, image: ImageName, digest: str, *, siblings: bool = False) -> None:
        self.deletions -= 1
        if self.deletions < 0:
            raise RegistryUnavailable("registry", "it is away")
        await super().delete(image, digest, siblings=siblings)


@pytest.fixture
async def builder(installation: Installation) -> AsyncIterator[InMemoryImageBuilder]:
    async with InMemoryImageBuilder(installation=installation, manual=True) as builder:
        yield builder


@pytest.fixture
def registry(installation: Installation) -> Shaky:
    return Shaky(installation=installation, push=True)


@pytest.fixture
def entries() -> list[CatalogEntry]:
    return []


@pytest.fixture
def removal(
    builder: InMemoryImageBuilder, registry: Shaky, policy: Policy, entries: list[CatalogEntry]
) -> RemovalService:
    return RemovalService(builder, registry, CuratedImages(registry, lambda: entries), policy)


def put(registry: InMemoryRegistry, builder: InMemoryImageBuilder, tag: str, owner: Owner = ADA) -> Image:
    """Put an image into the registry, and a copy of it on the engine."""
    image = image_of(plan_of(owner, ADA, tag=tag))
    registry.put(image)
    builder.keep_copy(LocalCopy(image.name, image.digest, image.plan, datetime.now(UTC), 5, in_use=False))
    return image


async def start(builder: InMemoryImageBuilder, tag: str, owner: Owner = ADA, *, ended: bool = False) -> str:
    plan = plan_of(owner, ADA, tag=tag)
    await builder.start(plan, Destination(plan.image, push=True))
    if ended:
        builder.finish(plan.id)
    return plan.id


def gone(found: Holdings) -> list[tuple[Kind, str]]:
    return [(each.what.kind, each.what.name.rpartition(":")[2]) for each in found.items if not each.stays]


def left(found: Holdings) -> dict[str, str]:
    return {each.what.name.rpartition(":")[2]: each.stays for each in found.items if each.stays}


async def test_builds_in_every_state_go_with_images_and_their_copies_and_nothing_of_others(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    queued, running = await start(builder, "queued"), await start(builder, "running")
    ended = await start(builder, "ended", ended=True)
    builder.begin(running)
    put(registry, builder, "hers")
    others = [await start(builder, str(owner), owner) for owner in (BOB, LAB)]
    bobs, labs = put(registry, builder, "bobs", BOB), put(registry, builder, "labs", LAB)

    found = await removal.remove(root, ADA)

    assert left(found) == {}
    assert set(gone(found)) == {
        *((Kind.BUILD, build) for build in (queued, running, ended)),
        *((Kind.IMAGE, tag) for tag in ("ended", "hers")),
        (Kind.COPY, "hers"),
    }
    assert [build.id for build in await builder.list()] == others
    assert {image.name for image in (await registry.list()).images} == {bobs.name, labs.name}
    assert {copy.name for copy in await builder.copies()} == {bobs.name, labs.name}


async def test_a_preview_tells_the_same_and_removes_nothing(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    await start(builder, "queued")
    put(registry, builder, "hers")
    put(registry, builder, "used")
    registry.use(image_of(plan_of(tag="used")).name, "a server")

    previewed = await removal.preview(root, ADA)

    assert previewed == await removal.preview(root, ADA) == await removal.remove(root, ADA)
    assert len(gone(previewed)) == 3
    assert list(left(previewed)) == ["used"]


async def test_asked_again_there_is_nothing(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    await start(builder, "queued")
    put(registry, builder, "hers")
    await removal.remove(root, ADA)

    assert await removal.remove(root, ADA) == Holdings([])


@pytest.mark.parametrize("doubt", ["partial", "stale"])
async def test_where_not_all_images_are_known_that_nothing_is_left_is_not_certain(
    builder: InMemoryImageBuilder,
    registry: Shaky,
    removal: RemovalService,
    doubt: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(registry, builder, "hers")
    whole = await registry.list()

    async def doubtful() -> ImageList:
        return replace(whole, partial=doubt == "partial", stale=doubt == "stale")

    assert not (await removal.preview(root, ADA)).partial
    monkeypatch.setattr(registry, "list", doubtful)

    assert (await removal.preview(root, ADA)).partial
    assert (await removal.remove(root, ADA)).partial


async def test_what_a_server_is_from_is_left_with_its_copy_until_the_server_is_gone(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    image = put(registry, builder, "used")
    registry.use(image.name, "a server")

    assert left(await removal.remove(root, ADA)) == {
        "used": f"The image {image.name} is in use by a container. Stop it first."
    }
    assert len(await builder.copies()) == 1

    registry.release(image.name, "a server")
    assert gone(await removal.remove(root, ADA)) == [(Kind.IMAGE, "used"), (Kind.COPY, "used")]


async def test_a_protected_image_is_left_unless_that_is_asked_for(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService, entries: list[CatalogEntry]
) -> None:
    image = put(registry, builder, "kept")
    entries.append(CatalogEntry(image.plan.source.address, commit="a" * 40, curation=Curation(protected=True)))

    for ask in (removal.preview, removal.remove):
        assert "protected by the catalog" in left(await ask(root, ADA))["kept"]

    assert left(await removal.preview(root, ADA, protected=True)) == {}
    assert len(gone(await removal.remove(root, ADA, protected=True))) == 2
    assert (await registry.list()).images == ()


async def test_where_the_registry_goes_away_in_the_middle_it_is_told_what_is_left_and_the_next_call_goes_on(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    await start(builder, "queued")
    for number in range(20):
        put(registry, builder, str(number))
    registry.deletions = 5

    found = await removal.remove(root, ADA)

    assert len(left(found)) == 15
    assert all("it is away" in reason for reason in left(found).values())
    assert len((await registry.list()).images) == len(await builder.copies()) == 15

    registry.deletions = 1000
    assert len(gone(await removal.remove(root, ADA))) == 30
    assert (await registry.list()).images == ()


async def test_while_it_cannot_be_known_what_there_is_nothing_goes(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    build = await start(builder, "queued")
    registry.lists = False

    for ask in (removal.preview, removal.remove):
        with pytest.raises(RegistryUnavailable):
            await ask(root, ADA)

    assert [each.id for each in await builder.list() if not each.state.ended] == [build]


async def test_a_build_that_the_engine_does_not_let_go_is_left_and_all_else_goes(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    class Stuck(InMemoryImageBuilder):
        async def forget(self, build_id: str) -> None:
            raise BuilderUnavailable("engine", "the connection broke")

    stuck = Stuck(installation=builder.installation, manual=True)
    build = await start(builder, "queued")
    put(registry, builder, "hers")

    found = await replace(removal, builder=stuck).remove(root, ADA)

    assert list(left(found)) == [build]
    assert gone(found) == [(Kind.IMAGE, "hers"), (Kind.COPY, "hers")]


async def test_other_names_of_the_same_content_go_too_unless_they_are_somebody_elses(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    image = put(registry, builder, "one")
    registry.put(image, replace(image.name, tag="two"))
    shared = put(registry, builder, "shared")
    bobs = replace(shared, name=replace(shared.name, tag="bobs"), plan=plan_of(BOB, tag="bobs"))
    registry.put(bobs)

    found = await removal.remove(root, ADA)

    assert list(left(found)) == ["shared"]
    assert {image.name.tag for image in (await registry.list()).images} == {"shared", "bobs"}


async def test_a_protected_image_is_not_deleted_by_another_name_of_its_content(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService, entries: list[CatalogEntry]
) -> None:
    kept = put(registry, builder, "kept")
    alias = replace(kept.name, tag="alias")
    registry.put(replace(kept, plan=replace(kept.plan, commit="b" * 40)), alias)
    registry.put(kept)
    entries.append(CatalogEntry(kept.plan.source.address, commit="a" * 40, curation=Curation(protected=True)))

    assert set(left(await removal.remove(root, ADA))) == {"kept", "alias"}
    assert len((await registry.list()).images) == 2

    assert left(await removal.remove(root, ADA, protected=True)) == {}


async def test_what_the_engine_has_of_an_image_that_is_gone_goes(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    image = put(registry, builder, "gone")
    await registry.delete(image.name, image.digest)

    assert gone(await removal.remove(root, ADA)) == [(Kind.COPY, "gone")]


async def test_where_the_engine_is_the_registry_an_image_has_no_copy(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService
) -> None:
    put(registry, builder, "hers")
    registry.push = False

    assert gone(await removal.remove(root, ADA)) == [(Kind.IMAGE, "hers")]


@pytest.mark.parametrize("scope", ["images:delete", "builds:cancel", "admin!user"])
async def test_only_an_administrator_may(removal: RemovalService, scope: str) -> None:
    for ask in (removal.preview, removal.remove):
        with pytest.raises(Forbidden):
            await ask(person("ada", scope), ADA)


async def test_the_audit_stream_tells_of_each_thing_who_had_it_removed(
    builder: InMemoryImageBuilder, registry: Shaky, removal: RemovalService, caplog: pytest.LogCaptureFixture
) -> None:
    image = put(registry, builder, "hers")
    used = put(registry, builder, "used")
    registry.use(used.name, "a server")

    with caplog.at_level(logging.INFO, "repo2docker_service.audit"):
        await removal.remove(person("root of all", "admin"), ADA)

    common = f"action=remove who=user:root\\x20of\\x20all outcome=done kind={{}} target={image.name} repo="
    assert [message.partition("https:")[0] for message in caplog.messages] == [
        common.format("image"),
        common.format("copy"),
    ]
