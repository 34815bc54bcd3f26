"""A replica with the probe, and what the probe found."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from . import probed_service
from .figures import Figure, below, known
from .noise import Noise, p99
from .replica import Replica

MOST_LAG = 250
"""Milliseconds that the event loop may be late, at any time, on a machine that lets it run when it wants."""


def probed(folder: Path, settings: str, **more: str) -> Replica:
    """Give a replica that runs the service's command with the probe beside it."""
    environment = {**more, probed_service.VARIABLE: str(_file(folder))}
    # -P: the folder of the program holds modules that must not stand for others of their names.
    command = (sys.executable, "-P", probed_service.__file__)
    return Replica(folder, settings, command=command, environment=environment)


def _file(folder: Path) -> Path:
    return folder.absolute() / "probe"


@dataclass(frozen=True)
class Probed:
    """What the probe of a replica wrote."""

    tasks: list[int]
    """One number for each second."""
    lags: list[float]
    """Milliseconds, one for each sample."""

    def figures(self, what: str, noise: Noise) -> list[Figure]:
        """Compare with what is promised of the event loop."""
        # Nothing runs sooner than a process that only sleeps.
        goal = MOST_LAG + round(max(noise.lags))
        return [
            below(f"{what}: most lag of the event loop", round(max(self.lags), 1), goal, "ms"),
            known(f"{what}: lag of the event loop, p99", round(p99(self.lags), 1), "ms"),
            known(f"{what}: most lag of a process that only sleeps", round(max(noise.lags), 1), "ms"),
            known(f"{what}: lag of a process that only sleeps, p99", round(noise.p99, 1), "ms"),
        ]


def read_probe(replica: Replica) -> Probed:
    """Read what the probe of a replica wrote until now."""
    rows = [line.split() for line in _file(replica.folder).read_text().splitlines()]
    return Probed([int(row[0]) for row in rows], [float(lag) for row in rows for lag in row[1:]])
