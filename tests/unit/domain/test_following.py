"""However many follow a log, it is read once, and each of them is given all of it."""

import asyncio
import json
import sys
from collections.abc import Callable

import pytest
from tests.unit.domain.logs import WrittenLog
from tests.unit.domain.people import collect

from repo2docker_service.domain.errors import BadCursor, BuilderUnavailable
from repo2docker_service.domain.following import Feeds, Follower, Item, line_of
from repo2docker_service.domain.models import LogChunk

KEY = ("a build", "follow")
SOON = 5.0


@pytest.fixture
def log() -> WrittenLog:
    return WrittenLog()


@pytest.fixture
def feeds() -> Feeds:
    return Feeds()


def budget_of(lines: int) -> int:
    """Give the bytes that so many lines of the kind "line 7" are counted with."""
    return lines * (64 + 2 * len("line 7"))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0)


async def take(follower: Follower, count: int) -> list[Item]:
    async with asyncio.timeout(SOON):
        return [await anext(follower) for _ in range(count)]


async def lines_of(follower: Follower, count: int = 10**9) -> list[str]:
    """Give so many lines, or all to the end, and see that they are numbered right."""
    lines: list[str] = []
    async with asyncio.timeout(SOON):
        while len(lines) < count and (item := await anext(follower, None)) is not None:
            if isinstance(item, LogChunk):
                assert not lines or item.first == int(lines[-1].removeprefix("line ")) + 1
                assert item.cursor == str(item.last)
                lines += item.lines
    return lines


def numbers(first: int, last: int) -> list[str]:
    return [f"line {number}" for number in range(first, last + 1)]


# --- one reading ------------------------------------------------------------------------------


async def test_many_followers_share_one_reading(feeds: Feeds, log: WrittenLog) -> None:
    followers = [feeds.follow(KEY, "", log.read) for _ in range(20)]
    reading = [asyncio.create_task(lines_of(follower)) for follower in followers]
    for _ in range(5):
        log.write_numbers(3)
        await asyncio.sleep(0)
    log.end()

    assert await asyncio.gather(*reading) == [numbers(1, 15)] * 20
    assert log.opened == [""]
    assert log.given == len(log.items)


async def test_all_who_share_a_reading_are_given_the_very_same_items(feeds: Feeds, log: WrittenLog) -> None:
    written = [log.write_numbers(2), log.change(1), log.write_numbers(1), log.end()]
    one, other = feeds.follow(KEY, "", log.read), feeds.follow(KEY, "", log.read)

    given = await asyncio.gather(collect(one), collect(other))

    for items in given:
        assert [id(item) for item in items if isinstance(item, LogChunk)] == [id(written[0]), id(written[2])]
        assert items[-1] is written[-1]


async def test_nothing_is_read_before_somebody_waits_for_it(feeds: Feeds, log: WrittenLog) -> None:
    follower = feeds.follow(KEY, "", log.read)
    await asyncio.sleep(0)
    assert (log.opened, len(feeds)) == ([], 0)

    await follower.aclose()
    assert (log.opened, len(feeds)) == ([], 0)


async def test_what_different_keys_stand_for_is_read_apart(feeds: Feeds, log: WrittenLog) -> None:
    other = WrittenLog()
    log.write_numbers(1)
    other.write_numbers(2)
    followers = [feeds.follow("one", "", log.read), feeds.follow("other", "", other.read)]

    assert [await lines_of(followers[0], 1), await lines_of(followers[1], 2)] == [["line 1"], ["line 1", "line 2"]]
    assert len(feeds) == 2


async def test_a_log_is_read_no_further_than_its_fastest_follower(feeds: Feeds, log: WrittenLog) -> None:
    for _ in range(50):
        log.write_numbers(1)
    fast, slow = feeds.follow(KEY, "", log.read), feeds.follow(KEY, "", log.read)
    await take(slow, 2)
    await take(fast, 10)
    for _ in range(20):
        await asyncio.sleep(0)

    assert log.given <= 11


# --- joining ----------------------------------------------------------------------------------


async def test_who_comes_late_is_given_the_newest_build_and_then_all_lines(feeds: Feeds, log: WrittenLog) -> None:
    log.change(1)
    first = log.write_numbers(3)
    newest = log.change(2)
    second = log.write_numbers(2)
    early = feeds.follow(KEY, "", log.read)
    await take(early, 4)

    late = feeds.follow(KEY, "", log.read)

    assert await take(late, 3) == [newest, first, second]
    following = log.change(3)
    assert [await take(late, 1), await take(early, 1)] == [[following], [following]]
    assert log.opened == [""]


async def test_who_comes_after_the_end_is_given_the_ended_build_and_all_lines(feeds: Feeds, log: WrittenLog) -> None:
    log.write_numbers(4)
    ended = log.end()
    early = feeds.follow(KEY, "", log.read)
    await collect(early)

    late = await collect(feeds.follow(KEY, "", log.read))

    assert late[0] is ended
    assert [line for item in late if isinstance(item, LogChunk) for line in item.lines] == numbers(1, 4)
    assert log.opened == [""]


async def test_a_reading_that_ended_before_the_build_did_serves_nobody_new(feeds: Feeds, log: WrittenLog) -> None:
    log.write_numbers(2)
    log.stop()
    early = feeds.follow(KEY, "", log.read)
    assert await lines_of(early) == numbers(1, 2)
    log.write_numbers(1)

    assert await lines_of(feeds.follow(KEY, "", log.read)) == numbers(1, 3)
    assert log.opened == ["", ""]


@pytest.mark.parametrize("line", range(9))
async def test_a_cursor_inside_a_chunk_goes_on_with_the_line_after_it(feeds: Feeds, log: WrittenLog, line: int) -> None:
    log.write_numbers(5)
    log.write_numbers(3)
    log.end()
    early = feeds.follow(KEY, "", log.read)
    await lines_of(early, 8)

    assert await lines_of(feeds.follow(KEY, str(line), log.read)) == numbers(line + 1, 8)
    assert log.opened == [""]


async def test_whoever_has_more_than_is_read_yet_begins_a_reading_of_its_own(feeds: Feeds, log: WrittenLog) -> None:
    for _ in range(6):
        log.write_numbers(1)
    early = feeds.follow(KEY, "", log.read)
    await lines_of(early, 2)

    assert await lines_of(feeds.follow(KEY, "4.b.x", log.read), 2) == numbers(5, 6)
    assert log.opened == ["", "4.b.x"]


@pytest.mark.parametrize(
    ("cursor", "line"), [("", 0), ("0", 0), ("17", 17), ("17.b.2026-01-02T03:04:05Z.1", 17), ("x", 0)]
)
def test_a_cursor_begins_with_the_number_of_its_line(cursor: str, line: int) -> None:
    assert line_of(cursor) == line


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
