"""Stands for repo2docker in the containers of trials: prints as many lines, as fast, as the commit says.

It runs by itself, in an image with nothing but Python's standard library; trials import it to know what was printed.
"""

from __future__ import annotations

import os
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

MARK = "10ad10ad"
REAL = "real-repo2docker"
TICK = 0.02
"""Seconds from one write to the next when the speed is limited."""
BATCH = 500
"""Lines of one write when it is not."""


@dataclass(frozen=True)
class Order:
    """What a build shall print, written in its commit."""

    lines: int
    per_second: int
    """0: as fast as they are taken."""
    width: int
    """Bytes of a line, its end included."""
    delay: int
    """Seconds before the first line."""
    status: int

    def commit(self, salt: str) -> str:
        """Write it as 40 hexadecimal digits, of which the salt is the last 15."""
        numbers = f"{self.lines:06x}{self.per_second:05x}{self.width:03x}{self.delay:x}{self.status:02x}"
        return f"{MARK}{numbers}{salt:0>15}"


def read_order(commit: str) -> Order:
    """Read what `Order.commit` wrote."""
    return Order(*(int(commit[start:end], 16) for start, end in pairwise((8, 14, 19, 22, 23, 25))))


def line(number: int, when: float, width: int) -> bytes:
    """Give a line: its number, its time, a checksum over both, and filling."""
    head = b"%08d %.6f " % (number, when)
    return (b"%s%08x " % (head, zlib.crc32(head))).ljust(width - 1, b".") + b"\n"


def batches(order: Order) -> Iterator[bytes]:
    """Give what to write, when it is time for it."""
    begun = time.monotonic()
    number = 0
    while number < order.lines:
        first = number + 1
        if order.per_second:
            number = min(order.lines, int((time.monotonic() - begun) * order.per_second))
        else:
            number = min(order.lines, number + BATCH)
        now = time.time()
        yield b"".join(line(each, now, order.width) for each in range(first, number + 1))
        if order.per_second:
            time.sleep(TICK)


def main(arguments: list[str]) -> int:
    """Print what the commit says; give any other commit to the real repo2docker."""
    commit = next((word.removeprefix("--ref=") for word in arguments if word.startswith("--ref=")), "")
    if not commit.startswith(MARK):
        os.execvp(REAL, [REAL, *arguments])  # noqa: S606 - no shell is wanted
    order = read_order(commit)
    time.sleep(order.delay)
    for batch in batches(order):
        sys.stdout.buffer.write(batch)
        sys.stdout.buffer.flush()
    return order.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
