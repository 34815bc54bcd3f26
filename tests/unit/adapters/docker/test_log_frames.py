"""Bytes of the engine's log stream become entries, and entries lines, wherever they are cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.builders.docker.log_frames import LONGEST_LINE, Entry, Frames, Lines

TIME = "2026-01-02T03:04:05.000000006Z"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
streams = st.sampled_from([1, 2])


def frame(text: str | bytes, stream: int = 1, time: str = TIME) -> bytes:
    data = f"{time} ".encode() + (text if isinstance(text, bytes) else text.encode())
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    return [data[start:end] for start, end in pairwise([0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)])]


def lines_of(*texts: str) -> list[str]:
    lines = Lines()
    return [line for text in texts if (line := lines.feed(Entry(TIME, text))) is not None]


@given(st.lists(st.tuples(texts, streams), max_size=8), st.lists(st.integers(0, 10_000), max_size=8))
def test_entries_are_the_same_wherever_the_bytes_are_cut(written: list[tuple[str, int]], cuts: list[int]) -> None:
    frames = Frames()
    data = b"".join(frame(text, stream) for text, stream in written)

    entries = [entry for piece in pieces_of(data, cuts) for entry in frames.feed(piece)]

    assert entries == [Entry(TIME, text) for text, _ in written]


def test_entries_are_given_as_soon_as_they_are_whole() -> None:
    frames = Frames()
    data = frame("first\n") + frame("second\n")

    given_after = [[entry.text for entry in frames.feed(data[at : at + 1])] for at in range(len(data))]

    assert [(at, found) for at, found in enumerate(given_after) if found] == [
        (len(frame("first\n")) - 1, ["first\n"]),
        (len(data) - 1, ["second\n"]),
    ]


def test_nothing_of_what_was_given_is_kept() -> None:
    frames = Frames()

    assert len(list(frames.feed(frame("x" * 9) * 1000 + b"\x01\x00"))) == 1000
    assert bytes(frames.buffer) == b"\x01\x00"


def test_a_blank_at_the_start_of_a_line_belongs_to_the_line() -> None:
    assert list(Frames().feed(frame("  two blanks\n"))) == [Entry(TIME, "  two blanks\n")]


def test_an_empty_entry_is_one() -> None:
    assert list(Frames().feed(frame(""))) == [Entry(TIME, "")]


@given(st.binary(max_size=30))
def test_bytes_that_are_no_text_are_replaced_and_disturb_nothing_else(raw: bytes) -> None:
    before, entry, after = Frames().feed(frame("before\n") + frame(raw) + frame("after\n"))

    assert (before.text, after.text) == ("before\n", "after\n")
    assert entry.text == raw.decode("utf-8", "replace")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_disturb_reading(data: bytes) -> None:
    for entry in Frames().feed(data):
        assert isinstance(entry.text, str)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=5))
def test_lines_are_given_without_their_ends(lines: list[str]) -> None:
    assert lines_of(*(f"{line}\n" for line in lines)) == lines
    assert lines_of(*(f"{line}\r\n" for line in lines)) == lines


def test_a_long_line_is_put_together_from_its_pieces() -> None:
    assert lines_of("a" * 9, "b" * 9, "c\n", "next\n") == ["a" * 9 + "b" * 9 + "c", "next"]


def test_a_line_end_may_be_an_entry_of_its_own() -> None:
    assert lines_of("text\r", "\n", "\n") == ["text", ""]


def test_a_carriage_return_within_a_line_stays() -> None:
    assert lines_of("10 %\r20 %\r\n") == ["10 %\r20 %"]
    assert lines_of("end\r\r\n") == ["end\r"]


def test_a_line_without_end_is_cut_at_the_cap() -> None:
    given = lines_of(*["x"] * (2 * LONGEST_LINE + 1), "end\n")

    assert given == ["x" * LONGEST_LINE, "x" * LONGEST_LINE, "xend"]


def test_what_there_is_of_a_line_can_be_taken() -> None:
    lines = Lines()
    assert lines.feed(Entry(TIME, "no end")) is None

    assert lines.rest() == "no end"
    assert lines.feed(Entry(TIME, "next\n")) == "next"
