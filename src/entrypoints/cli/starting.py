"""Starts a build, as soon as the service can."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from repo2docker_service.entrypoints.cli.client import Client, Json
from repo2docker_service.entrypoints.cli.output import note
from repo2docker_service.entrypoints.cli.problems import NotNow

_PATIENCE: Final = 600.0
"""Seconds for which a service that cannot start builds yet is asked again."""
_SILENCE: Final = 3.0
"""Seconds after which people are told that nothing has gone wrong."""


def start(client: Client, request: Json) -> Json:
    """Ask for a build until the service takes it, saying what is waited for.

    Raises:
        CommandFailed: the service does not answer, refuses, or cannot start it within ten minutes.
    """
    end = time.monotonic() + _PATIENCE
    told = ""
    while True:
        try:
            with nullcontext() if told else _told_when_slow():
                return client.start_build(request)
        except NotNow as problem:
            if time.monotonic() + problem.seconds > end:
                raise
            if str(problem) != told:
                told = str(problem)
                note(f"{told} Waiting for that; Ctrl-C ends.")
            time.sleep(problem.seconds)


@contextmanager
def _told_when_slow() -> Iterator[None]:
    timer = threading.Timer(_SILENCE, note, ["Waiting for the service to answer."])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
