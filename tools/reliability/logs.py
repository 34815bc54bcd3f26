"""Repositories whose builds print numbered rows with a checksum, and the arithmetic over what became of the rows."""

from __future__ import annotations

import re
import secrets
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tools.parts.repository import Repository

from .rig import Rig

PRINTER = """\
import sys
import time
import zlib

rows, per_second, width = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
salt = sys.argv[4]
begun = time.monotonic()
batch = max(1, int(per_second / 50))
for first in range(1, rows + 1, batch):
    text = []
    for number in range(first, min(rows + 1, first + batch)):
        body = f"{number} {salt}".ljust(width - 15, ".")
        text.append(f"=row= {body} {zlib.crc32(body.encode()):08x}")
    print(*text, sep=chr(10), flush=True)
    time.sleep(max(0, begun + (first + batch - 1) / per_second - time.monotonic()))
"""
ROW = re.compile(r"=row= ((\d+) .*) ([0-9a-f]{8})")
MARK = "=row= "


@dataclass(frozen=True, slots=True)
class Rows:
    """What a build prints.

    BuildKit cuts what a step prints faster than 200 KiB/s or beyond 2 MiB, and writes `#7 0.123 ` before each line;
    engines that we start ourselves have higher limits.
    """

    rows: int
    per_second: float = 100
    width: int = 40
    """Characters of a row."""
    small: bool = False
    """Whether the image is one of next to nothing, which is quickly pushed."""

    @property
    def seconds(self) -> float:
        """How long a build prints."""
        return self.rows / self.per_second


def address_of(rig: Rig, rows: Rows) -> str:
    """Make a new repository whose build prints these rows, and give its address. No cache answers for it."""
    repository = Repository(rig.git.root, f"{secrets.token_hex(6)}/rows.git")
    command = f"python3 -I /rows.py {rows.rows} {rows.per_second:g} {rows.width} {secrets.token_hex(4)}"
    dockerfile = f"FROM {rig.image} AS rows\nCOPY rows.py /rows.py\nRUN {command}\n"
    only_the_program = "FROM scratch\nCOPY --from=rows /rows.py /rows.py\n" if rows.small else ""
    repository.commit({"Dockerfile": dockerfile + only_the_program, "rows.py": PRINTER}, "Rows")
    return f"{rig.git.url.rstrip('/')}/{repository.name}"


def failing_address(rig: Rig) -> str:
    """Make a new repository whose build fails in a step, and give its address."""
    repository = Repository(rig.git.root, f"{secrets.token_hex(6)}/fails.git")
    repository.commit({"Dockerfile": f"FROM {rig.image}\nRUN exit 3 # {secrets.token_hex(4)}\n"}, "It fails")
    return f"{rig.git.url.rstrip('/')}/{repository.name}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the rows in one copy of a log."""

    missing: int = 0
    doubled: int = 0
    out_of_order: int = 0
    damaged: int = 0
    """With another checksum than what they say."""

    @property
    def perfect(self) -> bool:
        """Whether each row is there once, in its place, and whole."""
        return self == Tally()

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.missing + other.missing,
            self.doubled + other.doubled,
            self.out_of_order + other.out_of_order,
            self.damaged + other.damaged,
        )


def tally(lines: Iterable[str], rows: int) -> Tally:
    """Compare the rows among the lines of a log with those that the build printed."""
    damaged = 0
    seen = []
    for line in lines:
        if MARK in line:
            number = _number(line)
            damaged += number is None
            seen += [] if number is None else [number]
    counts = Counter(seen)
    return Tally(
        missing=sum(number not in counts for number in range(1, rows + 1)),
        doubled=sum(count - 1 for count in counts.values()),
        out_of_order=sum(later < earlier for earlier, later in pairwise(seen)),
        damaged=damaged + sum(not 1 <= number <= rows for number in counts),
    )


def _number(line: str) -> int | None:
    """Give the number of a whole row, or None."""
    match = ROW.fullmatch(line[line.index(MARK) :])
    return int(match[2]) if match and zlib.crc32(match[1].encode()) == int(match[3], 16) else None
