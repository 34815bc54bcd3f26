"""How fast this machine is now, to judge by that how fast the page is."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

QUIET: Final = 200.0
"""Milliseconds that the loop below takes on a machine that does nothing else."""
LOOP: Final = """() => {
    const began = performance.now();
    let sum = 0;
    for (let n = 0; n < 40_000_000; n += 1) sum = (sum + n * 7) % 1_000_003;
    return [performance.now() - began, sum][0];
}"""


def slowness(page: Page) -> float:
    """Tell how much slower than a quiet machine this one is now."""
    return max(1.0, min(float(page.evaluate(LOOP)) for _ in range(3)) / QUIET)
