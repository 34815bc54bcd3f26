"""The figures as a page of the documentation."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from .figures import Figure
from .trials import TRIALS

Result = Sequence[Figure] | str
"""Figures, or why a trial did not come to its end."""

HEAD: Final = """# Reliability

What is promised, put to the test on a real engine with real processes. `make reliability` runs every trial below in
full and writes this page; `make test` runs most of them in a shorter form. Every trial is arithmetic: what was
accepted, what ran, how often, and which lines were seen.

Absolute times depend on the machine, here {cores} processors shared with other work; what stands beside a floor or a
peer was measured in the same run.

"""
_SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)


def page(results: Mapping[str, Result], seed: int, known: str = "") -> str:
    """Write the page.

    Args:
        results: by trial.
        seed: what chance was left to.
        known: the page as it is; trials that were not run keep their sections.
    """
    _, *parts = _SECTION.split(known)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    sections |= {TRIALS[name].title: _section(name, result, seed) for name, result in results.items()}
    told = [trial.title for trial in TRIALS.values() if trial.title in sections]
    body = "\n\n".join(f"## {title}\n\n{sections[title].strip()}" for title in told)
    return f"{HEAD.format(cores=os.cpu_count())}{body}\n"


def _section(name: str, result: Result, seed: int) -> str:
    return "\n".join([TRIALS[name].promise, "", *_found(result), "", _when(seed)])


def _found(result: Result) -> Iterator[str]:
    if isinstance(result, str):
        yield f"This trial did not come to its end: {result}"
        return
    yield from table(result)


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Give the lines of a table that has each figure beside what is promised."""
    yield "| what | found | promised |\n|---|---|---|"
    for figure in figures:
        verdict = "" if figure.met else ", **missed**"
        yield f"| {figure.what} | {f'{_number(figure.value)} {figure.unit}'.strip()} | {figure.goal}{verdict} |"


def _when(seed: int) -> str:
    return f"Run on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} and seed {seed}."


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
