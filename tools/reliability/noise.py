"""How late this machine itself lets a process run, whatever the service does: to judge lags by."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

SAMPLE = 0.01


@dataclass
class Noise:
    """Milliseconds by which a thread that only sleeps woke up too late."""

    lags: list[float] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    @property
    def p99(self) -> float:
        """The lag that 99 of 100 samples do not reach."""
        return p99(self.lags)


def p99(lags: Sequence[float]) -> float:
    """Give the lag that 99 of 100 do not reach."""
    return sorted(lags)[int(0.99 * len(lags))]


@contextmanager
def listening_to_noise() -> Iterator[Noise]:
    """Sample while the context is open."""
    noise = Noise()
    thread = threading.Thread(target=_sample, args=(noise,), daemon=True)
    thread.start()
    try:
        yield noise
    finally:
        noise.leaving.set()
        thread.join(timeout=10)


def _sample(noise: Noise) -> None:
    while not noise.leaving.is_set():
        begun = time.monotonic()
        time.sleep(SAMPLE)
        noise.lags.append((time.monotonic() - begun - SAMPLE) * 1000)
