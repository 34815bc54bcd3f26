"""Watches whether the engine's disk is full. A container's own root lies where the engine keeps its images."""

from __future__ import annotations

import os
import time

LOOK_EVERY = 0.05
"""Seconds between two looks: a step that fills the disk fails at once, and then the engine removes what it wrote."""
RECENTLY = 30.0
"""Seconds for which a full disk is taken for the reason of a failure: some programs try again, or tidy up first."""
NO_SPACE = 4 << 20
NO_FILES = 256
"""Bytes, and files that could be made, that are as good as none: whatever fails gives some back at once."""


class DiskWatch:
    """Remembers when the disk was full."""

    def __init__(self, folder: str = "/") -> None:
        self.folder = folder
        self._seen: float | None = None

    def look(self) -> None:
        """Look whether anything can be written now."""
        found = os.statvfs(self.folder)
        # File systems without a table of files tell no number of them.
        if found.f_bavail * found.f_frsize < NO_SPACE or (found.f_files and found.f_favail < NO_FILES):
            self._seen = time.monotonic()

    @property
    def was_full(self) -> bool:
        """Whether it was full a moment ago."""
        return self._seen is not None and time.monotonic() - self._seen < RECENTLY
