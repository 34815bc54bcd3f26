# ruff: noqa: D102  # a test's name is its sentence
"""What every image builder must do with the logs of builds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from repo2docker_service.domain.errors import BadCursor
from repo2docker_service.domain.models import BuildState, LogChunk
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.testing.builder_suite import BuilderSuite
from repo2docker_service.testing.driving import Driver, Outcome, lines_of, numbers


class BuildLogs(BuilderSuite):
    """No line is lost, none comes twice."""

    async def test_the_log_of_an_ended_build_is_whole_and_in_order(self, drive: Driver) -> None:
        build = await drive.run(Outcome.SUCCEEDS, 50)

        log = await drive.log(build.id)

        assert log[0].first == 1
        assert numbers(lines_of(log)) == list(range(1, 51))

    async def test_the_log_of_a_failed_build_is_whole(self, drive: Driver) -> None:
        build = await drive.run(Outcome.FAILS, 50)

        assert numbers(lines_of(await drive.log(build.id))) == list(range(1, 51))

    async def test_reading_a_running_build_gives_what_is_there_and_ends(self, drive: Driver) -> None:
        build = await drive.running(5)

        log = lines_of(await drive.log(build.id))

        assert numbers(log)[:5] == [1, 2, 3, 4, 5]

    async def test_the_log_of_a_queued_build_is_empty(self, drive: Driver) -> None:
        await drive.crowd()
        build = await drive.start(Outcome.SUCCEEDS)

        assert await drive.log(build.id) == []

    async def test_a_log_goes_on_after_the_cursor_of_any_chunk(self, drive: Driver) -> None:
        build = await drive.start(Outcome.SUCCEEDS, 20)
        seen = await drive.followed(build.id)
        whole = lines_of(seen)

        for chunk in seen:
            rest = lines_of(await drive.log(build.id, chunk.cursor))
            assert rest == whole[chunk.first + len(chunk.lines) - 1 :]

    async def test_a_log_goes_on_after_any_line_number(self, drive: Driver) -> None:
        build = await drive.run(Outcome.SUCCEEDS, 20)
        whole = lines_of(await drive.log(build.id))

        for number in (0, 1, 2, len(whole) // 2, len(whole) - 1, len(whole)):
            rest = await drive.log(build.id, str(number))
            assert lines_of(rest) == whole[number:]
            assert not rest or rest[0].first == number + 1

    async def test_a_cursor_serves_with_another_builder_of_the_installation(
        self, drive: Driver, other_builder: ImageBuilder
    ) -> None:
        build = await drive.start(Outcome.SUCCEEDS, 20)
        seen = await drive.followed(build.id)
        whole = lines_of(seen)

        for chunk in seen:
            rest = [later async for later in other_builder.read_log(build.id, chunk.cursor, follow=True)]
            assert lines_of(rest) == whole[chunk.first + len(chunk.lines) - 1 :]

    async def test_a_follower_of_a_queued_build_sees_all_of_it(self, drive: Driver) -> None:
        crowd = await drive.crowd()
        build = await drive.start(Outcome.SUCCEEDS, 20)
        following = asyncio.create_task(drive.followed(build.id))
        await asyncio.sleep(0)

        await drive.builder.cancel(crowd[0].id)

        assert numbers(lines_of(await following)) == list(range(1, 21))
        assert (await drive.builder.get(build.id)).state is BuildState.SUCCEEDED

    async def test_early_and_late_followers_see_the_same(self, drive: Driver) -> None:
        build = await drive.start(Outcome.SUCCEEDS, 200)
        early = asyncio.create_task(drive.followed(build.id))
        await drive.written(build.id, 1)
        late = asyncio.create_task(drive.followed(build.id))

        logs = [lines_of(await early), lines_of(await late), lines_of(await drive.followed(build.id))]

        assert numbers(logs[0]) == list(range(1, 201))
        assert logs[0] == logs[1] == logs[2] == lines_of(await drive.log(build.id))

    async def test_following_ends_when_the_build_is_cancelled(self, drive: Driver) -> None:
        build = await drive.running()
        following = asyncio.create_task(drive.followed(build.id))
        await asyncio.sleep(0)

        await drive.builder.cancel(build.id)

        assert numbers(lines_of(await following))[:5] == [1, 2, 3, 4, 5]

    async def test_a_follower_that_drops_and_resumes_misses_and_repeats_nothing(self, drive: Driver) -> None:
        build = await drive.start(Outcome.SUCCEEDS, 200)
        seen: list[LogChunk] = []
        async with asyncio.timeout(drive.settle):
            while chunk := await self._first_chunk(drive, build.id, seen[-1].cursor if seen else ""):
                seen.append(chunk)

        assert seen[0].first == 1
        assert numbers(lines_of(seen)) == list(range(1, 201))
        assert lines_of(seen) == lines_of(await drive.log(build.id))

    @staticmethod
    async def _first_chunk(drive: Driver, build_id: str, after: str) -> LogChunk | None:
        log = cast("AsyncGenerator[LogChunk]", drive.builder.read_log(build_id, after, follow=True))
        chunk = await anext(log, None)
        await log.aclose()
        return chunk

    async def test_a_follower_that_leaves_does_not_disturb_the_build(self, drive: Driver) -> None:
        build = await drive.running()
        log = cast("AsyncGenerator[LogChunk]", drive.builder.read_log(build.id, follow=True))
        await anext(log)
        await log.aclose()
        waiting = asyncio.create_task(drive.followed(build.id))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])

        assert not (await drive.builder.get(build.id)).state.ended
        assert waiting.cancelled()

    async def test_nothing_follows_the_last_line_of_an_ended_build(self, drive: Driver) -> None:
        build = await drive.run(Outcome.SUCCEEDS)
        last = (await drive.log(build.id))[-1].cursor

        assert await drive.log(build.id, last) == []
        assert await drive.followed(build.id, last) == []

    async def test_a_cursor_that_is_none_is_refused(self, drive: Driver) -> None:
        build = await drive.run(Outcome.SUCCEEDS)

        for cursor in ("no cursor", "-1", "1 OR 1=1", "\uff11", "\x00", "9" * 400):
            with pytest.raises(BadCursor):
                await drive.log(build.id, cursor)
