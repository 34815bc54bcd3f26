"""All trials, in the order in which they are run and reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final, NamedTuple

from . import (
    canaries,
    cancel_races,
    cancelling,
    clock,
    deadline,
    deaths,
    engine_restarts,
    fairness,
    fan_out,
    garbage,
    hub_away,
    hub_losses,
    hundred,
    isolation,
    leaks,
    long_logs,
    queueing,
    quota,
    registry_away,
    replicas,
    retention,
    slow_ones,
    stopping,
    upgrades,
)
from .figures import Figure
from .rig import Rig


class Trial(NamedTuple):
    """Something that is put to the test, and how much of it."""

    title: str
    run: Callable[[Rig, Any], list[Figure]]
    full: object
    short: object

    @property
    def promise(self) -> str:
        """What is promised, in a sentence."""
        return " ".join((self.run.__doc__ or "").split())


def _trial(title: str, module: ModuleType) -> Trial:
    return Trial(title, module.run, module.FULL, module.SHORT)


TRIALS: Final[Mapping[str, Trial]] = {
    "deaths": _trial("The service is killed", deaths),
    "replicas": _trial("Replicas behind a proxy are killed", replicas),
    "upgrades": _trial("Versions take each other's place", upgrades),
    "hub-away": _trial("The Hub is away", hub_away),
    "hub-losses": _trial("The Hub takes something back", hub_losses),
    "hundred": _trial("A hundred people ask at once", hundred),
    "queueing": _trial("A long queue, and the service killed", queueing),
    "fairness": _trial("Owners take turns", fairness),
    "quota": _trial("An owner at the limit", quota),
    "fan-out": _trial("Many people watch", fan_out),
    "slow-ones": _trial("Thousands who do nothing", slow_ones),
    "long-logs": _trial("A log of a million lines", long_logs),
    "engine": _trial("The engine is killed and restarted", engine_restarts),
    "cancelling": _trial("Builds are cancelled at any moment", cancelling),
    "cancel-races": _trial("Cancelling against starting", cancel_races),
    "deadline": _trial("A deadline with no service alive", deadline),
    "isolation": _trial("Two installations on one engine", isolation),
    "clock": _trial("The clock jumps", clock),
    "registry-away": _trial("A registry goes away while it is pushed to", registry_away),
    "canaries": _trial("Private repositories are built", canaries),
    "retention": _trial("Collecting beside builds and launches", retention),
    "garbage": _trial("A registry collects garbage", garbage),
    "leaks": _trial("Thousands of requests and streams", leaks),
    "stopping": _trial("The service is asked to stop", stopping),
}
