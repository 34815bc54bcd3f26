"""How far a build is, read from the lines that people see too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from repo2docker_service.domain.models import Progress

# BuildKit's plain progress: "#7 [3/9] RUN …" or, with several stages, "#7 [base 3/9] RUN …". What a step prints has
# "#7 0.123 " before it.
_STEP: Final = re.compile(r"#\d+ \[(?:[^\]\s]+ )?(\d{1,4})/(\d{1,4})\] ", re.ASCII)


def advance(progress: Progress, lines: Iterable[str]) -> Progress:
    """Give the progress after some more lines; it never goes back."""
    for line in lines:
        match = _STEP.match(line)
        if match is not None and int(match[1]) <= int(match[2]):
            progress = _later(progress, Progress(int(match[1]), int(match[2])))
    return progress


def _later(known: Progress, seen: Progress) -> Progress:
    return seen if (seen.steps, seen.step) > (known.steps, known.step) else known
