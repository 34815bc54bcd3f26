"""A place in a build's log that any replica can go on from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.builders.docker.labels import Kind
from repo2docker_service.domain.errors import BadCursor

_CURSOR: Final = re.compile(
    r"(?P<line>\d{1,12})(?:\.(?P<part>[bp])\.(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)\.(?P<seen>\d{1,9}))?",
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

    def __str__(self) -> str:
        letter = "b" if self.part is Kind.BUILDER else "p"
        return f"{self.line}.{letter}.{self.time}.{self.seen}" if self.time else str(self.line)

    @property
    def since(self) -> str:
        """The time as the engine takes it: seconds and nanoseconds."""
        seconds, _, fraction = self.time.removesuffix("Z").partition(".")
        whole = int((datetime.fromisoformat(f"{seconds}+00:00") - _EPOCH).total_seconds())
        return f"{whole}.{fraction:0<9}"


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
    cursor = LogCursor(int(match["line"]), _PARTS[match["part"]], match["time"], int(match["seen"]))
    try:
        _ = cursor.since
    except ValueError:
        raise BadCursor("Last-Event-ID", "This place in the log holds a time that is none.") from None
    return cursor
