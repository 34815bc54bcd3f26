"""What a process uses, seen from outside, and how soon it answers meanwhile."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .figures import Figure, below

MOST_GROWTH = 64
"""MiB that serving may add to a process, whatever is served."""
ANSWERS_WITHIN = 1.0
"""Seconds for ``/health/live``, whatever goes on."""
PAUSE = 0.2
"""Seconds between two health checks."""
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Give the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(pid: int) -> float:
    """Give the MiB of memory that a process holds."""
    return _status(pid, "VmRSS") / 1024


def descriptors(pid: int) -> int:
    """Count a process's open files."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _status(pid: int, name: str) -> int:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields[name].split()[0])


@dataclass
class Watched:
    """A process while a trial goes on."""

    pid: int
    port: int
    memory_before: float
    cpu_before: float
    slowest_answer: float = 0
    """Of ``/health/live``, in seconds; the time-out when one never came."""
    answers: int = 0
    growth: float = 0
    """The most MiB that it held more than before."""
    cpu: float = 0
    """Seconds of processor time."""
    leaving: threading.Event = field(default_factory=threading.Event)

    def figures(self, what: str) -> list[Figure]:
        """Compare with what is promised of every process at every time."""
        return [
            below(f"{what}: growth of resident memory", round(self.growth, 1), MOST_GROWTH, "MiB"),
            below(f"{what}: slowest answer of /health/live", round(self.slowest_answer, 3), ANSWERS_WITHIN, "s"),
        ]


@contextmanager
def watching(pid: int, port: int, at_rest: float = 0) -> Iterator[Watched]:
    """Note a process's peak of memory, its processor time and its answers while the context is open.

    Growth counts from the MiB that it holds at rest, or now.
    """
    # The kernel notes the peak itself, and begins anew when told so.
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    watched = Watched(pid, port, at_rest or resident(pid), cpu_seconds(pid))
    asking = threading.Thread(target=_ask, args=(watched,), daemon=True)
    asking.start()
    try:
        yield watched
    finally:
        watched.leaving.set()
        asking.join(timeout=10)
    watched.cpu = cpu_seconds(pid) - watched.cpu_before
    watched.growth = max(0.0, _status(pid, "VmHWM") / 1024 - watched.memory_before)


def _ask(watched: Watched) -> None:
    while not watched.leaving.wait(PAUSE):
        begun = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", watched.port, timeout=5)
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            connection.close()
            watched.answers += 1
        except (OSError, http.client.HTTPException):
            if watched.leaving.is_set():
                return
        watched.slowest_answer = max(watched.slowest_answer, time.monotonic() - begun)
