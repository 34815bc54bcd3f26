"""The list of builds while builds come and go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import httpx
from playwright.sync_api import Page, expect

from tools.reliability.figures import Figure, below

from .logs import heap
from .pace import tasks_of
from .services import FORGE

GROWN: Final = 3
STALLED: Final = 200


def watched(page: Page, address: str, ada: httpx.Client, count: int) -> Iterator[Figure]:
    """Keep the list open while so many builds begin and end, and tell what has gathered."""
    page.goto(f"{address}builds")
    # As many as the list ever shows at once, so that more of them are nothing to keep.
    _build(ada, page, 60)
    before = heap(page), _elements(page)
    with tasks_of(page) as tasks:
        _build(ada, page, count)
    what = f"{count} builds come and go while they are listed"
    yield below(f"{what}: growth of the heap", heap(page) - before[0], GROWN, "MiB")
    yield below(f"{what}: elements more than before", _elements(page) - before[1], 100)
    yield below(f"{what}: longest stop", max(tasks), STALLED, "ms")


def _build(ada: httpx.Client, page: Page, count: int) -> None:
    wishes = [{"repo": f"{FORGE}come/and-go-{number}", "force": True} for number in range(count)]
    last = [ada.post("builds", json=wish).raise_for_status().json() for wish in wishes][-1]
    link = page.locator(f'a[href$="/builds/{last["id"]}"]')
    expect(link).to_be_visible()
    expect(page.get_by_role("row").filter(has=link)).to_contain_text("Succeeded")


def _elements(page: Page) -> int:
    count: int = page.evaluate("document.querySelectorAll('*').length")
    return count
