"""Checks that repo2docker's user really cannot do what the launcher can."""

from __future__ import annotations

import os
import socket

HOLDS = 0
BROKEN = 1
POWERS = ("CapPrm", "CapEff", "CapAmb")


def split_holds(uid: int, path: str) -> bool:
    """Whether we are the engine's root and a child with this user id can not reach the engine's socket."""
    if os.getuid() != 0 or not _connects(path):
        return False
    child = os.fork()
    if child == 0:
        code = BROKEN
        try:
            code = _try_as(uid, path)
        finally:
            os._exit(code)  # whatever was raised: two launchers must not go on
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == HOLDS


def _connects(path: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
    except OSError as error:
        # Where the engine's root is another user than ours, the socket is not ours either.
        print(f"The engine's socket cannot be opened: {error}", flush=True)
        return False
    return True


def _try_as(uid: int, path: str) -> int:
    try:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        if not is_powerless(_status(), uid):
            return BROKEN
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
    except PermissionError:
        return HOLDS if os.getuid() == uid else BROKEN
    except OSError as error:
        print(f"The engine's socket cannot be tried: {error}", flush=True)
    return BROKEN


def is_powerless(status: dict[str, str], uid: int) -> bool:
    """Whether a process is nothing but this user, and programs that it starts cannot become another one.

    Args:
        status: what ``/proc`` tells of it.
        uid: of the user, and of its only group.
    """
    users, groups = status["Uid"].split(), status["Gid"].split()
    return (
        {*users, *groups} == {str(uid)}
        and set(status["Groups"].split()) <= {str(uid)}
        and not any(int(status[name], 16) for name in POWERS)
        and status["NoNewPrivs"].strip() == "1"
    )


def _status() -> dict[str, str]:
    with open("/proc/self/status") as file:
        return dict(line.split(":", 1) for line in file)
