"""Find a Docker engine, or start one that all runs of one person share."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TextIO

from .cache import alone, cache_folder
from .docker_api import answers
from .own_engine import OwnEngine
from .packages import program, require
from .progress import say, step

__all__ = ["Engine", "OwnEngine", "find", "keep", "running_engine", "shared_engine", "stop"]

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
LOCK = "engine"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers."""

    url: str
    started_here: bool = False


def shared_engine() -> OwnEngine:
    """Give our own engine, running or not; only one per machine can be on the default bridge."""
    return _shared(cache_folder() / "engine")


@cache
def _shared(folder: Path) -> OwnEngine:
    # Kept, because Python complains of a process that is forgotten while it runs.
    return OwnEngine(folder, own_bridge=False)


def find() -> Engine | None:
    """Give an engine that already answers: DOCKER_HOST or the default socket, then our own."""
    named = os.environ.get("DOCKER_HOST")
    for url in (named or DEFAULT_SOCKET, shared_engine().url):
        if answers(url):
            return Engine(url)
    if named:
        say(f"Nothing answers at DOCKER_HOST={named}")
    return None


@contextmanager
def running_engine() -> Iterator[Engine]:
    """Give an engine for as long as it is needed.

    One that had to be started is stopped by whoever leaves it last: parallel runs do not end each other's.

    Raises:
        PartMissing: there is none and none can be started.
    """
    with _presence().open("a") as presence:
        with alone(LOCK):
            engine = find() or _start()
            fcntl.flock(presence, fcntl.LOCK_SH)
        try:
            yield engine
        finally:
            with alone(LOCK):
                if _passing().exists() and _is_last(presence):
                    _stop()


def keep() -> Engine:
    """Find or start an engine that goes on until `stop`.

    Raises:
        PartMissing: there is none and none can be started.
    """
    with alone(LOCK):
        engine = find() or _start()
        _passing().unlink(missing_ok=True)
        return engine


def stop() -> bool:
    """Stop our own engine, whoever uses it; tell whether there was one."""
    with alone(LOCK):
        if not answers(shared_engine().url):
            return False
        _stop()
        return True


def _start() -> Engine:
    """Start our own engine, unless installing its package has just started the system's."""
    engine = shared_engine()
    if program("dockerd") is None:
        require("dockerd", "iptables")
        if found := find():
            return found
    with step("Starting a Docker engine"):
        engine.start()
    _passing().touch()
    return Engine(engine.url, started_here=True)


def _stop() -> None:
    with step("Stopping the Docker engine"):
        shared_engine().stop()
    _passing().unlink(missing_ok=True)


def _presence() -> Path:
    """The file on which everybody who uses an engine holds a shared lock."""
    return cache_folder() / "engine-users.lock"


def _passing() -> Path:
    """The file that says: our engine was started for a run, and ends with it."""
    return cache_folder() / "engine-passing"


def _is_last(presence: TextIO) -> bool:
    try:
        fcntl.flock(presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
