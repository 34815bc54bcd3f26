"""The engine is killed, or asked to stop, in the middle of a build, and started again."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tools.parts.docker_api import DockerApi
from tools.parts.own_engine import OwnEngine

from .figures import Figure, below, exactly, known
from .installed import installed
from .logs import Rows
from .lost_engine import ASKED, LostEngine
from .rig import Rig

PIECE = 1 << 20
RECOVERY_GOAL = 5
"""Seconds, from when the engine answers."""


@dataclass(frozen=True)
class Size:
    """How much is tried, with live-restore and without."""

    kills: int
    stops: int
    rows: Rows
    """What each build prints."""
    recovers_within: float = RECOVERY_GOAL


FULL = Size(kills=5, stops=3, rows=Rows(rows=1000, per_second=200))
# Of tests that run beside others, only the worst is kept away.
SHORT = Size(kills=1, stops=1, rows=Rows(rows=400, per_second=100), recovers_within=3 * RECOVERY_GOAL)


def run(rig: Rig, size: Size) -> list[Figure]:
    """A build that loses its engine ends as lost, with the log it had, and the service recovers by itself."""
    with own_engine(rig) as engine:
        return [
            figure
            for live_restore in (False, True)
            for figure in _with(engine, replace(rig, engine=engine.url), size, live_restore=live_restore)
        ]


@contextmanager
def own_engine(rig: Rig) -> Iterator[OwnEngine]:
    """Start an engine that has the repo2docker image from the one that everybody shares."""
    # Not the trial's folder: its path may be too long for sockets.
    engine = OwnEngine(Path(tempfile.mkdtemp(prefix="r2d-")))
    try:
        engine.start()
        with DockerApi(rig.engine).open("GET", "/images/get", {"names": rig.image}) as saved:
            pieces = iter(lambda: saved.read(PIECE), b"")
            for _ in DockerApi(engine.url).follow("/images/load", {"quiet": "1"}, pieces):
                pass
        yield engine
    finally:
        engine.erase()


def _with(engine: OwnEngine, rig: Rig, size: Size, *, live_restore: bool) -> list[Figure]:
    """Restart the engine as often as wanted, and count over all restarts."""
    if engine.live_restore is not live_restore:
        engine.terminate()
        engine.live_restore = live_restore
        engine.start()
    chance = random.Random(f"{rig.seed}/{live_restore}")  # noqa: S311 - the same moments each time
    with installed(rig, "c.DockerImageBuilder.concurrency = 1") as here, here.first.client() as client:
        trial = LostEngine(engine, rig, here.first, client, size.rows)
        ends = [engine.kill] * size.kills + [engine.terminate] * size.stops
        rounds = [trial.run(end, chance.randrange(size.rows.rows // 8, size.rows.rows // 4)) for end in ends]
    where = f", live-restore {'on' if live_restore else 'off'}"
    return [
        known(f"engine killed{where}", size.kills),
        known(f"engine asked to stop{where}", size.stops),
        exactly(f"builds that did not fail as lost{where}", sum(not each.lost for each in rounds), 0),
        exactly(f"logs with a gap, a repeat or a damaged line{where}", sum(not each.perfect for each in rounds), 0),
        exactly(f"lines seen before that the log lacks{where}", sum(each.vanished for each in rounds), 0),
        exactly(f"followers not told the end, or told other lines{where}", sum(not each.told for each in rounds), 0),
        exactly(f"new requests that did not succeed{where}", sum(not each.works_again for each in rounds), 0),
        *(
            below(
                f"longest until {name}{where}", max(each.recovery[name] for each in rounds), size.recovers_within, "s"
            )
            for name in ASKED
        ),
    ]
