"""A build's time is over while no process of the service is there."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .api import PAUSE, ended
from .figures import Figure, below, exactly, known
from .installed import Installed, installed
from .lives import Life, lives
from .rig import Rig
from .trivial_builder import trivial_builder

PATIENCE = 30.0
"""Seconds beyond the deadline, after which the build counts as going on for ever."""


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    seconds: float
    """The longest that a build may take."""


FULL = Size(seconds=20)
SHORT = Size(seconds=6)


def run(rig: Rig, size: Size) -> list[Figure]:
    """A build ends at its deadline though no service is there, and the next service says so."""
    limit = f"c.DockerImageBuilder.timeout = {size.seconds}"
    with trivial_builder(rig) as trivial, installed(rig, trivial.setting, limit) as here:
        service = here.first
        with service.client() as client:
            build = trivial.start(client)
            _wait(here, begun=True, within=PATIENCE)
        service.kill()
        life = _wait(here, begun=False, within=size.seconds + PATIENCE)
        service.start()
        with service.client() as client:
            told = ended(client, build["id"], within=PATIENCE)
            log = client.get(f"builds/{build['id']}/log").text
    ran = (life.finished or 0) - (life.started or 0)
    return [
        known("seconds that a build may take", size.seconds, "s"),
        below("how far from that it ended, with no service there", abs(ran - size.seconds), 2, "s"),
        exactly("builds that the next service calls timed out", told.get("reason") == "timed-out", 1),
        exactly("logs that say so", f"{size.seconds:g} seconds" in log, 1),
    ]


def _wait(here: Installed, *, begun: bool, within: float) -> Life:
    """Wait until the only builder has begun, or has ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        for life in lives(here.docker, here.instance, "builder"):
            if life.started is not None and life.running == begun:
                return life
        time.sleep(PAUSE)
    raise TimeoutError(f"the builder has not {'begun' if begun else 'ended'} after {within:g} s")
