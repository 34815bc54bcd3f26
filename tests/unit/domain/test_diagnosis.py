"""What went wrong is found in the last lines of a log."""

import re
import time
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.failed_logs import APT, KILLED, NO_BASE, PIP, SAMPLES, step
from tests.unit.domain.printed_logs import PRINTED

from repo2docker_service.domain.failures.cause_patterns import ENDS, FETCH, PUSH, TOOL, Table
from repo2docker_service.domain.failures.causes import WHAT_TO_DO, Cause, CauseKind
from repo2docker_service.domain.failures.diagnosis import LONGEST_LINE, LONGEST_TEXT, find_cause, plain
from repo2docker_service.domain.failures.step_patterns import STEP
from repo2docker_service.domain.models import Reason

REASONS = st.sampled_from([None, *Reason])
PATTERNS = [pattern for table in (ENDS, FETCH, PUSH, STEP, TOOL) for _, patterns in table for pattern in patterns]


def cause_of(log: str, reason: Reason = Reason.BUILD_FAILED) -> Cause | None:
    return find_cause(reason, enumerate(log.split("\n"), 1))


@pytest.mark.parametrize("name", SAMPLES)
def test_each_kind_of_mistake_is_found_with_its_line(name: str) -> None:
    log, kind, words = SAMPLES[name]

    cause = cause_of(log)

    assert cause is not None
    assert cause.kind is kind
    assert words in cause.text
    assert plain(log.split("\n")[cause.line - 1]).endswith(cause.text[-40:])


@pytest.mark.parametrize("name", PRINTED)
def test_what_programs_have_really_printed_is_understood(name: str) -> None:
    printed, kind, words = PRINTED[name]

    cause = cause_of(step("install", printed))

    assert cause is not None
    assert (cause.kind, words in cause.text) == (kind, True), cause.text


def test_a_builder_that_used_too_much_memory_is_told_apart_from_a_step() -> None:
    told = "The build was killed because it used more memory than it may."

    cause = cause_of(f"Cloning into '/tmp/a'...\n{told}", Reason.OUT_OF_RESOURCES)

    assert cause == Cause(CauseKind.BUILDER_OUT_OF_MEMORY, 2, told)


def test_a_disk_that_was_full_is_told_where_no_program_says_so() -> None:
    told = "The disk of the engine was full while it built."

    causes = [
        cause_of(f"{step('make', printed)}\n{told}", Reason.OUT_OF_RESOURCES)
        for printed in ("cannot write", "Permission denied", "cp: error writing 'b': No space left on device")
    ]

    assert [cause and cause.kind for cause in causes] == [CauseKind.DISK_FULL] * 3
    assert [cause and cause.text for cause in causes] == [told, told, "cp: error writing 'b': No space left on device"]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ("The registry refused the image: denied: requested access to the resource is denied.", "registry-refused"),
        ("The registry stayed away: dial tcp 127.0.0.1:5000: connect: connection refused.", "registry-away"),
        ("The push failed: it took longer than this service allows.", "registry-away"),
        ("The push failed: the registry has said nothing for 240 seconds.", "registry-away"),
    ],
)
def test_why_an_image_did_not_get_to_its_registry_is_told(says: str, kind: str) -> None:
    log = f"#9 DONE 0.1s\nThe push failed: 503. Trying again in 1 seconds.\n{says}"

    assert cause_of(log, Reason.PUSH_FAILED) == Cause(CauseKind(kind), 3, says)


def test_an_engine_that_is_away_is_no_fault_of_the_registry() -> None:
    assert cause_of("The push failed: the engine did not answer: refused.", Reason.PUSH_FAILED) is None


def test_every_kind_is_found_in_a_sample_and_has_its_advice() -> None:
    fetching = {CauseKind.REPOSITORY_CLOSED, CauseKind.PRIVATE_NETWORK}
    beside = fetching | {CauseKind.REGISTRY_AWAY, CauseKind.REGISTRY_REFUSED}
    found = {kind for _, kind, _ in SAMPLES.values()} | beside | {CauseKind.BUILDER_OUT_OF_MEMORY}

    assert found == set(CauseKind) == set(WHAT_TO_DO)
    assert all(Cause(kind, 1, "").advice.endswith(".") for kind in CauseKind)


def test_the_documentation_lists_every_kind() -> None:
    page = Path(__file__).parents[3] / "docs/how-to/when-a-build-fails.md"
    listed = re.findall(r"^\| `([a-z-]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(listed) == sorted([*CauseKind, "kind"])


def test_patterns_are_small_letters_and_each_stands_once_in_its_table() -> None:
    for table in (ENDS, FETCH, PUSH, STEP, TOOL):
        patterns = [pattern for _, patterns in table for pattern in patterns]
        assert len(set(patterns)) == len(patterns)
        assert all(pattern == pattern.lower() and "**" not in pattern for pattern in patterns)


@pytest.mark.parametrize("table", [ENDS, FETCH, PUSH, STEP, TOOL])
def test_no_pattern_stands_behind_one_that_fits_all_that_it_fits(table: Table) -> None:
    patterns = [pattern for _, patterns in table for pattern in patterns]

    for place, pattern in enumerate(patterns):
        anything = pattern.replace("*", "\0")
        assert [before for before in patterns[:place] if fnmatchcase(anything, before)] == []


def test_what_steps_before_have_printed_is_no_cause() -> None:
    log = step("true", "no").replace("#8 0.100 before", "#8 0.100 E: Unable to locate package before")

    assert cause_of(log) == Cause(CauseKind.STEP_FAILED, 6, "no")


def test_what_a_step_was_told_to_run_is_no_cause() -> None:
    cause = cause_of(step("echo No space left on device; echo dockerfile parse error; exit 3", "no", 3))

    assert cause == Cause(CauseKind.STEP_FAILED, 6, "no")


def test_what_a_step_prints_is_not_taken_for_what_the_tools_say() -> None:
    cause = cause_of(step("cat notes", "ERROR: failed to solve: dockerfile parse error on line 1: exit code: 137"))

    assert cause is not None
    assert cause.kind is CauseKind.STEP_FAILED


def test_what_was_overcome_long_ago_is_no_cause() -> None:
    printed = "\n".join(["Connection refused", *(f"line {number}" for number in range(300)), "no data"])

    cause = cause_of(step("prepare", printed))

    assert cause is not None
    assert (cause.kind, cause.text) == (CauseKind.STEP_FAILED, "no data")


def test_the_end_of_a_long_command_is_seen() -> None:
    cause = cause_of(step("echo " + "very long " * 500, "", 137))

    assert cause is not None
    assert cause.kind is CauseKind.OUT_OF_MEMORY
    assert cause.text.startswith("ERROR: failed to build")
    assert cause.text.endswith("exit code: 137")
    assert len(cause.text) <= LONGEST_TEXT


@pytest.mark.parametrize("says", ["/bin/sh: not found", "not available for this version of R: packages x are"])
def test_a_pattern_fits_as_a_whole_and_in_order(says: str) -> None:
    assert cause_of(step("Rscript install.R", says)) == Cause(CauseKind.STEP_FAILED, 6, says)


def test_what_is_told_in_place_of_too_many_lines_is_not_the_last_line() -> None:
    cause = cause_of(step("noise", "no data\n[output clipped, log limit 2MiB reached]"))

    assert cause == Cause(CauseKind.STEP_FAILED, 6, "no data")


def test_a_step_that_failed_before_these_lines_is_not_guessed_at() -> None:
    assert cause_of("#10 1.000 still running\n#10 CANCELED\nA step of the build failed.") is None


def test_a_step_that_printed_nothing_is_told_by_how_it_ended() -> None:
    cause = cause_of(step("false", ""))

    assert cause is not None
    assert (cause.kind, cause.text) == (
        CauseKind.STEP_FAILED,
        'ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1',
    )


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (
            "fatal: could not read Username for 'https://example.org': terminal prompts disabled",
            "repository-closed",
        ),
        ("fatal: repository 'https://git.example.org/a/b/' not found", "repository-closed"),
        ("git was kept from git.example.org: it leads into a private network.", "private-network"),
        ("fatal: unable to access 'https://git.example.org/a/': Could not resolve host: git.example.org", "network"),
        ("fatal: unable to access 'https://a.org/': Failed to connect to a.org port 443: No route to host", "network"),
    ],
)
def test_why_a_repository_cannot_be_fetched_is_told(says: str, kind: str) -> None:
    log = f"Picked Git content provider.\nCloning into '/tmp/r2d'...\n{says}\nThe repository could not be fetched."

    assert cause_of(log, Reason.SOURCE_UNREACHABLE) == Cause(CauseKind(kind), 3, says)


def test_only_resources_are_told_of_a_build_that_ran_out_of_them() -> None:
    killed, other = cause_of(KILLED, Reason.OUT_OF_RESOURCES), cause_of(PIP, Reason.OUT_OF_RESOURCES)

    assert killed is not None
    assert killed.kind is CauseKind.OUT_OF_MEMORY
    assert other is None


@pytest.mark.parametrize("reason", [Reason.TIMED_OUT, Reason.INTERNAL])
def test_nothing_is_found_where_the_reason_has_nothing_to_do_with_the_log(reason: Reason) -> None:
    assert cause_of(APT, reason) is None
    assert cause_of("") is None
    assert find_cause(Reason.BUILD_FAILED, []) is None


def test_colours_and_what_was_written_over_are_left_out() -> None:
    log = step("pip", "Downloading 1%\rDownloading 99%\r\x1b[1;31mERROR: No matching distribution found for x\x1b[0m\r")

    cause = cause_of(log)

    assert cause is not None
    assert cause.text == "ERROR: No matching distribution found for x"


def test_lines_are_told_with_their_own_numbers() -> None:
    cause = find_cause(Reason.BUILD_FAILED, enumerate(NO_BASE.split("\n"), 70_001))

    assert cause is not None
    assert cause.line > 70_000


@given(
    REASONS,
    st.lists(
        st.text(max_size=60)
        | st.builds("#9 {}.250 {}".format, st.integers(0, 99), st.text(max_size=60) | st.sampled_from(PATTERNS))
        | st.builds("#{} ERROR: {}".format, st.integers(8, 10), st.text(max_size=60) | st.sampled_from(PATTERNS)),
        max_size=30,
    ),
)
def test_whatever_a_log_holds_the_cause_is_short_and_can_be_shown(reason: Reason | None, lines: list[str]) -> None:
    cause = find_cause(reason, enumerate(lines, 1))

    if cause is not None:
        assert len(cause.text) <= LONGEST_TEXT
        assert cause.text.isprintable()
        assert 1 <= cause.line <= len(lines)


@given(st.text(max_size=2000))
def test_a_plain_line_stays_as_it_is(line: str) -> None:
    once = plain(line)

    assert once.isprintable()
    assert len(once) <= LONGEST_LINE
    assert plain(once) == once


@pytest.mark.parametrize(
    "line",
    ["\x1b" * 10_000, "\x1b[" + "1;" * 10_000, "\x1b]" * 10_000, "#" * 10_000, " " * 10_000, "#1 0.1 " * 2000]
    + [f"#9 1.000 {'x'.join(pattern.strip('*').split('*') * 50)}" for pattern in PATTERNS[:3]],
)
def test_no_line_makes_the_search_slow(line: str) -> None:
    begun = time.process_time()

    find_cause(Reason.BUILD_FAILED, [*((number, line) for number in range(400)), (401, "#9 ERROR: no")])

    assert time.process_time() - begun < 1
