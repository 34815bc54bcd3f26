"""Start a cluster that all runs of one machine share, or stop it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tools.parts.cache import alone, cache_folder
from tools.parts.errors import PartMissing
from tools.parts.progress import step

from . import images, programs
from .node import Node

MOST = 20
"""More clusters than a machine bears."""


def node(number: int = 0) -> Node:
    """Give the node of the cluster with this number, running or not.

    Raises:
        PartMissing: its programs were not built here.
    """
    built = programs.present()
    if built is None:
        raise PartMissing("Build the programs of a cluster first: make kubernetes")
    return Node(cache_folder() / f"cluster-{number}", built, number)


def keep(number: int = 0) -> Node:
    """Find or start a cluster that goes on until `stop`.

    Raises:
        PartMissing: it cannot be started here.
    """
    found = node(number)
    with alone(_lock(number)):
        _start(found)
        _passing(found).unlink(missing_ok=True)
    return found


def stop(number: int = 0) -> bool:
    """Stop a cluster, whoever uses it; tell whether there was one."""
    found = node(number)
    with alone(_lock(number)):
        ran = found.runs()
        _stop(found)
        return ran


@contextmanager
def running(number: int = 0) -> Iterator[Node]:
    """Give a cluster for as long as it is needed; one that had to be started is stopped by whoever leaves it last.

    Raises:
        PartMissing: it cannot be started here.
    """
    found = node(number)
    found.folder.mkdir(exist_ok=True)
    with (found.folder / "users.lock").open("a") as presence:
        with alone(_lock(number)):
            if not found.runs():
                _passing(found).touch()
            _start(found)
            fcntl.flock(presence, fcntl.LOCK_SH)
        try:
            yield found
        finally:
            with alone(_lock(number)):
                if _passing(found).exists() and _is_last(presence):
                    _stop(found)


@contextmanager
def own() -> Iterator[Node]:
    """Give a cluster that nobody else uses, empty but for images of earlier ones, and stop it in the end.

    Raises:
        PartMissing: it cannot be started here.
    """
    for number in range(1, MOST):
        found = node(number)
        found.folder.mkdir(exist_ok=True)
        with (found.folder / "users.lock").open("a") as presence:
            if not _is_last(presence) or found.runs():
                continue
            _start(found)
            try:
                yield found
            finally:
                _stop(found)
            return
    raise PartMissing(f"Stop one of the {MOST} clusters of this machine: no number is free.")


def _start(found: Node) -> None:
    if not found.runs():
        with step("Starting a Kubernetes cluster of one node"):
            found.start()
    images.add_small(found.docker(), found.programs)


def _stop(found: Node) -> None:
    if found.runs():
        with step("Stopping the Kubernetes cluster"):
            found.stop()
    _passing(found).unlink(missing_ok=True)


def _lock(number: int) -> str:
    return f"cluster-{number}"


def _passing(found: Node) -> Path:
    """The file that says: the cluster was started for a run, and ends with it."""
    return found.folder / "passing"


def _is_last(presence: TextIO) -> bool:
    try:
        fcntl.flock(presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
