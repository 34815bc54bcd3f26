"""Two streams as one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import cast

import pytest

from repo2docker_service.domain.streams.merging import merge


class Source:
    """A stream that is fed by hand, and knows whether it was closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[object] = asyncio.Queue()
        self.given = 0
        self.closed = False

    def feed(self, *items: object) -> None:
        for item in items:
            self.queue.put_nowait(item)

    async def items(self) -> AsyncIterator[object]:
        try:
            while (item := await self.queue.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                self.given += 1
                yield item
        finally:
            self.closed = True


@pytest.fixture
def leading() -> Source:
    return Source()


@pytest.fixture
def other() -> Source:
    return Source()


async def test_items_of_both_come_in_their_order(leading: Source, other: Source) -> None:
    leading.feed(1, 2, 3, None)
    other.feed("a", "b", "c")

    merged = [item async for item in merge(leading.items(), other.items())]

    assert [item for item in merged if isinstance(item, int)] == [1, 2, 3]
    assert [item for item in merged if isinstance(item, str)] == ["a", "b", "c"][: len(merged) - 3]


async def test_all_ends_with_the_leading_one_and_closes_the_other(leading: Source, other: Source) -> None:
    leading.feed(1, None)

    assert [item async for item in merge(leading.items(), other.items())] == [1]
    assert leading.closed
    assert other.closed


async def test_the_leading_one_goes_on_when_the_other_has_ended(leading: Source, other: Source) -> None:
    other.feed(None)
    merged = merge(leading.items(), other.items())
    leading.feed(1)
    assert await anext(merged) == 1

    leading.feed(2, None)

    assert [item async for item in merged] == [2]


@pytest.mark.parametrize("failing", ["leading", "other"])
async def test_an_error_of_either_is_raised_and_closes_both(leading: Source, other: Source, failing: str) -> None:
    {"leading": leading, "other": other}[failing].feed(OSError("broken"))

    with pytest.raises(OSError, match="broken"):
        await anext(merge(leading.items(), other.items()))

    assert leading.closed
    assert other.closed


@pytest.mark.parametrize("speaking", ["leading", "other"])
async def test_closing_closes_both_at_once(leading: Source, other: Source, speaking: str) -> None:
    {"leading": leading, "other": other}[speaking].feed(1)
    merged = cast("AsyncGenerator[object]", merge(leading.items(), other.items()))
    await anext(merged)

    await merged.aclose()

    assert leading.closed
    assert other.closed


async def test_a_cancelled_reader_is_cancelled_and_closes_both(leading: Source, other: Source) -> None:
    reader = asyncio.ensure_future(anext(merge(leading.items(), other.items())))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    reader.cancel()
    await asyncio.wait([reader])

    assert reader.cancelled()
    assert leading.closed
    assert other.closed


async def test_a_slow_reader_slows_both(leading: Source, other: Source) -> None:
    leading.feed(*range(100))
    other.feed(*"abcdefghij")
    merged = merge(leading.items(), other.items())
    await anext(merged)
    for _ in range(20):
        await asyncio.sleep(0)

    assert leading.given + other.given <= 3
