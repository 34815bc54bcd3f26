"""Checks the lines of log events, once for all readers that were sent the same bytes."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Piece:
    """What one log event holds."""

    first: int
    lines: int
    wrong: int
    """Lines that are not what their number and checksum say."""
    oldest: float
    """When its first line was written."""


@lru_cache(maxsize=1024)
def read_piece(data: bytes) -> Piece:
    """Read the data of a log event whose lines are those of a loud build."""
    event = json.loads(data)
    first, lines = event["first"], event["lines"]
    wrong = sum(not is_line(text, number) for number, text in enumerate(lines, first))
    return Piece(first, len(lines), wrong, written(lines[0]))


def is_line(text: str, number: int) -> bool:
    """Tell whether this is the line of that number, whole."""
    try:
        claimed, when, checksum = text.split(" ", 3)[:3]
        return int(claimed) == number and zlib.crc32(f"{claimed} {when} ".encode()) == int(checksum, 16)
    except ValueError:
        return False


def written(text: str) -> float:
    """Tell when a line was written, by the clock of the machine; 0 when it does not say."""
    try:
        return float(text.split(" ", 2)[1])
    except (ValueError, IndexError):
        return 0.0
