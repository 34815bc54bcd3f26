"""A place in a build's log that any replica can go on from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.log_frames import Entry
from repo2docker_service.domain.errors import BadCursor

_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
_CURSOR: Final = re.compile(
    rf"(?P<line>\d{{1,12}})(?:\.(?P<part>[bp])\.(?P<time>{_TIME})\.(?P<seen>\d{{1,9}})(?:\.(?P<before>{_TIME}))?)?",
    re.ASCII,
)
_PARTS: Final = {"b": Kind.BUILDER, "p": Kind.PUSHER}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LogCursor:
    """The last line given and, where known, the engine's entry that completed it."""

    line: int = 0
    part: Kind = Kind.BUILDER
    time: str = ""
    """The entry's time; empty: only the line's number is known."""
    seen: int = 0
    """How many entries of exactly that time were given."""
    before: str = ""
    """The time of the entry before those. Where the end of a log shows it, it shows all entries of the time itself."""

    def __str__(self) -> str:
        if not self.time:
            return str(self.line)
        letter = "b" if self.part is Kind.BUILDER else "p"
        return f"{self.line}.{letter}.{self.time}.{self.seen}{f'.{self.before}' if self.before else ''}"

    def after(self, entries: Sequence[Entry]) -> LogCursor:
        """Give the place after these entries, which follow this one; the line is left as it is."""
        if not entries:
            return self
        time = entries[-1][0]
        same = 1
        while same < len(entries) and entries[-1 - same][0] == time:
            same += 1
        text = time.decode("ascii", "replace")
        if same < len(entries):
            return replace(self, time=text, seen=same, before=entries[-1 - same][0].decode("ascii", "replace"))
        if text == self.time:
            return replace(self, seen=self.seen + same)
        return replace(self, time=text, seen=same, before=self.time)

    @property
    def since(self) -> str:
        """From when on to read, as the engine takes it: seconds and nanoseconds."""
        # The earlier one: clocks are set back at times.
        seconds, fraction = min(_parsed(time) for time in (self.before, self.time) if time)
        return f"{seconds}.{fraction}"


def _parsed(time: str) -> tuple[int, str]:
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    since_epoch = datetime.fromisoformat(f"{seconds}+00:00") - _EPOCH
    return int(since_epoch.total_seconds()), f"{fraction:0<9}"


def read_cursor(text: str) -> LogCursor:
    """Read a cursor; an empty one is the beginning.

    Raises:
        BadCursor: it was not given out by this service.
    """
    match = _CURSOR.fullmatch(text or "0")
    if match is None:
        raise BadCursor("Last-Event-ID", "This place in the log was not given out by this service.")
    if match["time"] is None:
        return LogCursor(int(match["line"]))
    cursor = LogCursor(
        int(match["line"]), _PARTS[match["part"]], match["time"], int(match["seen"]), match["before"] or ""
    )
    try:
        _ = cursor.since
    except ValueError:
        raise BadCursor("Last-Event-ID", "This place in the log holds a time that is none.") from None
    return cursor
