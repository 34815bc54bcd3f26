"""How streams are paced, and what events look like; no web server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from starlette.types import Message
from tests.unit.domain.logs import WrittenLog

from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    BuildState,
    ImageName,
    LogChunk,
    Owner,
    OwnerKind,
    Source,
)
from repo2docker_service.domain.streams.following import Feeds
from repo2docker_service.entrypoints.http.event_stream import HEARTBEAT, Pace, Stream, begun, paced
from repo2docker_service.entrypoints.http.frames import RETRY, as_change, event_frames, frame, log_frames, text_frames

SOMEBODY = Owner(OwnerKind.USER, "ada")
PLAN = BuildPlan("a" * 32, Source("https://x"), "b" * 40, ImageName("localhost", "r", "t"), SOMEBODY, SOMEBODY)


def build(state: BuildState) -> Build:
    return Build(PLAN, state, datetime(2026, 1, 1, tzinfo=UTC))


class Items:
    """Gives items, then waits, ends or fails; knows how often it was asked and whether it was closed."""

    def __init__(self, items: Sequence[Any], then: Exception | None = None, *, ends: bool = True) -> None:
        self.items, self.then, self.ends = items, then, ends
        self.given = 0
        self.closed = asyncio.Event()

    async def __call__(self) -> AsyncGenerator[Any]:
        try:
            for item in self.items:
                self.given += 1
                yield item
            if self.then:
                raise self.then
            if not self.ends:
                await asyncio.Event().wait()
        finally:
            self.closed.set()


def parse(frames: bytes) -> list[tuple[str, Any]]:
    blocks = frames.decode().removeprefix(RETRY.decode()).split("\n\n")[:-1]
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(event["event"], json.loads(event["data"])) for event in events]


async def collect(frames: AsyncIterator[bytes]) -> bytes:
    return b"".join([each async for each in frames])


async def test_frames_that_are_ready_go_out_in_one_write() -> None:
    source = Items([b"x"] * 100)

    assert [each async for each in paced(source(), Pace())] == [b"x" * 100]
    assert source.closed.is_set()


async def test_a_write_is_no_longer_than_is_allowed_by_much() -> None:
    writes = [each async for each in paced(Items([b"x" * 10] * 100)(), Pace(flush=60, most=95))]

    assert {len(write) for write in writes} == {100}


async def test_the_first_frame_does_not_wait_and_later_ones_are_gathered() -> None:
    async def slow() -> AsyncGenerator[bytes]:
        for _ in range(6):
            yield b"x"
            await asyncio.sleep(0.01)

    loop = asyncio.get_running_loop()
    start = loop.time()
    writes = [(loop.time() - start, each) async for each in paced(slow(), Pace(flush=0.2))]

    assert writes[0][1] == b"x"
    assert writes[0][0] < 0.1
    assert [write for _, write in writes[1:]] == [b"x" * 5]


async def test_silence_is_broken_by_heartbeats_only_where_they_belong() -> None:
    pieces = paced(Items([b"x"], ends=False)(), Pace(heartbeat=0.02, flush=0), b":\n\n")
    assert [await anext(pieces) for _ in range(3)] == [b"x", b":\n\n", b":\n\n"]
    await pieces.aclose()

    quiet = paced(Items([b"x"], ends=False)(), Pace(heartbeat=0.01, flush=0))
    await anext(quiet)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(quiet), 0.1)


async def test_a_reader_who_takes_nothing_makes_the_source_wait() -> None:
    source = Items([b"x" * 100] * 1000)
    pieces = paced(source(), Pace(most=1000))
    await anext(pieces)
    await asyncio.sleep(0.05)

    assert source.given <= 12
    await pieces.aclose()
    assert source.closed.is_set()


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_reader_who_stops_reading_is_given_up() -> None:
    sent = []

    async def send(message: Message) -> None:
        sent.append(message["type"])
        if len(sent) > 1:
            await asyncio.Event().wait()

    source = Items([b"x"], ends=False)
    stream = Stream(source(), patience=0.05, media_type="text/event-stream")
    await asyncio.wait_for(stream({}, never, send), 5)

    assert source.closed.is_set()
    assert sent == ["http.response.start", "http.response.body"]


async def test_the_source_is_closed_when_the_reader_leaves_while_a_write_is_under_way() -> None:
    left = asyncio.Event()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            left.set()
            await asyncio.Event().wait()

    source = Items([b"x"], ends=False)
    await asyncio.wait_for(Stream(source(), media_type="text/plain")({}, receive, send), 5)

    assert source.closed.is_set()


async def test_the_source_is_closed_when_the_server_stops() -> None:
    async def send(_message: Message) -> None:
        pass

    source = Items([b"x"], ends=False)
    answering = asyncio.create_task(Stream(source(), media_type="text/plain")({}, never, send))
    await asyncio.sleep(0.05)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering

    assert source.closed.is_set()


async def test_a_source_that_fails_breaks_the_answer_instead_of_ending_it() -> None:
    sent = []

    async def send(message: Message) -> None:
        sent.append(message)

    stream = Stream(Items([b"x"], then=RuntimeError("lost"))(), media_type="text/plain")
    with pytest.raises(RuntimeError, match="lost"):
        await stream({}, never, send)

    assert all(message.get("more_body", True) for message in sent)


async def test_an_error_at_the_beginning_is_raised_before_anything_is_sent() -> None:
    with pytest.raises(BuilderUnavailable):
        await begun(Items([], then=BuilderUnavailable("engine", "off"))())

    source = Items([1, 2, 3])
    assert [each async for each in await begun(source())] == [1, 2, 3]
    assert source.closed.is_set()
    assert [each async for each in await begun(Items([])())] == []


async def test_what_was_begun_stays_open_until_it_is_read() -> None:
    source = Items([1, 2])
    items = await begun(source())
    for _ in range(3):
        await asyncio.sleep(0)

    assert not source.closed.is_set()
    assert [each async for each in items] == [1, 2]


HOSTILE = [
    "\n\ndata: x\nevent: end",
    "a\rb",
    "a\r\nb",
    "\u2028\u2029\x85\x0b\x0c",
    "</script><script>alert(1)</script>",
    "id: 99",
    "\x1b]8;;evil\x07",
    "\ud800 half a character",
    "\0",
    "",
]


@pytest.mark.parametrize("line", HOSTILE, ids=ascii)
async def test_whatever_a_log_says_stays_inside_its_event(line: str) -> None:
    chunk = LogChunk(1, (line, "after"), "2")
    written = frame("log", {"first": 1, "lines": list(chunk.lines)}, "2")

    assert written.isascii()
    assert written.count(b"\n") == 4
    assert len(written.decode().splitlines()) == 4
    events = parse(await collect(log_frames(Items([chunk])())))
    assert events == [("log", {"first": 1, "lines": [line, "after"]})]


async def test_lines_have_the_cursor_as_id_unless_it_could_break_the_event() -> None:
    chunks = [LogChunk(1, ("a", "b"), "2.container"), LogChunk(3, ("c",), "3\nevent: end"), LogChunk(4, ("d",), "")]
    written = (await collect(log_frames(Items(chunks)()))).decode()

    assert [line for line in written.split("\n") if line.startswith("id:")] == ["id: 2.container", "id: 3", "id: 4"]
    assert "event: end" not in written


async def test_an_ended_build_is_told_as_the_end_after_the_last_line() -> None:
    items = [build(BuildState.BUILDING), LogChunk(1, ("a",), "1"), build(BuildState.FAILED)]
    events = parse(await collect(log_frames(Items(items)())))

    assert [(name, data.get("state")) for name, data in events] == [
        ("state", "building"),
        ("log", None),
        ("end", "failed"),
    ]


async def test_a_build_that_had_ended_before_is_told_first_and_again_as_the_end() -> None:
    items = [build(BuildState.SUCCEEDED), LogChunk(1, ("a",), "1"), build(BuildState.SUCCEEDED)]
    events = parse(await collect(log_frames(Items(items)())))

    assert [name for name, _ in events] == ["state", "log", "end"]


async def test_an_error_in_the_middle_is_told_as_an_event() -> None:
    failing = Items([build(BuildState.BUILDING)], then=BuilderUnavailable("engine", "off"))
    names = [name for name, _ in parse(await collect(log_frames(failing())))]
    broken = Items([], then=BuilderUnavailable("engine", "off"))
    changes = parse(await collect(event_frames(broken(), as_change)))

    assert names == ["state", "error"]
    assert changes == [("error", changes[0][1])]
    assert changes[0][1]["status"] == 503


@pytest.mark.parametrize("frames", [log_frames, partial(event_frames, rendered=as_change), text_frames])
async def test_frames_close_what_they_read_from(frames: Callable[[Any], AsyncGenerator[bytes]]) -> None:
    source = Items([LogChunk(1, ("a",), "1")] * 9)
    told = frames(source())
    await anext(told)
    await anext(told)
    await told.aclose()

    assert source.closed.is_set()


async def test_silence_of_a_followed_log_is_broken_by_heartbeats_and_no_item_is_lost_by_them() -> None:
    log, feeds = WrittenLog(), Feeds()
    told = log_frames(feeds.follow("build", "", log.read), heartbeat=0.01)
    written = b""
    for number in range(3):
        while (frame_ := await anext(told)) != HEARTBEAT:
            written += frame_
        log.write(f"line {number}")
    log.end()
    written += await collect(told)

    events = parse(written.replace(HEARTBEAT, b""))
    assert [data["lines"] for name, data in events if name == "log"] == [["line 0"], ["line 1"], ["line 2"]]
    assert [name for name, _ in events][-1] == "end"
    assert len(feeds) == 0
