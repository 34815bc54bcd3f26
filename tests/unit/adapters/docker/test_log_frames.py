"""Bytes of the engine's log stream become entries, and entries lines, wherever they are cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.builders.docker.log_frames import LONGEST_LINE, Entry, Frames, Lines, batches

TIME = b"2026-01-02T03:04:05.000000006Z"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
streams = st.sampled_from([1, 2])


def frame(text: str | bytes, stream: int = 1, time: bytes = TIME) -> bytes:
    data = time + b" " + (text if isinstance(text, bytes) else text.encode())
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    return [data[start:end] for start, end in pairwise([0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)])]


def entries_of(*texts: str) -> list[Entry]:
    return [(TIME, text.encode()) for text in texts]


def lines_of(*texts: str) -> list[str]:
    """Give the lines that entries make, and see that they are the same however many entries come at once."""
    entries = entries_of(*texts)
    at_once, _ = Lines().feed(entries)
    one_by_one = Lines()
    assert [line for entry in entries for line in one_by_one.feed([entry])[0]] == at_once
    return at_once


@given(st.lists(st.tuples(texts, streams), max_size=8), st.lists(st.integers(0, 10_000), max_size=8))
def test_entries_are_the_same_wherever_the_bytes_are_cut(written: list[tuple[str, int]], cuts: list[int]) -> None:
    frames = Frames()
    data = b"".join(frame(text, stream) for text, stream in written)

    entries = [entry for piece in pieces_of(data, cuts) for entry in frames.feed(piece)]

    assert entries == entries_of(*(text for text, _ in written))


def test_entries_are_given_as_soon_as_they_are_whole() -> None:
    frames = Frames()
    data = frame("first\n") + frame("second\n")

    given_after = [[text for _, text in frames.feed(data[at : at + 1])] for at in range(len(data))]

    assert [(at, found) for at, found in enumerate(given_after) if found] == [
        (len(frame("first\n")) - 1, [b"first\n"]),
        (len(data) - 1, [b"second\n"]),
    ]


def test_nothing_of_what_was_given_is_kept() -> None:
    frames = Frames()

    assert len(list(frames.feed(frame("x" * 9) * 1000 + b"\x01\x00"))) == 1000
    assert frames._rest == b"\x01\x00"


def test_a_blank_at_the_start_of_a_line_belongs_to_the_line() -> None:
    assert list(Frames().feed(frame("  two blanks\n"))) == [(TIME, b"  two blanks\n")]


def test_an_empty_entry_is_one() -> None:
    assert list(Frames().feed(frame(""))) == [(TIME, b"")]


@given(st.binary(max_size=30))
def test_bytes_that_are_no_text_are_replaced_and_disturb_nothing_else(raw: bytes) -> None:
    entries = Frames().feed(frame("before\n") + frame(raw + b"\n") + frame("after\n"))

    assert [text for _, text in entries] == [b"before\n", raw + b"\n", b"after\n"]
    lines, used = Lines().feed(entries)
    text = raw.decode("utf-8", "replace")
    assert "\n".join(lines) == f"before\n{text}\nafter".replace("\r\n", "\n")
    assert used == 3


@given(st.binary(max_size=200))
def test_no_bytes_at_all_disturb_reading(data: bytes) -> None:
    entries = Frames().feed(data)
    lines, used = Lines().feed(entries)

    assert all(isinstance(line, str) for line in lines)
    assert used <= len(entries)


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
    assert lines.feed(entries_of("no end")) == ([], 0)

    assert (lines.begun, lines.rest(), lines.begun) == (True, "no end", False)
    assert lines.feed(entries_of("next\n")) == (["next"], 1)


def test_the_entries_of_a_line_that_has_no_end_yet_are_not_counted_as_used() -> None:
    lines = Lines()

    assert lines.feed(entries_of("one\n", "two\n", "thr")) == (["one", "two"], 2)
    assert lines.feed(entries_of("e")) == ([], 0)
    assert lines.feed(entries_of("e\n", "four\n", "fi")) == (["three", "four"], 2)


@given(st.lists(st.sampled_from(["a\n", "b", "\n", "c\r\n", "\r", ""])), st.lists(st.integers(0, 20)))
def test_lines_are_the_same_however_many_entries_come_at_once(texts: list[str], cuts: list[int]) -> None:
    entries, lines = entries_of(*texts), Lines()
    places = sorted({0, len(entries), *(cut for cut in cuts if cut < len(entries))})

    parts = [lines.feed(entries[start:end])[0] for start, end in pairwise(places)]

    assert [line for part in parts for line in part] == lines_of(*texts)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_entries_are_worked_on_in_parts_of_bounded_size(numbers: list[int], longest: int) -> None:
    entries = [(TIME, str(number).encode()) for number in numbers]
    parts = [list(part) for part in batches(entries, longest)]

    assert [entry for part in parts for entry in part] == entries
    assert all(0 < len(part) <= longest for part in parts)
    assert len(parts) == -(-len(entries) // longest)
