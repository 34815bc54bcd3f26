"""What many read is turned into bytes once, and remembered only as long as somebody may read it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from functools import partial

import httpx
from tests.unit.domain.people import build_of, plan_of
from tests.unit.entrypoints.http.conftest import REPO, World, until

from repo2docker_service.domain.models import Build, BuildState, LogChunk
from repo2docker_service.domain.streams.following import Item
from repo2docker_service.entrypoints.http.frames import as_event, as_text, log_frames, text_frames
from repo2docker_service.entrypoints.http.rendered import Rendered
from repo2docker_service.entrypoints.http.streams import Streams


class Counted:
    """Writes events, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, item: Item) -> bytes:
        self.times += 1
        return as_event(item)


def chunk(*lines: str, first: int = 1) -> LogChunk:
    return LogChunk(first, lines, str(first + len(lines) - 1))


def test_an_item_is_rendered_once_however_often_it_is_asked_for() -> None:
    render = Counted()
    rendered, item, build = Rendered(render), chunk("one", "two"), build_of(plan_of())

    assert [rendered(item) for _ in range(5)] == [as_event(item)] * 5
    assert rendered(item) is rendered(item)
    assert rendered(build) is rendered(build)
    assert rendered(build) == as_event(build)
    assert render.times == 2


def test_equal_items_are_told_apart() -> None:
    render = Counted()
    rendered, one, other = Rendered(render), chunk("same"), chunk("same")

    assert one == other
    assert rendered(one) == rendered(other)
    assert render.times == 2


def test_the_bytes_are_forgotten_with_the_item() -> None:
    rendered = Rendered(as_event)
    items: list[Item] = [chunk(f"line {number}") for number in range(100)]
    for item in items:
        rendered(item)
    assert len(rendered._known) == 100

    del items[10:], item
    gc.collect()

    assert len(rendered._known) == 10


def test_what_takes_the_place_of_a_forgotten_item_is_never_taken_for_it() -> None:
    rendered = Rendered(as_event)

    # Python gives a freed place to the next object of the same size at once.
    for number in range(1000):
        item = chunk(f"line {number}")
        assert rendered(item) == as_event(item)
        del item


def test_events_and_text_of_one_item_are_remembered_apart() -> None:
    events, texts, item = Rendered(as_event), Rendered(as_text), chunk("one", "two")

    assert events(item).startswith(b"id: 2\nevent: log\n")
    assert texts(item) == b"one\ntwo\n"
    assert texts(build_of(plan_of())) == b""


async def given(items: Sequence[Item]) -> AsyncGenerator[Item]:
    for item in items:
        yield item


async def test_many_readers_of_the_same_items_are_sent_the_very_same_bytes() -> None:
    render = Counted()
    events, texts = Rendered(render), Rendered(as_text)
    items: list[Item] = [chunk("one"), build_of(plan_of()), chunk("two", first=2)]

    readers = [[frame async for frame in log_frames(given(items), events)] for _ in range(10)]
    texts_read = [[frame async for frame in text_frames(given(items), texts)] for _ in range(10)]

    assert render.times == len(items)
    for told in (readers, texts_read):
        lines = [[id(frame) for frame in frames if b"one" in frame or b"two" in frame] for frames in told]
        assert lines == [lines[0]] * 10
        assert len(lines[0]) == 2


async def test_the_state_that_is_told_and_the_end_are_not_mixed_up() -> None:
    ended = Build(plan_of(), BuildState.FAILED, datetime(2026, 1, 1, tzinfo=UTC))
    rendered = Rendered(as_event)

    frames = [frame async for frame in log_frames(given([ended, chunk("one"), ended]), rendered)]

    assert [frame.split(b"event: ")[-1].split(b"\n")[0] for frame in frames[1:]] == [b"state", b"log", b"end"]


async def test_all_who_follow_a_build_share_the_bytes_of_its_log(world: World, ada: httpx.AsyncClient) -> None:
    render = Counted()
    world.app.state.streams = Streams(world.app.state.streams.pace, _events=Rendered(render))
    build = (await ada.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    get = partial(ada.get, f"api/v1/builds/{build}/log", headers={"Accept": "text/event-stream"})
    following = [asyncio.create_task(get()) for _ in range(10)]
    await until(lambda: len(world.services.builds.feeds) == 1)
    for number in range(20):
        world.builder.write(build, *(f"line {number}.{part}" for part in range(50)))
        await asyncio.sleep(0.002)
    world.builder.finish(build)

    answers = [await each for each in following]

    assert len({answer.text.count("line 19.49") for answer in answers}) == 1
    assert all(answer.text.count("event: end") == 1 for answer in answers)
    assert 1 < render.times <= 20 + 5
    await until(lambda: len(world.services.builds.feeds) == 0)
    del answers, following
    gc.collect()
    assert world.app.state.streams._events._known == {}
