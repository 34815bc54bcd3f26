"""Streams over a real web server and real connections."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, Event, Live, Make, World, until

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import BuildPlan, LogChunk, Owner, Reason, Source
from repo2docker_service.entrypoints.http.event_stream import Pace

pytestmark = pytest.mark.served

Serve = Callable[[World], Awaitable[Live]]
SOON = 5.0


class Watched(InMemoryImageBuilder):
    """Knows how many read its logs."""

    readers = 0
    fails_after = 10**9
    given = 0

    async def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncIterator[LogChunk]:
        self.readers += 1
        try:
            async with aclosing(super().read_log(build_id, after, follow=follow)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    if chunk.first > self.fails_after:
                        raise BuilderUnavailable("engine", "off")
                    self.given += len(chunk.lines)
                    yield chunk
        finally:
            self.readers -= 1


async def start(live: Live, **more: Any) -> str:
    answer = await live.client.post("api/v1/builds", json={"repo": REPO} | more)
    assert answer.status_code == 202
    return str(answer.json()["id"])


async def next_of(events: AsyncIterator[Event], *names: str) -> Event:
    async with asyncio.timeout(SOON):
        async for event in events:
            if event.name in names:
                return event
    raise AssertionError(f"the stream ended without {names}")


async def rest(events: AsyncIterator[Event]) -> list[Event]:
    async with asyncio.timeout(SOON):
        return [event async for event in events if event.name != "comment"]


def lines_of(events: list[Event], after: int = 0) -> list[str]:
    lines: list[str] = []
    for event in events:
        if event.name == "log":
            assert event.data["first"] == after + len(lines) + 1
            lines += event.data["lines"]
    return lines


async def test_a_log_is_followed_from_its_first_line_to_its_end(world: World, serve: Serve) -> None:
    live = await serve(world)
    build = await start(live)
    async with live.events(f"api/v1/builds/{build}/log") as events:
        first = await next_of(events, "state")
        world.builder.write(build, "one", "two")
        log = await next_of(events, "log")
        world.builder.write(build, "#6 [3/7] RUN true")
        world.builder.finish(build)
        last = await rest(events)

    assert first.data["state"] == "queued"
    assert (log.data, log.id) == ({"first": 1, "lines": ["one", "two"]}, "2")
    assert last[-1].name == "end"
    assert last[-1].data["state"] == "succeeded"
    assert last[-1].data["digest"].startswith("sha256:")
    assert [event.name for event in last].count("end") == 1
    assert any(event.name == "state" and event.data["progress"] == {"step": 3, "steps": 7} for event in last)
    assert last[-1].data == (await live.client.get(f"api/v1/builds/{build}")).json()


async def test_a_stream_is_told_as_one_and_not_gathered_by_proxies(world: World, serve: Serve) -> None:
    live = await serve(world)
    build = await start(live)
    world.builder.finish(build)
    answer = await live.client.get(f"api/v1/builds/{build}/log", headers={"Accept": "text/event-stream"})

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Content-Security-Policy" in answer.headers
    assert answer.text.startswith("retry: 500\n\n")


async def test_a_reader_who_resumes_misses_and_repeats_nothing(world: World, serve: Serve) -> None:
    live = await serve(world)
    build = await start(live)
    wanted = [f"line {number}" for number in range(1, 5001)]
    world.builder.write(build, *wanted[:2500])
    async with live.events(f"api/v1/builds/{build}/log") as events:
        first = await next_of(events, "log")
    world.builder.write(build, *wanted[2500:])
    world.builder.finish(build)
    async with live.events(f"api/v1/builds/{build}/log", Last_Event_ID=first.id) as events:
        others = await rest(events)

    assert others[0].name == "state"
    assert first.data["lines"] + lines_of(others, after=int(first.id)) == wanted


async def test_a_bare_line_number_resumes_behind_that_line(world: World, serve: Serve) -> None:
    live = await serve(world)
    build = await start(live)
    world.builder.write(build, *(f"line {number}" for number in range(1, 200)))
    world.builder.finish(build, Reason.BUILD_FAILED)
    async with live.events(f"api/v1/builds/{build}/log", Last_Event_ID="120") as events:
        told = await rest(events)

    log = next(event for event in told if event.name == "log")
    assert (log.data["first"], log.data["lines"][0]) == (121, "line 121")
    assert told[-1].data["reason"] == "build-failed"
    assert told[-1].data["message"]


async def test_an_early_and_a_late_reader_read_the_same(world: World, serve: Serve) -> None:
    live = await serve(world)
    build = await start(live)
    wanted = [f"line {number}" for number in range(20_000)]

    async def read() -> list[Event]:
        async with live.events(f"api/v1/builds/{build}/log") as events:
            return await rest(events)

    early = asyncio.create_task(read())
    for number in range(0, 20_000, 2000):
        world.builder.write(build, *wanted[number : number + 2000])
        await asyncio.sleep(0.005)
    world.builder.finish(build)

    assert lines_of(await early) == lines_of(await read()) == wanted
    assert (await live.client.get(f"api/v1/builds/{build}/log")).text.splitlines() == wanted


async def test_heartbeats_come_while_nothing_happens(make_world: Make, serve: Serve) -> None:
    live = await serve(make_world(pace=Pace(heartbeat=0.05)))
    build = await start(live)
    for path in (f"api/v1/builds/{build}/log", "api/v1/events"):
        async with live.events(path) as events:
            await next_of(events, "comment")
            await next_of(events, "comment")


async def test_hostile_lines_stay_one_event(world: World, serve: Serve) -> None:
    live = await serve(world)
    build = await start(live)
    hostile = ["\n\ndata: x\nevent: end\n\n", "\u2028", "</script>", "\r\n\r\n"]
    world.builder.write(build, *hostile)
    world.builder.finish(build)
    async with live.events(f"api/v1/builds/{build}/log") as events:
        told = await rest(events)

    assert lines_of(told) == hostile
    assert [event.name for event in told if event.name != "state"] == ["log", "end"]


async def test_the_log_is_closed_as_soon_as_its_reader_leaves(make_world: Make, serve: Serve) -> None:
    world = make_world(builder=Watched)
    live = await serve(world)
    build = await start(live)
    async with live.events(f"api/v1/builds/{build}/log") as events:
        await next_of(events, "state")
        await until(lambda: world.builder.readers == 1)

    loop = asyncio.get_running_loop()
    began = loop.time()
    await until(lambda: world.builder.readers == 0)
    assert loop.time() - began < 1


async def test_readers_who_leave_while_much_is_written_leave_nothing_behind(
    make_world: Make, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world(builder=Watched)
    live = await serve(world)
    build = await start(live)
    world.builder.write(build, *("x" * 200 for _ in range(50_000)))
    before = len(asyncio.all_tasks())

    async def leave_early() -> None:
        async with live.events(f"api/v1/builds/{build}/log") as events:
            await next_of(events, "log")

    await asyncio.gather(*(leave_early() for _ in range(20)))
    await until(lambda: world.builder.readers == 0)
    await until(lambda: len(asyncio.all_tasks()) <= before)
    assert "Traceback" not in caplog.text


async def test_a_reader_who_does_not_read_is_not_read_for(make_world: Make, serve: Serve) -> None:
    world = make_world(builder=Watched)
    live = await serve(world)
    build = await start(live)
    world.builder.write(build, *("x" * 1000 for _ in range(100_000)))
    reader, writer = await asyncio.open_connection("127.0.0.1", live.port, limit=1024)
    request = f"GET /api/v1/builds/{build}/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ada-token\r\n\r\n"
    writer.write(request.encode())
    await until(lambda: world.builder.readers == 1)
    await asyncio.sleep(0.3)
    given = world.builder.given
    await asyncio.sleep(0.2)

    # What the kernel holds for the connection, and little more; the log has 100 MB.
    assert world.builder.given == given < 20_000
    assert (await live.client.get("health/live")).status_code == 200
    writer.close()
    await until(lambda: world.builder.readers == 0)
    assert reader is not None


async def test_an_engine_that_fails_meanwhile_is_told_as_an_event(make_world: Make, serve: Serve) -> None:
    world = make_world(builder=Watched)
    live = await serve(world)
    build = await start(live)
    world.builder.write(build, *("x" for _ in range(1000)))
    world.builder.fails_after = 1000
    async with live.events(f"api/v1/builds/{build}/log") as events:
        await next_of(events, "log")
        world.builder.write(build, "y")
        told = await rest(events)

    assert told[-1].name == "error"
    assert told[-1].data["status"] == 503
    assert "engine" in told[-1].data["detail"]


async def test_a_plain_log_that_breaks_off_is_not_taken_for_whole(make_world: Make, serve: Serve) -> None:
    world = make_world(builder=Watched)
    live = await serve(world)
    build = await start(live)
    world.builder.write(build, *("x" for _ in range(2000)))
    world.builder.fails_after = 1000

    with pytest.raises(httpx.RemoteProtocolError):
        await live.client.get(f"api/v1/builds/{build}/log")
    world.builder.fails_after = 0
    assert (await live.client.get(f"api/v1/builds/{build}/log")).status_code == 503


async def test_changes_of_builds_and_images_are_told(world: World, serve: Serve) -> None:
    live = await serve(world)
    async with live.events("api/v1/events") as events:
        await asyncio.sleep(0.05)
        build = await start(live)
        created = await next_of(events, "build")
        world.builder.finish(build)
        image = await next_of(events, "image")

    assert (created.data["id"], created.data["state"]) == (build, "queued")
    assert image.data == {"name": created.data["image"]}


async def test_changes_of_private_builds_are_told_only_to_those_who_may_know(world: World, serve: Serve) -> None:
    live = await serve(world)
    who = Owner.parse("user:bob")
    destination = world.registry.destination("r2d/private/x", COMMIT)
    async with live.events("api/v1/events") as events:
        await asyncio.sleep(0.05)
        plan = BuildPlan("cd" * 16, Source(REPO), COMMIT, destination.image, who, who, private=True)
        await world.builder.start(plan, destination)
        shared = await start(live)

        assert (await next_of(events, "build", "image")).data["id"] == shared


@pytest.mark.parametrize("about", ["events", "builds/{build}/log", "servers/slow/progress"])
async def test_a_stream_ends_when_its_reader_may_not_read_on(make_world: Make, serve: Serve, about: str) -> None:
    world = make_world(pace=Pace(flush=0.01, recheck=0.05))
    world.services.launcher.start_seconds = 60.0  # type: ignore[attr-defined]
    live = await serve(world)
    wish = {"image": str(world.put_image().name), "server_name": "slow"}
    (await live.client.post("api/v1/servers", json=wish)).raise_for_status()
    address = f"api/v1/{about}".format(build=await start(live, ref="other"))
    async with asyncio.timeout(SOON), live.events(address) as events:
        world.services.authorizer.tokens = {}  # type: ignore[attr-defined]
        told = [event.name async for event in events]

    assert told[-1] == "reconnect"
    assert (await live.client.get(address)).status_code == 401


async def test_streams_do_not_keep_a_server_from_stopping(world: World, serve: Serve) -> None:
    live = await serve(world)
    async with live.events("api/v1/events") as events:
        live.server.should_exit = True
        with contextlib.suppress(httpx.RemoteProtocolError):
            await rest(events)

    await until(lambda: not live.server.started or not live.server.server_state.tasks)
