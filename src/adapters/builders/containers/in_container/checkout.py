"""Where a repository is fetched to: no more of it than may be, and nothing of it once the build has ended."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

PLACE = "/tmp/r2d"  # noqa: S108 - the container's own, whose record it stays for weeks
LOOK_EVERY = 1.0
"""Seconds between two looks, at least."""
REST = 4
"""Times as long as a look took nobody looks again: what is fetched has the disk and the processor for itself."""
PATIENCE = 60.0
"""Seconds that a program has: what a repository left behind must not keep a build from ending."""


def run_as(uid: int, *command: str) -> None:
    """Run a program that says nothing, as the user whose files these are: the launcher may not touch them."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            user=uid,
            group=uid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=PATIENCE,
        )


def make(uid: int, place: str = PLACE) -> None:
    """Make the folder for all that repo2docker writes while it works."""
    run_as(uid, "mkdir", "-m", "700", "--", place)


def clear(uid: int, place: str = PLACE) -> None:
    """Remove what is left, as after a build that was stopped."""
    run_as(uid, "rm", "-rf", "--", place)


@contextlib.contextmanager
def bounded(most: dict[str, int], exceeded: Callable[[], Any], place: str = PLACE) -> Iterator[None]:
    """Look now and then how much there is, and once more at the end.

    Args:
        most: ``bytes`` and ``files`` that are allowed; 0 sets no limit.
        exceeded: is called in a thread as soon as there is more.
        place: the folder to look at.
    """
    if not any(most.values()):
        yield
        return
    done = threading.Event()

    def watch() -> None:
        took = 0.0
        while not done.wait(max(LOOK_EVERY, REST * took)):
            began = time.monotonic()
            if is_more_than(most, place):
                exceeded()
            took = time.monotonic() - began

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if is_more_than(most, place):
        exceeded()


def is_more_than(most: dict[str, int], place: str) -> bool:
    """Whether a folder holds more than is allowed; links are counted and not followed."""
    most_bytes, most_files = (most[name] or float("inf") for name in ("bytes", "files"))
    taken = files = 0
    waiting = [place]
    while waiting:
        for entry in entries(waiting.pop()):
            files += 1
            with contextlib.suppress(OSError):  # gone meanwhile
                taken += entry.stat(follow_symlinks=False).st_size
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
            if taken > most_bytes or files > most_files:
                return True
    return False


def entries(folder: str) -> list[os.DirEntry[str]]:
    """Give what is in a folder; nothing where it is gone."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
