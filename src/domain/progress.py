"""How far a build is, read from the lines that people see too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from repo2docker_service.domain.models import Progress

# BuildKit's plain progress: "#7 [3/9] RUN …" or, with several stages, "#7 [base 3/9] RUN …"; where there
# are ten and more, "#7 [ 3/10] RUN …". What a step prints has "#7 0.123 " before it.
_STEP: Final = re.compile(r"#\d+ \[(?:([^\]\s]+) )? {0,3}(\d{1,4})/(\d{1,4})\] ", re.ASCII)
# What a pusher says of the layers that it sends.
_LAYER: Final = re.compile(r"(Pushing) \[(\d{1,4})/(\d{1,4})\]", re.ASCII)
_MOST_STAGES: Final = 100


def advance(progress: Progress, lines: Iterable[str]) -> Progress:
    """Give the progress after some more lines; neither of its numbers ever becomes smaller.

    Stages run side by side and are told of one by one, so their steps are added up.
    """
    stages = {name: (step, steps) for name, step, steps in progress.stages}
    if progress.steps and not stages:
        stages[""] = (progress.step, progress.steps)
    begun = False
    for line in lines:
        # The cheap look first: nearly every line of a long log is none of these.
        if line.startswith(("#", "Pushing [")) and (match := _match(line)) and int(match[2]) <= int(match[3]):
            step, steps = stages.get(match[1] or "", (0, 0))
            if steps or len(stages) < _MOST_STAGES:
                stages[match[1] or ""] = (max(step, int(match[2])), max(steps, int(match[3])))
                begun = True
    return _sum(stages) if begun else progress


def _match(line: str) -> re.Match[str] | None:
    return _STEP.match(line) or _LAYER.match(line)


def _sum(stages: dict[str, tuple[int, int]]) -> Progress:
    step, steps = (sum(numbers) for numbers in zip(*stages.values(), strict=True))
    return Progress(step, steps, tuple((name, *numbers) for name, numbers in stages.items()))
