"""However much a build prints, its log takes only so much, and says what it left out."""

import json
import re
import subprocess
import time

import pytest
from tests.unit.adapters.containers.test_launcher import python, result
from traitlets import TraitError

from repo2docker_service.adapters.builders.containers.in_container.capped_log import ENTRY, PIECE, cost
from repo2docker_service.adapters.builders.docker import DockerImageBuilder

PASS_ON = """
from in_container.capped_log import CappedLog
import subprocess
most, command = sys.argv[1:]
log = CappedLog(int(most))
child = subprocess.Popen(["sh", "-c", command], stdout=log.target)
log.begin()
child.wait()
log.finish()
print("ended", flush=True)
"""
MARK = "[This log is longer than the 10000 bytes that it may take. Its end follows.]"


def passed_on(most: int, command: str) -> list[str]:
    code, output = result(python(PASS_ON, most, command, stderr=subprocess.DEVNULL))
    assert code == 0
    return output.splitlines()


def test_what_is_short_enough_is_passed_on_as_it_is() -> None:
    lines = passed_on(10_000, "seq 1 50; printf 'no end'")

    assert lines == [*map(str, range(1, 51)), "no end", "ended"]


@pytest.mark.parametrize("lines", [20_000, 100_000])
def test_of_what_is_too_long_the_beginning_and_the_end_are_kept_and_the_rest_is_counted(lines: int) -> None:
    found = passed_on(10_000, f"seq 1 {lines}")
    mark = found.index(MARK)
    begin = [*map(int, found[:mark])]
    end = [*map(int, found[mark + 2 : -1])]
    left_out = re.fullmatch(r"\[(\d+) bytes were left out here.\]", found[mark + 1])

    assert left_out is not None
    assert begin == [*range(1, begin[-1] + 1)]
    assert end == [*range(end[0], lines + 1)]
    assert int(left_out[1]) == sum(len(f"{number}\n") for number in range(begin[-1] + 1, end[0]))
    assert found[-1] == "ended"


def test_short_lines_count_as_what_the_engine_writes_for_them() -> None:
    found = passed_on(10_000, "i=0; while [ $i -lt 500 ]; do echo; i=$((i+1)); sleep 0.001; done")

    assert found.index(MARK) == pytest.approx(10_000 / 71, abs=5)


@pytest.mark.parametrize("byte", ["\\0", "\\033", "<"])
def test_what_the_engine_has_to_escape_counts_as_what_it_writes_for_it(byte: str) -> None:
    found = passed_on(100_000, f"head -c 200000 /dev/zero | tr '\\0' '{byte}'")

    assert len(found[0]) == pytest.approx(100_000 / 6, abs=PIECE)
    assert found[1].startswith("[This log is longer")


@pytest.mark.parametrize(
    "text", ['plain "text" \\o/\r\n', "größe 日本\n\n", "\x1b[1m<b>&\x00\x7f\n\t", "\n", "a\u2028\u2028b\u2029"]
)
def test_a_line_costs_what_the_engine_writes_for_it(text: str) -> None:
    escaped = json.dumps(text, ensure_ascii=False).strip('"')
    for each in "<>&\u2028\u2029":
        escaped = escaped.replace(each, f"\\u{ord(each):04x}")
    escaped = escaped.replace("\\t", "\\u0009")
    lines = text.count("\n")

    assert cost(text.encode()) == len(escaped.encode()) + (ENTRY - 1) * lines


def test_no_limit_is_above_what_the_engine_keeps() -> None:
    with pytest.raises(TraitError, match="log_limit"):
        DockerImageBuilder(log_limit=4 << 30)


def test_a_flood_takes_little_and_its_reader_goes_on() -> None:
    code, output = result(python(PASS_ON, 10_000, "yes | head -c 200000000", stderr=subprocess.DEVNULL))

    assert code == 0
    assert len(output) < 10_000 + 4 * 65536
    assert MARK in output


def test_a_mark_is_a_line_of_its_own_whatever_came_before() -> None:
    found = passed_on(10_000, "head -c 20000 /dev/zero | tr '\\0' x; sleep 0.2; echo; echo last")

    assert MARK in found
    assert found[-2:] == ["last", "ended"]


def test_who_outlives_the_build_is_not_waited_for() -> None:
    began = time.monotonic()
    code, output = result(python(PASS_ON, 10_000, "echo said; setsid sleep 30 & true", stderr=subprocess.DEVNULL))

    assert (code, output) == (0, "said\nended\n")
    assert time.monotonic() - began < 20
