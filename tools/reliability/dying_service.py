"""The service's command, in a process that kills itself at a named point: ``REPO2DOCKER_TRIAL_DEATH="after put 2"``.

A point is one call of the store of containers: every change that the service makes to the engine goes through these.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from itertools import product
from typing import ParamSpec, TypeVar

from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.entrypoints.cli import main

VARIABLE = "REPO2DOCKER_TRIAL_DEATH"
CALLS = ("create", "put", "start", "mark", "cancel", "remove", "end")
POINTS = tuple(f"{when} {call}" for when, call in product(("before", "after"), CALLS))
P = ParamSpec("P")
T = TypeVar("T")


def arm(point: str, times: int) -> None:
    """Let this process die when it reaches a point for the so-manieth time."""
    when, _, call = point.partition(" ")
    method: Callable[..., Awaitable[object]] = getattr(ContainerStore, call)
    setattr(ContainerStore, call, _deadly(method, when, times))


def _deadly(method: Callable[P, Awaitable[T]], when: str, times: int) -> Callable[P, Awaitable[T]]:
    left = times

    def reached(now: str) -> None:
        nonlocal left
        left -= now == when
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        reached("before")
        result = await method(*args, **kwargs)
        reached("after")
        return result

    return call


if __name__ == "__main__":
    if VARIABLE in os.environ:
        name, _, number = os.environ[VARIABLE].rpartition(" ")
        arm(name, int(number))
    sys.exit(main())
