"""Checks that repo2docker's user really cannot do what the launcher can."""

from __future__ import annotations

import os
import socket

HOLDS = 0
BROKEN = 1


def split_holds(uid: int, path: str) -> bool:
    """Whether we are the engine's root and a child with this user id can not reach the engine's socket."""
    if os.getuid() != 0:
        return False
    child = os.fork()
    if child == 0:
        os._exit(_try_as(uid, path))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == HOLDS


def _try_as(uid: int, path: str) -> int:
    try:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        if os.getuid() != uid or _capabilities() != 0:
            return BROKEN
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
    except PermissionError:
        return HOLDS if os.getuid() == uid else BROKEN
    except OSError as error:
        print(f"The engine's socket cannot be tried: {error}", flush=True)
    return BROKEN


def _capabilities() -> int:
    with open("/proc/self/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["CapEff"], 16)
