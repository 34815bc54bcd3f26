"""The clock of one process, which can be moved while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.parts.errors import PartMissing
from tools.parts.packages import require

CACHED = 1
"""Seconds after which a process notices that its clock was moved."""


@dataclass(frozen=True)
class FakeClock:
    """Says by a file how far the clock of a process is off. Its monotonic clock runs on as ever."""

    file: Path

    def move(self, seconds: int) -> None:
        """Let the clock be so far ahead, or behind, of the machine's."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(self.file)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to go by this clock.

        Raises:
            PartMissing: the library for it is nowhere to be found.
        """
        require("faketime")
        # Not the one for many threads, whose locks slow everything down: Python's threads ask one after the other.
        found = sorted(Path("/usr/lib").glob("**/faketime/libfaketime.so.1"))
        if not found:
            raise PartMissing("Install libfaketime (Debian package: faketime).")
        return {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": str(CACHED),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
