"""Makes sure that a container does its work once, however often it is started."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

from . import codes

CANCEL = signal.SIGUSR1
"""Somebody cancelled the build."""
STOP = signal.SIGTERM
"""The engine is stopping."""


def run_once(folder: str, work: Callable[[], int]) -> int:
    """Do the work unless it was begun or cancelled before, and give the exit code, the saved one where there is one.

    Creation of a container happens once, starting does not: a start already on its way runs one that was cancelled
    meanwhile, and runs one again that has exited. Signals are blocked from here on; the work asks for them.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {CANCEL, STOP, signal.SIGCHLD})
    ended = os.path.join(folder, "ended")
    try:
        os.mkdir(os.path.join(folder, "ran"))
    except FileExistsError:
        return _saved(ended)
    code = codes.CANCELLED if os.path.exists(os.path.join(folder, "cancelled")) else _do(work)
    # On a full disk: whoever starts it again learns no more than that it was begun.
    with contextlib.suppress(OSError), open(ended, "w") as file:
        file.write(str(code))
    return code


def _do(work: Callable[[], int]) -> int:
    try:
        return work()
    except Exception as error:
        print(f"This container could not do its work: {error!r}", flush=True)
        return codes.INTERNAL


def _saved(path: str) -> int:
    try:
        with open(path) as file:
            return int(file.read())
    except (FileNotFoundError, ValueError):
        return codes.LOST  # begun and killed before it could say how it ended


def pending_end() -> int | None:
    """Give the exit code that a signal received meanwhile asks for."""
    received = signal.sigtimedwait({CANCEL, STOP}, 0)
    return None if received is None else code_of(received.si_signo)


def code_of(number: int) -> int:
    """Give the exit code that a signal asks for."""
    return codes.CANCELLED if number == CANCEL else codes.LOST
