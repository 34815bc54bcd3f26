"""What goes over the network: the page itself, and the list of many environments."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

import httpx
from playwright.sync_api import Page

from tools.reliability.figures import Figure, below, exactly, known

REQUESTS: Final = 8
SCRIPTS: Final = 210
LIST: Final = 50
_ENTRIES: Final = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(({name, initiatorType, transferSize}) => ({name, initiatorType, transferSize}))"""


def visited(page: Page, address: str) -> Iterator[Figure]:
    """Open the list as somebody who has never been here, though signed in, and tell what had to be loaded."""
    browser = page.context.browser
    assert browser is not None
    fresh = browser.new_context(storage_state=page.context.storage_state())
    try:
        somebody = fresh.new_page()
        somebody.goto(address)
        somebody.get_by_role("search").wait_for()
        entries: list[dict[str, Any]] = somebody.evaluate(_ENTRIES)
    finally:
        fresh.close()
    files = [each for each in entries if "/api/" not in each["name"]]
    scripts = sum(each["transferSize"] for each in files if each["name"].endswith(".js"))
    foreign = [each for each in entries if not each["name"].startswith(address)]
    yield below("first visit: files", len(files), REQUESTS + 1)
    yield known("first visit: answers of the API before the list is there", len(entries) - len(files))
    yield below("first visit: scripts, compressed", scripts / 1000, SCRIPTS, "kB")
    yield exactly("first visit: requests to other places", len(foreign), 0)


def listed(ada: httpx.Client, count: int) -> Iterator[Figure]:
    """Ask for all images, a page at a time as the page does."""
    sizes: list[int] = []
    times: list[float] = []
    cursor = ""
    while not sizes or cursor:
        began = time.perf_counter()
        wanted = {"sort": "featured", "limit": "200"} | ({"cursor": cursor} if cursor else {})
        with ada.stream("GET", "images", params=wanted, headers={"Accept-Encoding": "gzip"}) as answer:
            answer.read()
            sizes.append(answer.num_bytes_downloaded)
        times.append(time.perf_counter() - began)
        cursor = answer.json()["next"]
    what = f"list of {count:,} images"
    yield known(f"{what}: answers", len(sizes))
    yield below(f"{what}: the largest answer, compressed", max(sizes) / 1000, LIST, "kB")
    yield known(f"{what}: the slowest answer", max(times) * 1000, "ms")
    yield known(f"{what}: all answers, one after the other", sum(times) * 1000, "ms")
