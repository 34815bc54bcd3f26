"""Times of answers, and the memory of a process."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from .replica import Replica


def quantile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that so large a share of them does not exceed; not a number when there are none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else math.nan


def resident(pid: int) -> float:
    """Give the resident memory of a process in MiB."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


@contextmanager
def timing_gets(replica: Replica, token: str, path: str, pause: float) -> Iterator[list[float]]:
    """Ask for a path again and again while the context is open; the list fills with the seconds of each answer.

    What is not answered well counts as answered never.
    """
    taken: list[float] = []
    leaving = threading.Event()

    def ask() -> None:
        with replica.client(token) as client:
            while not leaving.wait(pause):
                begun = time.perf_counter()
                try:
                    client.get(path).raise_for_status()
                except httpx.HTTPError:
                    taken.append(math.inf)
                else:
                    taken.append(time.perf_counter() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield taken
    finally:
        leaving.set()
        thread.join(timeout=120)
