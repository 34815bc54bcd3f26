"""The engine's log stream, frame by frame, put together to lines.

The frame format is that of the Docker Engine API, "Attach to a container: Stream format": one byte for the stream,
three zero bytes, four bytes of length, then the entry. With ``timestamps`` an entry begins with its time and a blank.
Logs of a million entries come through here, so it works on many at once, and as bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

HEADER: Final = 8
LONGEST_LINE: Final = 64
"""Most entries, of at most 16 KiB each, that are put together to one line."""

Entry = tuple[bytes, bytes]
"""The time, in RFC 3339 with nanoseconds as the engine wrote it, and what was written."""


@dataclass(slots=True)
class Frames:
    """Cuts bytes that come in any pieces into entries."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> list[Entry]:
        """Take more bytes and give the entries that they complete."""
        data = self._rest + data if self._rest else data
        entries: list[Entry] = []
        start, size = 0, len(data)
        while size - start >= HEADER:
            begin = start + HEADER
            end = begin + int.from_bytes(data[start + 4 : begin], "big")
            if end > size:
                break
            time, _, text = data[begin:end].partition(b" ")
            entries.append((time, text))
            start = end
        self._rest = data[start:]
        return entries


@dataclass(slots=True)
class Lines:
    """Puts entries together to lines; the engine cuts a long line into several entries."""

    _pieces: list[bytes] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether a line has begun that has no end yet."""
        return bool(self._pieces)

    def feed(self, entries: Sequence[Entry]) -> tuple[list[str], int]:
        """Take entries; give the lines that they complete, and how many entries that took."""
        joined = b"".join([text for _, text in entries])
        # Nearly always each entry is one line, and all can be made text at once.
        if not self._pieces and joined.endswith(b"\n") and joined.count(b"\n") == len(entries):
            return _text(joined).split("\n")[:-1], len(entries)
        lines: list[str] = []
        used = 0
        for number, (_, text) in enumerate(entries, 1):
            self._pieces.append(text)
            if text.endswith(b"\n") or len(self._pieces) == LONGEST_LINE:
                lines.append(self.rest())
                used = number
        return lines, used

    def rest(self) -> str:
        """Give what there is of a line, without its end."""
        line = b"".join(self._pieces)
        self._pieces.clear()
        return _text(line).removesuffix("\n")


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n") if "\r" in text else text


def batches(entries: Sequence[Entry], longest: int) -> Iterator[Sequence[Entry]]:
    """Give entries in parts of so many."""
    for start in range(0, len(entries), longest):
        yield entries[start : start + longest]
