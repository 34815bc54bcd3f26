"""A control group in which what needs too much memory is really killed by the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PartMissing

GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def small_memory(name: str, size: int) -> Iterator[str]:
    """Give the name of a group that may use so many bytes, for all that an engine runs; nothing may be left in it.

    Raises:
        PartMissing: this machine does not let us.
    """
    first = (GROUPS / "memory").is_dir()
    group = (GROUPS / "memory" if first else GROUPS) / name
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if first else "memory.max")).write_text(str(size))
    except OSError as error:
        raise PartMissing(f"A small memory needs the right to make the control group {group} ({error}).") from error
    try:
        yield f"/{name}"
    finally:
        # The engine has made it for every kind of resource, and one for its steps inside.
        for made in (group, *GROUPS.glob(f"*/{name}")):
            for inside in (*made.glob("*/"), made):
                if inside.is_dir():
                    inside.rmdir()
