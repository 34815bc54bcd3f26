"""What a trial found, beside what is promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a trial found."""

    what: str
    value: float
    goal: str
    """The promise in words, such as ``0`` or ``< 64 MiB``; empty for a number that only informs."""
    met: bool = True
    unit: str = ""

    def __str__(self) -> str:
        verdict = "" if not self.goal else f"  (goal {self.goal}: {'met' if self.met else 'MISSED'})"
        return f"{self.what}: {self.value:g}{f' {self.unit}' if self.unit else ''}{verdict}"


def exactly(what: str, value: float, goal: float, unit: str = "") -> Figure:
    """Promise this very number."""
    return Figure(what, value, f"{goal:g}", value == goal, unit)


def below(what: str, value: float, goal: float, unit: str = "") -> Figure:
    """Promise less than this."""
    return Figure(what, value, f"< {goal:g}", value < goal, unit)


def at_least(what: str, value: float, goal: float, unit: str = "") -> Figure:
    """Promise this or more."""
    return Figure(what, value, f">= {goal:g}", value >= goal, unit)


def known(what: str, value: float, unit: str = "") -> Figure:
    """Give a number that nothing is promised about, such as the size of the trial."""
    return Figure(what, value, "", unit=unit)


def missed(figures: Iterable[Figure]) -> list[str]:
    """Give those that miss their goal, for an assertion to show."""
    return [str(figure) for figure in figures if not figure.met]
