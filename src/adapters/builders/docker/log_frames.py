"""The engine's log stream, frame by frame, put together to lines.

The frame format is that of the Docker Engine API, "Attach to a container: Stream format": one byte for the stream,
three zero bytes, four bytes of length, then the entry. With ``timestamps`` an entry begins with its time and a blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

HEADER: Final = 8
LONGEST_LINE: Final = 64
"""Most entries, of at most 16 KiB each, that are put together to one line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a container's log."""

    time: str
    """RFC 3339 with nanoseconds, as the engine wrote it."""
    text: str


@dataclass(slots=True)
class Frames:
    """Cuts bytes that come in any pieces into entries."""

    buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Entry]:
        """Take more bytes and give the entries that they complete."""
        buffer = self.buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEADER:
            end = start + HEADER + int.from_bytes(buffer[start + 4 : start + HEADER], "big")
            if len(buffer) < end:
                break
            time, _, text = bytes(buffer[start + HEADER : end]).partition(b" ")
            yield Entry(time.decode("ascii", "replace"), text.decode("utf-8", "replace"))
            start = end
        del buffer[:start]


@dataclass(slots=True)
class Lines:
    """Puts entries together to lines; the engine cuts a long line into several entries."""

    pieces: list[str] = field(default_factory=list)

    def feed(self, entry: Entry) -> str | None:
        """Take an entry and give the line that it completes, if it does."""
        self.pieces.append(entry.text)
        if not entry.text.endswith("\n") and len(self.pieces) < LONGEST_LINE:
            return None
        return self.rest()

    def rest(self) -> str:
        """Give what there is of a line, without its end."""
        line = "".join(self.pieces)
        self.pieces.clear()
        return line.removesuffix("\n").removesuffix("\r")
