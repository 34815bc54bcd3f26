# ruff: noqa: D102  # a test's name is its sentence
"""What every image builder must do when builds are cancelled, forgotten and watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import cast

import pytest

from repo2docker_service.domain.capabilities import Collectable
from repo2docker_service.domain.errors import BuildActive, BuildFinished, BuildNotFound
from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.domain.ports import Registry
from repo2docker_service.domain.retention.retention import LocalCopy
from repo2docker_service.testing.builder_suite import BuilderSuite
from repo2docker_service.testing.driving import Driver, Outcome, again, lines_of, next_where, numbers


class BuildEnds(BuilderSuite):
    """What has ended stays ended, and goes only when it is told to."""

    async def test_a_queued_build_that_is_cancelled_never_runs(self, drive: Driver, registry: Registry | None) -> None:
        crowd = await drive.crowd()
        waiting = await drive.start(Outcome.SUCCEEDS)

        cancelled = await drive.builder.cancel(waiting.id)
        await drive.builder.cancel(crowd[0].id)
        following = await drive.run(Outcome.SUCCEEDS)

        assert cancelled.state is BuildState.CANCELLED
        assert following.state is BuildState.SUCCEEDED
        assert (await drive.builder.get(waiting.id)).state is BuildState.CANCELLED
        assert numbers(lines_of(await drive.log(waiting.id))) == []
        assert registry is None or await registry.find(waiting.plan.image) is None

    async def test_a_running_build_that_is_cancelled_stops_and_keeps_its_log(
        self, drive: Driver, registry: Registry | None
    ) -> None:
        build = await drive.running(5)

        cancelled = await drive.builder.cancel(build.id)
        log = lines_of(await drive.followed(build.id))

        assert cancelled.state is BuildState.CANCELLED
        assert cancelled.finished_at is not None
        assert numbers(log)[:5] == [1, 2, 3, 4, 5]
        assert (await drive.builder.get(build.id)).state is BuildState.CANCELLED
        assert registry is None or await registry.find(build.plan.image) is None

    async def test_cancelling_twice_is_safe(self, drive: Driver) -> None:
        build = await drive.running()

        at_once = await asyncio.gather(drive.builder.cancel(build.id), drive.builder.cancel(build.id))
        later = await drive.builder.cancel(build.id)

        assert {seen.state for seen in (*at_once, later)} == {BuildState.CANCELLED}
        assert [seen.id for seen in await drive.builder.list()].count(build.id) == 1

    @pytest.mark.parametrize("outcome", [Outcome.SUCCEEDS, Outcome.FAILS])
    async def test_a_build_that_has_ended_otherwise_cannot_be_cancelled(self, drive: Driver, outcome: Outcome) -> None:
        build = await drive.run(outcome)

        with pytest.raises(BuildFinished) as caught:
            await drive.builder.cancel(build.id)

        assert caught.value.state == build.state
        assert (await drive.builder.get(build.id)).state is build.state

    async def test_a_cancelled_build_can_be_started_anew(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.RUNS_LONG)
        await drive.start_plan(plan, destination)
        await drive.builder.cancel(plan.id)

        new = await drive.start_plan(again(plan), destination)
        await drive.written(new.id, 5)

        assert not new.joined
        assert (await drive.builder.get(plan.id)).state is BuildState.CANCELLED

    @pytest.mark.parametrize("outcome", [Outcome.SUCCEEDS, Outcome.FAILS])
    async def test_a_forgotten_build_is_gone_with_its_log(self, drive: Driver, outcome: Outcome) -> None:
        build = await drive.run(outcome)

        await drive.builder.forget(build.id)

        assert build.id not in [seen.id for seen in await drive.builder.list()]
        with pytest.raises(BuildNotFound):
            await drive.builder.get(build.id)
        with pytest.raises(BuildNotFound):
            await drive.log(build.id)
        with pytest.raises(BuildNotFound):
            await drive.builder.forget(build.id)

    async def test_the_image_of_a_forgotten_build_stays(self, drive: Driver, delivered_to: Registry) -> None:
        build = await drive.run(Outcome.SUCCEEDS)

        await drive.builder.forget(build.id)

        assert await delivered_to.find(build.plan.image) is not None

    async def test_a_copy_that_is_not_there_is_not_dropped(self, drive: Driver) -> None:
        builder = drive.builder
        if not isinstance(builder, Collectable):
            pytest.skip("this builder keeps everything for ever")
        plan, destination = drive.plan(Outcome.SUCCEEDS)
        copy = LocalCopy(destination.image, "sha256:0", plan, datetime.now(UTC), 1, in_use=False)

        assert not await builder.drop_copy(copy)
        assert copy.name not in {each.name for each in await builder.copies()}

    async def test_a_build_under_way_cannot_be_forgotten(self, drive: Driver) -> None:
        running = (await drive.crowd())[0]
        waiting = await drive.start(Outcome.SUCCEEDS)

        for build in (running, waiting):
            with pytest.raises(BuildActive):
                await drive.builder.forget(build.id)

    async def test_a_cancelled_build_can_be_forgotten(self, drive: Driver) -> None:
        build = await drive.running()
        await drive.builder.cancel(build.id)

        await drive.builder.forget(build.id)

        with pytest.raises(BuildNotFound):
            await drive.builder.get(build.id)

    async def test_who_watches_is_told_of_a_build_and_of_its_end(self, drive: Driver) -> None:
        changes = drive.builder.watch()
        build = await drive.start(Outcome.RUNS_LONG)
        async with asyncio.timeout(drive.settle):
            begun = await next_where(changes, build.id, ended=False)
            await drive.builder.cancel(build.id)
            ended = await next_where(changes, build.id, ended=True)
        await cast("AsyncGenerator[Build]", changes).aclose()

        assert begun.plan == build.plan
        assert ended.state is BuildState.CANCELLED

    async def test_watching_can_be_given_up_while_nothing_happens(self, drive: Driver) -> None:
        changes = drive.builder.watch()
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        await cast("AsyncGenerator[Build]", changes).aclose()

        assert (await drive.run(Outcome.SUCCEEDS)).state is BuildState.SUCCEEDED
