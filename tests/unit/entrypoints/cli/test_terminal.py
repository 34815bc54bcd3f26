import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.entrypoints.cli.terminal import log_line, plain

COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def test_colours_are_kept_and_end_with_the_line() -> None:
    assert log_line("\x1b[1;31mred") == "\x1b[1;31mred\x1b[0m"


def test_tabs_and_the_carriage_returns_of_progress_lines_are_kept() -> None:
    assert log_line("a\t10%\r20%\r\n") == "a\t10%\r20%"


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[2J",
        "\x1b[10A",
        "\x1b[?1049h",
        "\x1b[6n",
        "\x1b]0;a title\x07",
        "\x1b]52;c;c3RvbGVu\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1bc",
        "\x1b(0",
        "\x9b2J"[:1],
        "\x07",
        "\x08",
        "\x0b",
        "\x7f",
        "\u202e",
        "\u200f",
        "\u061c",
        "\u200b",
        "\ufeff",
        "\U000e0041",
        "\x1b",
    ],
)
def test_what_could_move_rename_or_ask_the_terminal_is_removed(hostile: str) -> None:
    assert log_line(f"before{hostile}") == "before"
    assert plain(f"before{hostile}") == "before"


def test_a_control_that_never_ends_takes_the_rest_of_its_line_only() -> None:
    assert log_line("before\x1b]0;never ended") == "before"


@given(st.text(alphabet=st.sampled_from("\x1b[]PX^_;:?0123456789mAJh\\ \x00\x07\x08\r\t\n\x9b\x7f\u202eab")))
def test_no_control_survives_whatever_is_put_together(text: str) -> None:
    rest = COLOUR.sub("", log_line(text))

    assert not re.search(r"[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", rest)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", plain(text))
