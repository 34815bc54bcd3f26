"""Makes sure that a container does its work once, however often it is started."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable

from . import codes

CANCEL = signal.SIGUSR1
"""Somebody cancelled the build."""
STOP = signal.SIGTERM
"""The engine is stopping."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Errors of a disk that has no room, or no files, left."""


class Ended(Exception):
    """A signal has asked for the end while something was waited for."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = code_of(number)


def wait_or_end(seconds: float) -> None:
    """Wait, and hear signals meanwhile.

    Raises:
        Ended: one has come.
    """
    received = signal.sigtimedwait({CANCEL, STOP}, seconds)
    if received is not None:
        raise Ended(received.si_signo)


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
    except OSError as error:
        return _not_done(error)
    code = codes.CANCELLED if os.path.exists(os.path.join(folder, "cancelled")) else _do(work)
    # On a full disk: whoever starts it again learns no more than that it was begun.
    with contextlib.suppress(OSError), open(ended, "w") as file:
        file.write(str(code))
    return code


def _do(work: Callable[[], int]) -> int:
    try:
        return work()
    except Ended as ended:
        return ended.code
    except Exception as error:
        return _not_done(error)


def _not_done(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in FULL:
        print("The disk of the engine was full and kept this container from its work.", flush=True)
        return codes.OUT_OF_RESOURCES
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
