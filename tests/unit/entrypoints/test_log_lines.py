"""Whether lines of the log say what they are about, for people and for programs."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.builders.chores import Chores
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.log_context import BUILD, REQUEST, about_build, about_request
from repo2docker_service.entrypoints.log_lines import JsonLines, TextLines

BUILD_ID = "ab" * 16


def record(message: str = "it is so", *values: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("some.where", logging.WARNING, "x.py", 1, message, values, None)
    vars(made).update(more)
    return made


def failure() -> logging.LogRecord:
    error = LookupError("lost")
    return record(exc_info=(LookupError, error, None))


def test_a_text_line_ends_with_what_it_is_about() -> None:
    lines = TextLines(logging.Formatter("%(levelname)s: %(message)s"))
    with about_request("r-1"), about_build(BUILD_ID):
        assert lines.format(record()) == f"WARNING: it is so request_id=r-1 build_id={BUILD_ID}"
    assert lines.format(record()) == "WARNING: it is so"


def test_a_traceback_stays_behind_its_line() -> None:
    failed = failure()
    with about_request("r-1"):
        first, *rest = TextLines(None).format(failed).splitlines()

    assert first.endswith("WARNING: it is so request_id=r-1")
    assert rest[-1] == "  LookupError: lost"


@pytest.mark.parametrize(
    "hostile",
    [
        "\n2026-01-31 12:00:00,250 INFO: action=delete who=user:ada",
        "\r2026-01-31",
        "\x1b[2J",
        "\x1b]52;c;YQ==\x07",
        "\u202e",
        "\u200f",
        "\u200b",
        "\U000e0041",
    ],
    ids=ascii,
)
def test_nothing_in_a_message_looks_like_another_line_or_moves_a_terminal(hostile: str) -> None:
    lines = TextLines(logging.Formatter("%(levelname)s: %(message)s"))
    written = lines.format(record("There is no %s", f"a{hostile}"))
    first, *rest = written.split("\n")

    assert first.startswith("WARNING: There is no a")
    assert all(line.startswith("  ") for line in rest)
    assert all(line.isprintable() for line in (first, *rest))


@given(st.text())
def test_whatever_a_message_holds_only_its_first_line_begins_like_one(text: str) -> None:
    first, *rest = TextLines(logging.Formatter("%(levelname)s: %(message)s")).format(record("%s", text)).split("\n")

    assert first.startswith("WARNING: ")
    assert all(not line.strip() or line.startswith("  ") for line in rest)


def test_a_json_line_holds_the_same_and_the_time() -> None:
    with about_request("r-1"), about_build(BUILD_ID):
        line = json.loads(JsonLines().format(record("%s of %s", 1, 2, created=1769860800.25, data={"who": "user:ada"})))

    assert line == {
        "time": "2026-01-31T12:00:00.250+00:00",
        "level": "warning",
        "logger": "some.where",
        "message": "1 of 2",
        "request_id": "r-1",
        "build_id": BUILD_ID,
        "who": "user:ada",
    }


def test_an_exception_is_a_member_of_a_json_line() -> None:
    line = json.loads(JsonLines().format(failure()))

    assert line["exception"].endswith("LookupError: lost")


@given(st.text())
def test_no_message_ends_a_json_line(text: str) -> None:
    line = JsonLines().format(record("%s", text))

    assert line.isprintable()
    assert json.loads(line)["message"] == text


def test_what_a_request_turned_out_to_be_about_ends_with_it() -> None:
    with about_request("r-1"):
        BUILD.set(BUILD_ID)
        assert (REQUEST.get(), BUILD.get()) == ("r-1", BUILD_ID)

    assert (REQUEST.get(), BUILD.get()) == ("", "")


async def test_what_is_done_in_the_background_for_a_build_says_so(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    class Seeing(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            seen.append(BUILD.get())

    async def fail() -> None:
        raise BuilderUnavailable("engine", "off")

    log = logging.getLogger("chores of a test")
    log.addHandler(Seeing())
    chores = Chores(log)
    with about_build(BUILD_ID):
        chores.begin("start it", fail)
    await asyncio.sleep(0.01)
    await chores.stop()

    assert seen == [BUILD_ID]
    assert "Could not start it" in caplog.text
