"""The use cases around builds, over in-memory adapters."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from tests.unit.domain.people import ADA, BOB, LAB, collect, image_of, person, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import (
    BuildActive,
    BuildFinished,
    BuildNotFound,
    Forbidden,
    InvalidInput,
    LogCollected,
    RefNotFound,
    SourceUnreachable,
)
from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    BuildRequest,
    BuildState,
    Destination,
    LogChunk,
    Progress,
    Reason,
    Source,
)
from repo2docker_service.domain.resolved import ResolvedSource

REPOSITORY = "https://example.org/a/b"
REQUEST = BuildRequest(Source(REPOSITORY, "main"))
EVERYTHING = ("builds:read", "builds:create", "builds:cancel", "images:read", "images:delete")
ada, bob, cat = (person(name, *EVERYTHING) for name in ("ada", "bob", "cat"))
root = person("root", "admin")
reader = person("reader", "images:read")
nobody = person("nobody")


async def finished(builds: BuildService, builder: InMemoryImageBuilder, request: BuildRequest = REQUEST) -> Build:
    """Have Ada build something."""
    build = await builds.start(ada, request)
    builder.write(build.id, "one", "two")
    builder.finish(build.id)
    return await builds.get(ada, build.id)


async def private_build(builder: InMemoryImageBuilder) -> Build:
    """Put a private build of Ada's on record, as a build with credentials will be."""
    plan = plan_of(ADA, private=True)
    return await builder.start(plan, Destination(plan.image, push=False))


class TestStarting:
    async def test_a_new_build_is_planned_from_what_was_asked(
        self, builds: BuildService, resolver: InMemorySourceResolver
    ) -> None:
        resolver.repositories = {REPOSITORY: {"main": "c" * 40}}
        request = BuildRequest(
            Source(f" {REPOSITORY}/ ", "main", "./sub/"), build_args={"A": "1"}, title="Title", description="Words"
        )

        build = await builds.start(ada, request)

        plan = build.plan
        assert build.state is BuildState.QUEUED
        assert (plan.source, plan.commit) == (Source(REPOSITORY, "main", "sub"), "c" * 40)
        assert (plan.owner, plan.requested_by, plan.private) == (ADA, ADA, False)
        assert (plan.build_args, plan.title, plan.description) == ({"A": "1"}, "Title", "Words")
        assert str(plan.image).startswith(f"localhost/r2d/example.org--a--b:{'c' * 40}-")
        assert plan.clone_address == ""
        assert not build.reused
        assert len(plan.id) >= 16

    async def test_an_existing_image_is_the_answer_and_nothing_is_built(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        first = await finished(builds, builder)

        second = await builds.start(bob, REQUEST)

        assert second.reused
        assert (second.id, second.state, second.digest) == (first.id, BuildState.SUCCEEDED, first.digest)
        assert len(await builder.list()) == 1

    async def test_an_existing_image_of_other_options_is_no_answer(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        await finished(builds, builder)

        for other in (
            BuildRequest(Source(REPOSITORY, "other")),
            BuildRequest(Source(REPOSITORY, "main", "sub")),
            BuildRequest(REQUEST.source, build_args={"A": "1"}),
        ):
            assert not (await builds.start(ada, other)).reused

    async def test_force_builds_although_there_is_an_image(
        self, builds: BuildService, builder: InMemoryImageBuilder, registry: InMemoryRegistry
    ) -> None:
        first = await finished(builds, builder)

        again = await finished(builds, builder, BuildRequest(REQUEST.source, force=True))

        assert again.id != first.id
        assert again.plan.image == first.plan.image
        assert again.digest != first.digest
        assert len((await registry.list()).images) == 1

    async def test_force_over_an_image_needs_the_right_to_delete_it(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        await finished(builds, builder)
        force = BuildRequest(REQUEST.source, force=True)

        for who in (bob, person("ada", "builds:create")):
            with pytest.raises(Forbidden):
                await builds.start(who, force)

        assert len(await builder.list()) == 1

    async def test_force_over_an_image_keeps_its_owner(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        await finished(builds, builder)

        build = await builds.start(root, BuildRequest(REQUEST.source, force=True))

        assert (build.plan.owner, build.plan.requested_by) == (ADA, root.owner)

    async def test_force_without_an_image_is_an_ordinary_build(self, builds: BuildService) -> None:
        build = await builds.start(bob, BuildRequest(REQUEST.source, force=True))

        assert build.plan.owner == BOB

    async def test_a_second_request_joins_the_running_build(self, builds: BuildService) -> None:
        first = await builds.start(ada, REQUEST)

        second = await builds.start(bob, REQUEST)

        assert (second.id, second.joined) == (first.id, True)
        assert second.plan.owner == ADA
        assert (await builds.list(bob)).total == 1

    async def test_a_failed_build_is_not_joined(self, builds: BuildService, builder: InMemoryImageBuilder) -> None:
        first = await builds.start(ada, REQUEST)
        builder.finish(first.id, Reason.BUILD_FAILED)

        second = await builds.start(ada, REQUEST)

        assert not second.joined
        assert {build.id for build in (await builds.list(ada)).items} == {first.id, second.id}

    async def test_one_can_build_for_a_group_of_ones_own(self, builds: BuildService) -> None:
        request = BuildRequest(REQUEST.source, owner=LAB)

        build = await builds.start(person("ada", "builds:create", groups=("lab",)), request)

        assert (build.plan.owner, build.plan.requested_by) == (LAB, ADA)
        with pytest.raises(Forbidden):
            await builds.start(bob, request)

    async def test_who_may_not_build_contacts_no_address(
        self, builds: BuildService, resolver: InMemorySourceResolver
    ) -> None:
        resolver.accept_any = False

        with pytest.raises(Forbidden):
            await builds.start(reader, REQUEST)

    @pytest.mark.parametrize(
        ("request_", "field"),
        [
            (BuildRequest(Source("file:///etc")), "repo"),
            (BuildRequest(Source(REPOSITORY, "--x")), "ref"),
            (BuildRequest(Source(REPOSITORY, "main", "..")), "subdir"),
            (BuildRequest(REQUEST.source, build_args={"PATH": "/"}), "build_args"),
            (BuildRequest(REQUEST.source, title="\x00"), "title"),
            (BuildRequest(REQUEST.source, description="x" * 3000), "description"),
        ],
    )
    async def test_bad_input_is_refused_by_field_and_starts_nothing(
        self, builds: BuildService, builder: InMemoryImageBuilder, request_: BuildRequest, field: str
    ) -> None:
        with pytest.raises(InvalidInput) as caught:
            await builds.start(ada, request_)

        assert caught.value.field == field
        assert await builder.list() == []

    async def test_an_unknown_ref_is_refused_with_near_ones(
        self, builds: BuildService, builder: InMemoryImageBuilder, resolver: InMemorySourceResolver
    ) -> None:
        resolver.repositories = {REPOSITORY: {"feature/main": "c" * 40, "develop": "d" * 40}}

        with pytest.raises(RefNotFound) as caught:
            await builds.start(ada, BuildRequest(Source(REPOSITORY, "develpo")))
        with pytest.raises(RefNotFound):
            await builds.start(ada, REQUEST)

        assert "develpo" in str(caught.value)
        assert caught.value.near == ["develop"]
        assert await builder.list() == []

    async def test_an_unreachable_repository_starts_nothing(
        self, builds: BuildService, builder: InMemoryImageBuilder, resolver: InMemorySourceResolver
    ) -> None:
        resolver.accept_any = False

        with pytest.raises(SourceUnreachable):
            await builds.start(ada, REQUEST)

        assert await builder.list() == []


class TestReading:
    async def test_a_finished_build_has_the_digest_of_its_image(
        self, builds: BuildService, builder: InMemoryImageBuilder, registry: InMemoryRegistry
    ) -> None:
        build = await finished(builds, builder)

        image = await registry.find(build.plan.image)
        assert image is not None
        assert build.digest == image.digest
        assert build.launchable is True

    async def test_a_build_has_no_digest_while_it_runs_and_when_its_image_is_gone(
        self, builds: BuildService, builder: InMemoryImageBuilder, registry: InMemoryRegistry
    ) -> None:
        running = await builds.start(ada, REQUEST)
        assert (await builds.get(ada, running.id)).digest is None
        builder.finish(running.id)
        build = await builds.get(ada, running.id)
        assert build.digest is not None

        await registry.delete(build.plan.image, build.digest)

        assert (await builds.get(ada, build.id)).digest is None

    async def test_a_build_does_not_show_the_digest_of_a_later_one(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        first = await finished(builds, builder)
        await finished(builds, builder, BuildRequest(REQUEST.source, force=True))

        assert (await builds.get(ada, first.id)).digest is None

    async def test_a_build_that_was_collected_is_known_from_its_image(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await finished(builds, builder)
        await builder.forget(build.id)

        collected = await builds.get(ada, build.id)

        assert (collected.state, collected.digest, collected.plan) == (build.state, build.digest, build.plan)
        assert collected.launchable is build.launchable is True

    async def test_the_log_of_a_collected_build_is_gone(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await finished(builds, builder)
        await builder.forget(build.id)

        with pytest.raises(BuildFinished):
            await builds.cancel(ada, build.id)
        with pytest.raises(LogCollected):
            await builds.log(ada, build.id)
        with pytest.raises(LogCollected):
            await builds.follow(ada, build.id)

    async def test_an_unknown_build_is_not_found(self, builds: BuildService) -> None:
        with pytest.raises(BuildNotFound):
            await builds.get(root, "0" * 32)

    async def test_private_builds_are_missing_for_others_in_every_way(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await private_build(builder)

        for who in (bob, reader, nobody):
            for call in (builds.get, builds.log, builds.follow, builds.cancel, builds.forget):
                with pytest.raises(BuildNotFound):
                    await call(who, build.id)
        assert (await builds.list(bob)).total == 0
        assert [seen.id for seen in (await builds.list(ada)).items] == [build.id]
        assert (await builds.list(root)).total == 1

    async def test_a_collected_private_build_is_missing_for_others(
        self, builds: BuildService, registry: InMemoryRegistry
    ) -> None:
        plan = plan_of(ADA, private=True)
        registry.put(image_of(plan))

        assert (await builds.get(ada, plan.id)).plan == plan
        with pytest.raises(BuildNotFound):
            await builds.log(bob, plan.id)

    async def test_who_joins_a_build_sees_its_state_and_log(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await builds.start(ada, REQUEST)
        builder.write(build.id, "one")

        assert (await builds.get(bob, build.id)).state is BuildState.BUILDING
        assert await collect(await builds.log(bob, build.id)) == [LogChunk(1, ("one",), "1")]

    async def test_lists_are_filtered_paged_and_newest_first(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        started = [await builds.start(ada, BuildRequest(Source(REPOSITORY, f"v{number}"))) for number in range(5)]
        builder.begin(started[0].id)
        mine = await builds.start(bob, REQUEST)
        newest_first = [mine.id, *(build.id for build in reversed(started))]

        first = await builds.list(ada, limit=4)
        second = await builds.list(ada, limit=4, cursor=first.next or "")

        assert [build.id for build in (*first.items, *second.items)] == newest_first
        assert (first.total, second.next) == (6, None)
        assert [build.id for build in (await builds.list(ada, owner=BOB)).items] == [mine.id]
        assert [build.id for build in (await builds.list(ada, state=BuildState.BUILDING)).items] == [started[0].id]
        assert [build.id for build in (await builds.list(ada, q="V3 HTTPS")).items] == [started[3].id]
        assert (await builds.list(ada, q="v3 bob")).total == 0

    async def test_who_may_read_nothing_gets_no_list(self, builds: BuildService) -> None:
        with pytest.raises(Forbidden):
            await builds.list(nobody)
        with pytest.raises(Forbidden):
            await builds.watch(nobody)


class TestFollowing:
    async def test_all_lines_come_and_the_ended_build_last(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await builds.start(ada, REQUEST)
        following = asyncio.create_task(collect(await builds.follow(bob, build.id)))
        for number in range(1, 10):
            builder.write(build.id, f"line {number}")
            await asyncio.sleep(0)
        builder.finish(build.id)

        items = await following

        lines = [line for item in items if isinstance(item, LogChunk) for line in item.lines]
        last = items[-1]
        assert lines == [f"line {number}" for number in range(1, 10)]
        assert isinstance(last, Build)
        assert last.state is BuildState.SUCCEEDED
        assert last == await builds.get(ada, build.id)
        assert last.digest is not None

    async def test_the_first_item_is_the_build_as_it_is(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await builds.start(ada, REQUEST)
        following = await builds.follow(ada, build.id)
        builder.begin(build.id)

        first = await anext(following)

        assert isinstance(first, Build)
        assert first.state is BuildState.BUILDING

    async def test_a_change_right_after_the_first_item_is_told(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await builds.start(ada, REQUEST)
        following = await builds.follow(ada, build.id)
        await anext(following)
        builder.begin(build.id)

        second = await anext(following)

        assert isinstance(second, Build)
        assert second.state is BuildState.BUILDING

    async def test_progress_comes_right_after_the_lines_that_tell_it(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await builds.start(ada, REQUEST)
        builder.write(build.id, "#5 [1/9] FROM", "#6 [2/9] RUN")
        builder.finish(build.id, Reason.BUILD_FAILED)

        items = await collect(await builds.follow(ada, build.id))

        assert [item.progress for item in items if isinstance(item, Build)][-1] == Progress(2, 9)

    async def test_the_same_build_is_not_told_twice(self, builds: BuildService, builder: InMemoryImageBuilder) -> None:
        build = await builds.start(ada, REQUEST)
        following = asyncio.create_task(collect(await builds.follow(ada, build.id)))
        for number in range(1, 10):
            builder.write(build.id, f"#{number} [{number}/9] RUN")
            for _ in range(number):
                await asyncio.sleep(0)
        builder.finish(build.id)

        told = [item for item in await following if isinstance(item, Build)]

        assert all(one != next_one for one, next_one in pairwise(told))

    async def test_other_builds_are_not_told(self, builds: BuildService, builder: InMemoryImageBuilder) -> None:
        build = await builds.start(ada, REQUEST)
        following = await builds.follow(ada, build.id)
        await anext(following)
        await finished(builds, builder, BuildRequest(Source(REPOSITORY, "other")))
        builder.begin(build.id)

        told = await anext(following)

        assert isinstance(told, Build)
        assert (told.id, told.state) == (build.id, BuildState.BUILDING)

    async def test_following_goes_on_after_a_line(self, builds: BuildService, builder: InMemoryImageBuilder) -> None:
        build = await finished(builds, builder)

        items = await collect(await builds.follow(ada, build.id, "1"))

        assert [item.lines for item in items if isinstance(item, LogChunk)] == [("two",)]

    @pytest.mark.parametrize("end", ["failed", "cancelled"])
    async def test_following_ends_with_however_the_build_ended(
        self, builds: BuildService, builder: InMemoryImageBuilder, end: str
    ) -> None:
        build = await builds.start(ada, REQUEST)
        following = asyncio.create_task(collect(await builds.follow(ada, build.id)))
        await asyncio.sleep(0)
        if end == "failed":
            builder.finish(build.id, Reason.TIMED_OUT)
        else:
            await builds.cancel(ada, build.id)

        last = (await following)[-1]

        assert isinstance(last, Build)
        assert last.state == end


class TestWatching:
    async def test_changes_are_told_to_who_may_know(self, builds: BuildService, builder: InMemoryImageBuilder) -> None:
        changes = await builds.watch(bob)
        await private_build(builder)

        shared = await builds.start(ada, REQUEST)

        assert (await anext(changes)).id == shared.id


class TestEnding:
    async def test_the_owner_and_admins_cancel(self, builds: BuildService) -> None:
        for who in (ada, root):
            build = await builds.start(ada, REQUEST)

            assert (await builds.cancel(who, build.id)).state is BuildState.CANCELLED

    async def test_who_joined_a_build_does_not_cancel_it(self, builds: BuildService) -> None:
        build = await builds.start(ada, REQUEST)
        await builds.start(bob, REQUEST)

        with pytest.raises(Forbidden):
            await builds.cancel(bob, build.id)

        assert (await builds.get(ada, build.id)).state is BuildState.QUEUED

    async def test_an_ended_build_is_not_cancelled(self, builds: BuildService, builder: InMemoryImageBuilder) -> None:
        build = await finished(builds, builder)

        with pytest.raises(BuildFinished):
            await builds.cancel(ada, build.id)

    async def test_a_forgotten_build_leaves_its_image(
        self, builds: BuildService, builder: InMemoryImageBuilder, registry: InMemoryRegistry
    ) -> None:
        build = await finished(builds, builder)

        await builds.forget(ada, build.id)

        assert (await builds.list(ada)).total == 0
        assert await registry.find(build.plan.image) is not None

    async def test_only_the_owner_forgets_and_only_what_has_ended(
        self, builds: BuildService, builder: InMemoryImageBuilder
    ) -> None:
        build = await builds.start(ada, REQUEST)
        with pytest.raises(BuildActive):
            await builds.forget(ada, build.id)
        builder.finish(build.id, Reason.BUILD_FAILED)
        with pytest.raises(Forbidden):
            await builds.forget(bob, build.id)

        await builds.forget(ada, build.id)

        with pytest.raises(BuildNotFound):
            await builds.get(ada, build.id)


def test_ids_are_made_by_chance(builds: BuildService) -> None:
    ids = {builds.orders.new_id() for _ in range(100)}

    assert len(ids) == 100
    assert {len(each) for each in ids} == {32}


@pytest.mark.parametrize("public_only", [True, False])
async def test_a_build_goes_into_no_private_network_unless_its_address_may(
    builds: BuildService, resolver: InMemorySourceResolver, monkeypatch: pytest.MonkeyPatch, *, public_only: bool
) -> None:
    resolve = resolver.resolve

    async def bounded(source: Source, credentials: Credentials | None = None) -> ResolvedSource:
        return replace(await resolve(source, credentials), public_only=public_only)

    monkeypatch.setattr(resolver, "resolve", bounded)

    assert (await builds.start(ada, REQUEST)).plan.public_only is public_only


async def test_a_redirected_source_is_cloned_from_where_it_is_now(
    builds: BuildService, resolver: InMemorySourceResolver
) -> None:
    resolver.moved = {REPOSITORY: "https://example.org/new/b"}

    plan: BuildPlan = (await builds.start(ada, REQUEST)).plan

    assert (plan.source.address, plan.clone_address) == (REPOSITORY, "https://example.org/new/b")
