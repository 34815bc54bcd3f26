"""Processes known by the file in which they wrote their number, or by where they run."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def recorded(pidfile: Path, mark: str) -> int | None:
    """Give the living process of a pid file, or None.

    A number may have gone to somebody else's process meanwhile: ours has `mark` in its command line.
    """
    try:
        pid = int(pidfile.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (OSError, ValueError):
        return None
    # What has ended but was not collected by its parent has an empty command line.
    return pid if mark in command else None


def mentioning(path: str) -> bool:
    """Tell whether a living process names this path in its command line."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.encode() in file.read_bytes():
                return True
    return False


def running_in(folder: Path) -> list[int]:
    """Give the processes whose working directory is this folder: they, or whoever started them, were started there."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink() == folder:
                found.append(int(link.parent.name))
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may just have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
