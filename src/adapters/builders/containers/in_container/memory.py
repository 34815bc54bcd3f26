"""Tells whether the kernel has ended a program of this container for want of memory."""

from __future__ import annotations

import contextlib
import re

COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
"""Of the container's own group, in the second and in the first version of control groups."""


def ran_out(counters: tuple[str, ...] = COUNTERS) -> bool:
    """Whether that has happened; not where it cannot be seen."""
    for path in counters:
        with contextlib.suppress(OSError), open(path) as file:
            return re.search(r"^oom_kill [1-9]", file.read(), re.MULTILINE) is not None
    return False
