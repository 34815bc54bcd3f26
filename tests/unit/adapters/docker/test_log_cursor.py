"""Places in a log can be written down, and only such places are read."""

import itertools
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.log_cursor import LogCursor, read_cursor
from repo2docker_service.adapters.builders.docker.log_frames import Entry
from repo2docker_service.domain.errors import BadCursor

times = st.builds(
    lambda time, fraction: f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z",
    st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 31)),  # noqa: DTZ001 - written as UTC
    st.one_of(st.just(""), st.integers(0, 10**9 - 1).map(".{:09}".format)),
)
cursors = st.one_of(
    st.builds(LogCursor, st.integers(0, 10**12 - 1)),
    st.builds(
        LogCursor,
        st.integers(0, 10**12 - 1),
        st.sampled_from([Kind.BUILDER, Kind.PUSHER]),
        times,
        st.integers(0, 10**9 - 1),
        st.one_of(st.just(""), times),
    ),
)


@given(cursors)
def test_a_cursor_is_read_as_it_was_written(cursor: LogCursor) -> None:
    assert read_cursor(str(cursor)) == cursor


@given(cursors)
def test_a_cursor_begins_with_the_number_of_its_line(cursor: LogCursor) -> None:
    assert str(cursor).split(".")[0] == str(cursor.line)


@given(cursors)
def test_a_cursor_fits_into_a_header(cursor: LogCursor) -> None:
    assert len(str(cursor)) < 100
    assert set(str(cursor)) <= set("0123456789.:-TZbp")


def test_no_cursor_is_the_beginning() -> None:
    assert read_cursor("") == read_cursor("0") == LogCursor(0, Kind.BUILDER, "", 0, "")


def test_a_cursor_is_written_with_what_is_known_of_its_place() -> None:
    now, earlier = "2026-01-02T03:04:05.000000006Z", "2026-01-02T03:04:05.000000005Z"

    assert str(LogCursor(7)) == "7"
    assert str(LogCursor(7, Kind.PUSHER, now, 2)) == f"7.p.{now}.2"
    assert str(LogCursor(7, Kind.BUILDER, now, 2, earlier)) == f"7.b.{now}.2.{earlier}"


def test_the_bare_number_of_a_line_is_a_cursor() -> None:
    assert read_cursor("120") == LogCursor(120)


@pytest.mark.parametrize(
    ("time", "since"),
    [
        ("1970-01-01T00:00:00Z", "0.000000000"),
        ("1970-01-02T00:00:01.5Z", "86401.500000000"),
        ("2026-01-02T03:04:05.000000006Z", "1767323045.000000006"),
        ("2026-01-02T03:04:05.123456789Z", "1767323045.123456789"),
    ],
)
def test_the_engine_is_asked_for_the_very_nanosecond(time: str, since: str) -> None:
    assert LogCursor(1, Kind.BUILDER, time, 1).since == since


def test_the_engine_is_asked_from_the_entry_before_where_it_is_known() -> None:
    cursor = LogCursor(1, Kind.BUILDER, "1970-01-01T00:00:10Z", 1, "1970-01-01T00:00:09.25Z")

    assert cursor.since == "9.250000000"


def test_the_engine_is_asked_from_the_earlier_entry_where_the_clock_was_set_back() -> None:
    cursor = LogCursor(1, Kind.BUILDER, "1970-01-01T00:00:09.25Z", 1, "1970-01-01T00:00:10Z")

    assert cursor.since == "9.250000000"


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - written as UTC
def test_the_seconds_are_those_of_the_clock(time: datetime) -> None:
    cursor = LogCursor(1, Kind.BUILDER, f"{time:%Y-%m-%dT%H:%M:%S}.000000001Z", 1)

    assert cursor.since == f"{int(time.replace(tzinfo=UTC, microsecond=0).timestamp())}.000000001"


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "-1",
        "+1",
        "1 ",
        "1\n",
        "1.5",
        "\u0661",
        "1" * 13,
        "1.b",
        "1.b.2026-01-02T03:04:05Z",
        "1.c.2026-01-02T03:04:05Z.1",
        "1.B.2026-01-02T03:04:05Z.1",
        "1.b.2026-01-02T03:04:05Z.-1",
        "1.b.2026-01-02T03:04:05Z.1.1",
        "1.b.2026-01-02T03:04:05Z.1.",
        "1.b.2026-01-02T03:04:05Z..2026-01-02T03:04:04Z",
        "1.b.2026-01-02T03:04:05Z.1.2026-02-30T03:04:04Z",
        "1.b.2026-01-02T03:04:05Z.1.2026-01-02T03:04:04Z.1",
        "1.b.2026-01-02T03:04:05Z.1.2026-01-02T03:04:04Z\n",
        "1.b.2026-01-02T03:04:05Z.1\n",
        "1.b.2026-01-02T03:04:05+00:00.1",
        "1.b.2026-01-02 03:04:05Z.1",
        "1.b.2026-13-02T03:04:05Z.1",
        "1.b.2026-02-30T03:04:05Z.1",
        "1.b.2026-01-02T25:04:05Z.1",
        "1.b.0000-01-02T03:04:05Z.1",
        "1.b.2026-01-02T03:04:05.0000000001Z.1",
        "1.b.2026-01-02T03:04:05Z&follow=0.1",
        "1.b.%32026-01-02T03:04:05Z.1",
        "9" * 100_000,
    ],
)
def test_what_this_service_never_gave_out_is_refused(text: str) -> None:
    with pytest.raises(BadCursor) as refused:
        read_cursor(text)

    assert refused.value.field == "Last-Event-ID"


def test_a_time_that_is_none_is_refused_wherever_it_stands() -> None:
    for text in ("1.b.2026-02-30T03:04:05Z.1.2026-01-02T03:04:04Z", "1.b.2026-01-02T03:04:05Z.1.2026-01-02T24:04:04Z"):
        with pytest.raises(BadCursor):
            read_cursor(text)


entry_times = st.lists(st.integers(0, 3), min_size=1, max_size=12).map(
    lambda steps: [b"1970-01-01T00:00:00.%09dZ" % place for place in itertools.accumulate(steps)]
)


@given(entry_times, st.lists(st.integers(0, 12), max_size=4))
def test_a_place_is_the_same_however_many_entries_are_passed_at_once(times: list[bytes], cuts: list[int]) -> None:
    entries: list[Entry] = [(time, b"") for time in times]
    places = sorted({0, len(entries), *(cut for cut in cuts if cut < len(entries))})

    place = LogCursor(7)
    for start, end in pairwise(places):
        place = place.after(entries[start:end])

    text = [time.decode() for time in times]
    earlier = [time for time in text if time != text[-1]]
    assert place == LogCursor(7, Kind.BUILDER, text[-1], text.count(text[-1]), earlier[-1] if earlier else "")
    assert place.after([]) == place


@given(st.one_of(st.text(), st.from_regex(r"\d{1,3}\.[bp]\.[0-9TZ:.-]{15,32}\.\d{1,3}(\.[0-9TZ:.-]{15,32})?")))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        cursor = read_cursor(text)
    except BadCursor:
        return

    assert read_cursor(str(cursor)) == cursor
