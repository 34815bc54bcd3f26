"""Whoever is slow, late, cancelled or gone loses nothing and costs nobody anything; memory is bounded."""

import asyncio
import json
import sys

import pytest
from tests.unit.domain.logs import KEY, WrittenLog, budget_of, lines_of, numbers, take, until

from repo2docker_service.domain.errors import BadCursor, BuilderUnavailable
from repo2docker_service.domain.models import LogChunk
from repo2docker_service.domain.streams.following import Feeds

# --- falling behind ---------------------------------------------------------------------------


async def test_a_slow_follower_falls_behind_and_goes_on_without_a_gap(log: WrittenLog) -> None:
    feeds = Feeds(budget_of(4))
    for _ in range(20):
        log.write_numbers(1)
    log.end()
    fast, slow = feeds.follow(KEY, "", log.read), feeds.follow(KEY, "", log.read)

    before = await lines_of(slow, 2)
    assert await lines_of(fast, 20) == numbers(1, 20)
    after = await lines_of(slow)

    assert before + after == numbers(1, 20)
    assert log.opened == ["", "2"]


async def test_who_comes_when_the_beginning_is_not_kept_any_more_begins_a_reading_of_its_own(log: WrittenLog) -> None:
    feeds = Feeds(budget_of(4))
    for _ in range(20):
        log.write_numbers(1)
    fast = feeds.follow(KEY, "", log.read)
    await lines_of(fast, 20)

    assert await lines_of(feeds.follow(KEY, "17", log.read), 3) == numbers(18, 20)
    assert log.opened == [""]
    assert await lines_of(feeds.follow(KEY, "3", log.read), 17) == numbers(4, 20)
    assert log.opened == ["", "3"]


async def test_who_has_caught_up_shares_the_reading_of_the_others_again(log: WrittenLog) -> None:
    feeds = Feeds(budget_of(4))
    for _ in range(20):
        log.write_numbers(1)
    fast, late = feeds.follow(KEY, "", log.read), feeds.follow(KEY, "", log.read)
    await lines_of(fast, 20)
    before = await lines_of(late, 10)
    assert len(feeds) == 2

    after = await lines_of(late, 10)

    assert before + after == numbers(1, 20)
    assert (len(feeds), log.opened) == (1, ["", ""])
    await until(lambda: log.closed == 1)


async def test_the_newest_item_is_kept_however_large_it_is(log: WrittenLog) -> None:
    feeds = Feeds(budget=1)
    followers = [feeds.follow(KEY, "", log.read) for _ in range(3)]
    reading = [asyncio.create_task(lines_of(follower)) for follower in followers]
    for _ in range(4):
        log.write_numbers(10)
        await asyncio.sleep(0)
    log.end()

    assert await asyncio.gather(*reading) == [numbers(1, 40)] * 3


async def test_the_budget_is_one_for_all_and_the_largest_pays_first() -> None:
    feeds = Feeds(budget_of(10))
    small, large = WrittenLog(), WrittenLog()
    for _ in range(20):
        small.write_numbers(1)
        large.write_numbers(1)
    modest, greedy = feeds.follow("small", "", small.read), feeds.follow("large", "", large.read)
    await lines_of(modest, 3)
    await lines_of(greedy, 20)

    assert await lines_of(feeds.follow("small", "", small.read), 3) == numbers(1, 3)
    assert small.opened == [""]
    assert await lines_of(feeds.follow("large", "14", large.read), 6) == numbers(15, 20)
    assert large.opened == [""]


@pytest.mark.parametrize("character", ["x", "\u00e9", "\u6f22", "\U0001f600", "\x1b", "\t", '"', "\\"], ids=ascii)
async def test_what_is_kept_takes_about_the_memory_that_the_budget_allows(log: WrittenLog, character: str) -> None:
    budget = 100_000
    feeds = Feeds(budget)
    follower = feeds.follow(KEY, "", log.read)
    for _ in range(200):
        log.write(*[character * 100] * 10)
        await take(follower, 1)

    [feed] = feeds._feeds[KEY]
    lines = [line for item in feed.items if isinstance(item, LogChunk) for line in item.lines]
    assert len(lines) > 10
    taken = sum(sys.getsizeof(line) + len(json.dumps(line)) for line in lines)
    assert 0.3 * budget < taken < 2 * budget


# --- ends -------------------------------------------------------------------------------------


async def test_the_log_is_closed_when_the_last_follower_leaves(feeds: Feeds, log: WrittenLog) -> None:
    log.write_numbers(1)
    followers = [feeds.follow(KEY, "", log.read) for _ in range(3)]
    for follower in followers:
        await take(follower, 1)
    for follower in followers[:2]:
        await follower.aclose()
    await asyncio.sleep(0)
    assert (log.closed, len(feeds)) == (0, 1)

    await followers[2].aclose()

    assert len(feeds) == 0
    await until(lambda: log.closed == 1)


async def test_who_comes_after_the_last_has_left_reads_anew(feeds: Feeds, log: WrittenLog) -> None:
    log.write_numbers(2)
    follower = feeds.follow(KEY, "", log.read)
    await take(follower, 1)
    await follower.aclose()
    await follower.aclose()

    assert await lines_of(feeds.follow(KEY, "", log.read), 2) == numbers(1, 2)
    assert log.opened == ["", ""]


async def test_an_error_reaches_all_after_what_was_read_before(feeds: Feeds, log: WrittenLog) -> None:
    log.write_numbers(1)
    log.write_numbers(1)
    followers = [feeds.follow(KEY, "", log.read) for _ in range(3)]
    await take(followers[0], 2)
    log.fail(BuilderUnavailable("engine", "off"))

    for follower, rest in zip(followers, (0, 2, 2), strict=True):
        assert len(await take(follower, rest)) == rest
        with pytest.raises(BuilderUnavailable):
            await take(follower, 1)
        with pytest.raises(BuilderUnavailable):
            await take(follower, 1)


async def test_who_comes_after_an_error_reads_anew(feeds: Feeds, log: WrittenLog) -> None:
    log.write_numbers(2)
    log.fail(BuilderUnavailable("engine", "off"))
    failed = feeds.follow(KEY, "", log.read)
    await take(failed, 1)
    with pytest.raises(BuilderUnavailable):
        await take(failed, 1)
    log.error = None
    log.end()

    assert await lines_of(feeds.follow(KEY, "", log.read)) == numbers(1, 2)
    assert log.opened == ["", ""]


async def test_a_place_that_is_refused_leaves_nothing_behind(feeds: Feeds, log: WrittenLog) -> None:
    def refuse(cursor: str) -> object:
        raise BadCursor("cursor", cursor)

    with pytest.raises(BadCursor):
        await anext(feeds.follow(KEY, "x", refuse))  # type: ignore[arg-type]

    log.write_numbers(1)
    assert await lines_of(feeds.follow(KEY, "", log.read), 1) == ["line 1"]
    assert len(feeds) == 1


async def test_a_wait_that_is_cancelled_loses_nothing(feeds: Feeds, log: WrittenLog) -> None:
    follower, other = feeds.follow(KEY, "", log.read), feeds.follow(KEY, "", log.read)
    lines: list[str] = []
    for number in range(1, 6):
        waiting = asyncio.create_task(anext(follower))
        for _ in range(number):
            await asyncio.sleep(0)
        log.write_numbers(1)
        # At every distance from the moment at which the line comes.
        for _ in range(number - 1):
            await asyncio.sleep(0)
        if not waiting.done():
            waiting.cancel()
        await asyncio.wait([waiting])
        if not waiting.cancelled():
            item = waiting.result()
            assert isinstance(item, LogChunk)
            lines += item.lines
    log.end()

    assert lines + await lines_of(follower) == numbers(1, 5)
    assert await lines_of(other) == numbers(1, 5)
