"""Whatever the speeds of readers and writer, the sizes of chunks and the budget: each reader gets each line once."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.domain.logs import WrittenLog

from repo2docker_service.domain.models import Build, LogChunk
from repo2docker_service.domain.streams.following import Feeds, Item, _cost

SOON = 10.0


@dataclass(frozen=True)
class Reader:
    """Somebody who follows a log in a way of their own."""

    comes_after: int
    """Turns of the event loop."""
    has: int
    """Lines that were read before, perhaps elsewhere."""
    pause: int
    """Turns between two items."""
    impatience: int
    """Turns after which a wait is given up and begun again; 0 waits as long as it takes."""
    leaves_after: int | None
    """Items."""


@dataclass(frozen=True)
class Step:
    """What the writer does next."""

    lines: int
    """0 tells another state of the build instead."""
    pause: int


turns = st.integers(0, 12)
readers = st.builds(
    Reader, turns, st.integers(0, 8), st.integers(0, 6), st.integers(0, 3), st.none() | st.integers(1, 10)
)
steps = st.builds(Step, st.integers(0, 5), st.integers(0, 4))
HASTE, LEISURE = Reader(0, 0, 0, 0, None), Reader(0, 0, 6, 0, None)


async def pass_by(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


def check(feeds: Feeds, budget: int) -> None:
    """See that what is kept is counted right, and is no more than allowed."""
    kept = [feed for feeds_of_key in feeds._feeds.values() for feed in feeds_of_key]
    assert all(feed.cost == sum(map(_cost, feed.items)) for feed in kept)
    assert feeds._cost == sum(feed.cost for feed in kept)
    assert feeds._cost <= budget or all(len(feed.items) <= 1 for feed in kept)
    assert all(feed.followers > 0 for feed in kept)
    for feed in kept:
        lines = [item.first for item in feed.items if isinstance(item, LogChunk)]
        assert not lines or lines[0] == feed.line + 1


async def write(log: WrittenLog, steps: list[Step]) -> None:
    for number, step in enumerate(steps):
        if step.lines:
            log.write_numbers(step.lines)
        else:
            log.change(number)
        await pass_by(step.pause)
    log.end()


async def read(reader: Reader, feeds: Feeds, log: WrittenLog, budget: int) -> list[Item]:
    await pass_by(reader.comes_after)
    given: list[Item] = []
    async with aclosing(feeds.follow("build", str(reader.has), log.read)) as follower:
        while reader.leaves_after is None or len(given) < reader.leaves_after:
            waiting = asyncio.create_task(anext(follower, None))
            if reader.impatience:
                await pass_by(reader.impatience)
                waiting.cancel()
                await asyncio.wait([waiting])
                if waiting.cancelled():
                    check(feeds, budget)
                    await asyncio.sleep(0)
                    continue
            item = await waiting
            check(feeds, budget)
            if item is None:
                break
            given.append(item)
            await pass_by(reader.pause)
    check(feeds, budget)
    return given


async def follow_at_once(readers: list[Reader], steps: list[Step], budget: int) -> None:
    log, feeds = WrittenLog(), Feeds(budget)
    async with asyncio.timeout(SOON):
        writing = asyncio.create_task(write(log, steps))
        reading = [asyncio.create_task(read(reader, feeds, log, budget)) for reader in readers]
        given = await asyncio.gather(*reading)
        await writing

    whole = [f"line {number}" for number in range(1, len(log.lines) + 1)]
    for reader, items in zip(readers, given, strict=True):
        chunks = [item for item in items if isinstance(item, LogChunk)]
        lines = [line for chunk in chunks for line in chunk.lines]
        numbers = [number for chunk in chunks for number in range(chunk.first, chunk.last + 1)]
        assert lines == whole[reader.has : reader.has + len(lines)]
        assert numbers == list(range(reader.has + 1, reader.has + 1 + len(lines)))
        if reader.leaves_after is None:
            assert lines == whole[reader.has :]
            assert [item for item in items if isinstance(item, Build)][-1].state.ended
    assert (len(feeds), feeds._cost) == (0, 0)
    await asyncio.sleep(0.001)
    assert log.closed == len(log.opened)


@given(
    st.lists(readers, min_size=1, max_size=5),
    st.lists(steps, max_size=15),
    st.sampled_from([1, 100, 300, 1000, 10**6]),
)
@example([HASTE, LEISURE, LEISURE], [Step(2, 0)] * 15, 300)
@example([HASTE, HASTE], [Step(1, 3), Step(0, 0)] * 5, 10**6)
def test_every_reader_is_given_every_line_once_and_in_order(
    readers: list[Reader], steps: list[Step], budget: int
) -> None:
    asyncio.run(follow_at_once(readers, steps, budget))


def test_two_who_follow_at_the_same_pace_read_the_log_once() -> None:
    async def follow() -> WrittenLog:
        log, feeds = WrittenLog(), Feeds()
        readers = [asyncio.create_task(read(HASTE, feeds, log, 10**9)) for _ in range(2)]
        await write(log, [Step(1, 3)] * 5)
        await asyncio.gather(*readers)
        return log

    assert asyncio.run(follow()).opened == ["0"]
