"""Finds what went wrong inside a build in the last lines of its log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.domain.failures.cause_patterns import ENDS, FETCH, PUSH, TOOL, Table
from repo2docker_service.domain.failures.causes import Cause, CauseKind
from repo2docker_service.domain.failures.step_patterns import STEP
from repo2docker_service.domain.models import Reason

LONGEST_LINE: Final = 500
"""Characters of a line that are looked at."""
LONGEST_TEXT: Final = 300
"""Characters of a line that are told."""
_LATEST: Final = 200
"""Lines of a step that are looked at: what went wrong long before its end was overcome."""
# Colours and other orders to a terminal. The parts share no character, so there is one way to match at most.
_ESCAPE: Final = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]?|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)?|[ -/]{0,8}[0-~])"
)
# BuildKit's plain progress: "#7 12.34 what a step prints", "#7 [3/9] RUN what it is told", "#7 ERROR: how it ended".
_STEP: Final = re.compile(r"#(\d{1,6}) (?:(\d{1,7}\.\d{1,3}) )?(.*)", re.ASCII | re.DOTALL)
# 'process "/bin/sh -c …" did not complete successfully: exit code: 1', and in earlier releases 'executor failed running
# [/bin/sh -c …]: exit code: 1': what it was told to run says nothing.
_TOLD: Final = (('process "', '" did not complete successfully'), ("executor failed running [", "]: "))
# What BuildKit repeats at the end: lines of the step, and of the Dockerfile.
_EXCERPT: Final = re.compile(r"\d{1,7}\.\d{1,3}(?: |$)|\s{0,8}(?:\d{1,6} \||> \[|-{6,})", re.ASCII)
_CLIPPED: Final = "[output clipped, "
"""What BuildKit tells in place of more lines than it lets a step print."""
_RESOURCES: Final = frozenset({CauseKind.OUT_OF_MEMORY, CauseKind.BUILDER_OUT_OF_MEMORY, CauseKind.DISK_FULL})
_BESIDE_BUILDS: Final[Mapping[Reason | None, Table]] = {Reason.SOURCE_UNREACHABLE: FETCH, Reason.PUSH_FAILED: PUSH}
IN_LOG: Final = frozenset({Reason.BUILD_FAILED, Reason.OUT_OF_RESOURCES, *_BESIDE_BUILDS})
"""Reasons of which a log may say more."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    searched: str


@dataclass(slots=True)
class _Sorted:
    """The lines of a log by who wrote them."""

    tool: list[_Line] = field(default_factory=list)
    """BuildKit and repo2docker."""
    printed: dict[str, list[_Line]] = field(default_factory=dict)
    """Steps, by their number."""
    failed: list[str] = field(default_factory=list)
    """Numbers of steps that failed."""

    @property
    def step(self) -> Sequence[_Line]:
        """What the step that failed last has printed."""
        return self.printed.get(self.failed[-1], [])[-_LATEST:] if self.failed else ()


def find_cause(reason: Reason | None, lines: Iterable[tuple[int, str]]) -> Cause | None:
    """Say what went wrong, or nothing where the lines do not tell.

    Whatever the lines hold, the answer is short and can be shown: repositories choose what their builds print.

    Args:
        reason: how the build ended.
        lines: the last lines of its log with their numbers.
    """
    if reason not in IN_LOG:
        return None
    if reason in _BESIDE_BUILDS:
        return _first(_BESIDE_BUILDS[reason], [_line(number, plain(text)) for number, text in lines])
    found = _sort(lines)
    if reason is Reason.OUT_OF_RESOURCES:
        return _first(_spent(TOOL), found.tool) or _first(_spent(STEP), found.step) or _first(_spent(ENDS), found.tool)
    return _first(TOOL, found.tool) or _first(STEP, found.step) or _first(ENDS, found.tool) or _otherwise(found)


def _spent(table: Table) -> Table:
    return [row for row in table if row[0] in _RESOURCES]


def plain(line: str) -> str:
    """Give a line as a terminal would leave it, without what cannot be printed; of a long one its two ends."""
    written = line.rstrip("\r\n")
    kept = _cut(written[written.rfind("\r") + 1 :], LONGEST_LINE)
    return "".join(filter(str.isprintable, _ESCAPE.sub("", kept).replace("\t", " "))).strip()


def _cut(text: str, longest: int) -> str:
    # How a step ended stands behind all that it was told to run.
    half = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[:half]} … {text[-half:]}"


def _sort(lines: Iterable[tuple[int, str]]) -> _Sorted:
    found = _Sorted()
    for number, line in lines:
        text = plain(line)
        step = _STEP.match(text)
        if step is None:
            if text and not _EXCERPT.match(text):
                found.tool.append(_line(number, text))
        elif step[2]:
            found.printed.setdefault(step[1], []).append(_line(number, step[3].strip()))
        elif step[3].startswith("ERROR: "):
            found.failed.append(step[1])
            found.tool.append(_line(number, step[3]))
    return found


def _line(number: int, text: str) -> _Line:
    said = text
    for begin, end in _TOLD:
        if begin in text:
            said = text.rpartition(end)[2]
    return _Line(number, _cut(text, LONGEST_TEXT), said.lower())


def _first(table: Table, lines: Sequence[_Line]) -> Cause | None:
    """Give the last line for the first pattern that one matches."""
    for kind, patterns in table:
        for pattern in patterns:
            parts = pattern.split("*")
            found = next((line for line in reversed(lines) if _matches(parts, line.searched)), None)
            if found is not None:
                return Cause(kind, found.number, found.text)
    return None


def _matches(parts: Sequence[str], text: str) -> bool:
    """Whether a text consists of these parts, in order, with anything between them."""
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    if not text.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - place >= len(last) and text.endswith(last)


def _otherwise(found: _Sorted) -> Cause | None:
    """Give the last thing that the failed step printed, or how it ended; where no step ran, what repo2docker said."""
    printed = [line for line in found.step if line.text and not line.text.startswith(_CLIPPED)]
    ended = [line for line in found.tool if line.text.startswith("ERROR: ")]
    if telling := printed or ended[:1]:
        return Cause(CauseKind.STEP_FAILED, telling[-1].number, telling[-1].text)
    if found.tool and not found.printed:
        return Cause(CauseKind.UNSUITABLE, found.tool[-1].number, found.tool[-1].text)
    return None
