"""A control group in which what needs too much memory, or too many processes, really does not get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PartMissing

GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def small_group(name: str, size: int, processes: int) -> Iterator[str]:
    """Give the name of a group of so many bytes and processes, for all that an engine runs; nothing may be left in it.

    Raises:
        PartMissing: this machine does not let us.
    """
    first = (GROUPS / "memory").is_dir()
    memory, pids = (GROUPS / ("memory" if first else "") / name, GROUPS / ("pids" if first else "") / name)
    try:
        memory.mkdir()
        pids.mkdir(exist_ok=True)
        (memory / ("memory.limit_in_bytes" if first else "memory.max")).write_text(str(size))
        (pids / "pids.max").write_text(str(processes))
    except OSError as error:
        raise PartMissing(f"A small group needs the right to make the control group {memory} ({error}).") from error
    try:
        yield f"/{name}"
    finally:
        # The engine has made it for every kind of resource, and one for its steps inside.
        for made in (memory, pids, *GROUPS.glob(f"*/{name}")):
            for inside in (*made.glob("*/"), made):
                if inside.is_dir():
                    inside.rmdir()
