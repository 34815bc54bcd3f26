"""How slow this machine is now, to judge by that how fast the page is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Page

QUIET: Final = 200.0
"""Milliseconds that the loop below takes on a machine that does nothing else."""
LOOP: Final = """() => {
    const began = performance.now();
    let sum = 0;
    for (let n = 0; n < 40_000_000; n += 1) sum = (sum + n * 7) % 1_000_003;
    return [performance.now() - began, sum][0];
}"""
SLOWEST: Final = 3.0
"""Beyond this nothing is forgiven: what is short may be over before anything else gets its turn."""
TRIES: Final = 6
_TASKS: Final = "disabled-by-default-devtools.timeline"


def at_best(page: Page, take: Callable[[], float], goal: float) -> float:
    """Give the shortest of some times in milliseconds, each by how slow the machine was just before and after it.

    One that reaches the goal is enough: whatever else goes on here only ever makes them longer.
    """
    best, before = math.inf, _slowness(page)
    for _ in range(TRIES):
        taken, after = take(), _slowness(page)
        best = min(best, taken * 2 / (before + after))
        if best <= goal:
            break
        before = after
    return best


def _slowness(page: Page) -> float:
    return min(SLOWEST, max(1.0, float(page.evaluate(LOOP)) / QUIET))


@contextmanager
def tasks_of(page: Page) -> Iterator[list[float]]:
    """Give the milliseconds of each task of the page's own thread meanwhile, filled in at the end.

    It is the processor's time, so that it matters little what else the machine does, and how fast that is.
    """
    taken: list[float] = []
    with _traced(page) as loop:
        page.evaluate(LOOP)
    slowness = max(1.0, max(loop) / QUIET)
    with _traced(page) as tasks:
        yield taken
    taken.extend(each / slowness for each in tasks)


@contextmanager
def _traced(page: Page) -> Iterator[list[float]]:
    taken: list[float] = []
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=[_TASKS])
    try:
        yield taken
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
    taken.extend(_tasks(events))


def _tasks(events: list[dict[str, Any]]) -> Iterator[float]:
    names = {_thread(each): each["args"]["name"] for each in events if each["name"] == "thread_name"}
    for each in events:
        if each["name"] == "RunTask" and names.get(_thread(each)) == "CrRendererMain":
            yield each.get("tdur", 0) / 1000


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]
