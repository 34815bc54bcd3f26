"""However many follow a log, it is read once, and each of them is given all of it."""

import asyncio

import pytest
from tests.unit.domain.logs import KEY, WrittenLog, lines_of, numbers, take
from tests.unit.domain.people import collect

from repo2docker_service.domain.models import LogChunk
from repo2docker_service.domain.streams.following import Feeds, line_of

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
