# ruff: noqa: D102  # a test's name is its sentence
"""What every image builder must do when builds are started, queued and listed."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.models import BuildState
from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.testing.builder_suite import BuilderSuite
from repo2docker_service.testing.driving import Driver, Outcome, again, lines_of, numbers

_UNKNOWN: Final = "0" * 32


class BuildStarts(BuilderSuite):
    """Each build runs once, and stays on record."""

    async def test_a_started_build_is_recorded_with_its_whole_plan(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.SUCCEEDS)

        started = await drive.start_plan(plan, destination)

        assert started.plan == plan
        assert not started.joined
        assert (await drive.builder.get(plan.id)).plan == plan
        assert plan.id in [build.id for build in await drive.builder.list()]

    async def test_a_build_that_works_ends_as_succeeded(self, drive: Driver) -> None:
        build = await drive.run(Outcome.SUCCEEDS)

        assert build.state is BuildState.SUCCEEDED
        assert (build.reason, build.queue_position) == (None, None)
        assert build.started_at is not None
        assert build.finished_at is not None
        assert build.created_at <= build.started_at <= build.finished_at
        assert build.created_at.utcoffset() == timedelta(0)

    async def test_a_build_that_has_succeeded_has_delivered_its_image(
        self, drive: Driver, delivered_to: Registry
    ) -> None:
        build = await drive.run(Outcome.SUCCEEDS)

        image = await delivered_to.find(build.plan.image)
        assert image is not None
        assert image.plan == build.plan

    async def test_an_image_that_was_just_built_and_its_build_record_the_settings_of_now(
        self, drive: Driver, delivered_to: Registry
    ) -> None:
        build = await drive.run(Outcome.SUCCEEDS)

        image = await delivered_to.find(build.plan.image)
        assert image is not None
        assert image.settings == await drive.builder.settings()
        assert build.settings in ("", image.settings)

    async def test_a_build_that_fails_says_why_and_delivers_nothing(
        self, drive: Driver, registry: Registry | None
    ) -> None:
        build = await drive.run(Outcome.FAILS)

        assert build.state is BuildState.FAILED
        assert build.reason is not None
        assert build.message
        assert registry is None or await registry.find(build.plan.image) is None

    async def test_a_second_start_joins_the_running_build(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.RUNS_LONG)
        first = await drive.start_plan(plan, destination)
        await drive.written(first.id, 1)

        second = await drive.start_plan(again(plan), destination)

        assert (second.id, second.joined) == (first.id, True)
        assert second.plan == plan
        assert [build.id for build in await drive.builder.list() if build.plan.image == plan.image] == [plan.id]

    async def test_a_second_start_joins_the_queued_build(self, drive: Driver) -> None:
        await drive.crowd()
        plan, destination = drive.plan(Outcome.SUCCEEDS)
        await drive.start_plan(plan, destination)

        second = await drive.start_plan(again(plan), destination)

        assert (second.id, second.joined, second.state) == (plan.id, True, BuildState.QUEUED)

    async def test_the_plan_of_who_joins_is_dropped(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.RUNS_LONG)
        await drive.start_plan(plan, destination)
        dropped = again(plan)
        await drive.start_plan(dropped, destination)

        with pytest.raises(BuildNotFound):
            await drive.builder.get(dropped.id)

    async def test_a_build_with_credentials_ends_as_one_without_and_tells_nothing_of_them(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.SUCCEEDS)
        plan, password = replace(plan, private=True), secrets.token_hex(16)

        await drive.start_plan(plan, destination, Credentials("ada", password))
        build = await drive.ended(plan.id)

        assert (build.state, build.plan) == (BuildState.SUCCEEDED, plan)
        assert password not in repr((build, await drive.log(plan.id)))

    async def test_many_starts_at_once_run_once(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.SUCCEEDS, 5)

        builds = await asyncio.gather(*(drive.start_plan(again(plan), destination) for _ in range(6)))

        assert len({build.id for build in builds}) == 1
        assert sorted(build.joined for build in builds) == [False, *[True] * 5]
        assert numbers(lines_of(await drive.followed(builds[0].id))) == [1, 2, 3, 4, 5]

    async def test_starts_through_two_builders_at_once_run_once(
        self, drive: Driver, other_builder: ImageBuilder
    ) -> None:
        plan, destination = drive.plan(Outcome.SUCCEEDS, 5)

        first, second = await asyncio.gather(
            drive.start_plan(plan, destination), other_builder.start(again(plan), destination)
        )

        assert first.id == second.id
        assert [first.joined, second.joined].count(True) == 1
        assert numbers(lines_of(await drive.followed(first.id))) == [1, 2, 3, 4, 5]

    async def test_an_ended_build_stays_listed_beside_the_new_one(self, drive: Driver) -> None:
        plan, destination = drive.plan(Outcome.FAILS)
        await drive.ended((await drive.start_plan(plan, destination)).id)
        log = lines_of(await drive.log(plan.id))

        new = await drive.start_plan(again(plan), destination)
        await drive.ended(new.id)

        assert not new.joined
        assert new.id != plan.id
        assert {plan.id, new.id} <= {build.id for build in await drive.builder.list()}
        assert (await drive.builder.get(plan.id)).state is BuildState.FAILED
        assert lines_of(await drive.log(plan.id)) == log

    @pytest.mark.parametrize("turns", [1, 2, 5, 20])
    async def test_an_interrupted_start_is_recorded_or_not_there_at_all(self, drive: Driver, turns: int) -> None:
        plan, destination = drive.plan(Outcome.SUCCEEDS, 5)
        start = asyncio.create_task(drive.start_plan(plan, destination))
        for _ in range(turns):
            await asyncio.sleep(0)
        start.cancel()
        await asyncio.wait([start])

        second = await drive.start_plan(again(plan), destination)

        assert (await drive.ended(second.id)).state is BuildState.SUCCEEDED
        assert numbers(lines_of(await drive.log(second.id))) == [1, 2, 3, 4, 5]

    async def test_builds_beyond_the_limit_wait_in_line(self, drive: Driver) -> None:
        await drive.crowd()
        first, second = await drive.start(Outcome.SUCCEEDS), await drive.start(Outcome.SUCCEEDS)

        seen = [await drive.builder.get(build.id) for build in (first, second)]

        assert [build.state for build in seen] == [BuildState.QUEUED, BuildState.QUEUED]
        assert [build.queue_position for build in seen] == [1, 2]
        assert [build.started_at for build in seen] == [None, None]

    async def test_a_waiting_build_runs_when_there_is_room(self, drive: Driver) -> None:
        crowd = await drive.crowd()
        waiting = await drive.start(Outcome.SUCCEEDS)

        await drive.builder.cancel(crowd[0].id)

        assert (await drive.ended(waiting.id)).state is BuildState.SUCCEEDED

    async def test_another_builder_of_the_installation_sees_the_same_builds(
        self, drive: Driver, other_builder: ImageBuilder
    ) -> None:
        build = await drive.run(Outcome.SUCCEEDS)

        assert await other_builder.get(build.id) == build
        assert build in await other_builder.list()
        log = [chunk async for chunk in other_builder.read_log(build.id)]
        assert lines_of(log) == lines_of(await drive.log(build.id))

    async def test_what_does_not_exist_is_not_found(self, drive: Driver) -> None:
        with pytest.raises(BuildNotFound):
            await drive.builder.get(_UNKNOWN)
        with pytest.raises(BuildNotFound):
            await drive.builder.cancel(_UNKNOWN)
        with pytest.raises(BuildNotFound):
            await drive.builder.forget(_UNKNOWN)
        with pytest.raises(BuildNotFound):
            await drive.log(_UNKNOWN)
