"""A long log: how soon it is there, what it costs, what a search takes, and how the page is while lines come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import httpx
from playwright.sync_api import Page

from tools.reliability.figures import Figure, below, known

from .pace import at_best, tasks_of
from .services import LIVE, LONG, MANY_LINES, TORRENT, until

PAINTED: Final = 500
SEARCHED: Final = 200
STALLED: Final = 200
SMOOTH: Final = 50
GROWN: Final = 40
NODES: Final = 1500
MEBIBYTE: Final = 1024 * 1024

WATCH: Final = """
    window.seen ??= {};
    new MutationObserver(() => {
        if (!seen.line && document.querySelector('.line .text')) seen.line = performance.now();
    }).observe(document, {childList: true, subtree: true});
"""
_PAINTED: Final = """() => {
    const log = performance.getEntriesByType('resource').find(each => each.name.endsWith('/log'));
    return seen.line - log.responseStart;
}"""
_SEARCHED: Final = """async words => {
    const field = document.activeElement;
    const count = () => field.parentElement.querySelector('p')?.textContent;
    const frame = () => new Promise(requestAnimationFrame);
    const type = text => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
        field.dispatchEvent(new Event('input', {bubbles: true}));
    };
    type('');
    while (count() !== undefined) await frame();
    // The lines follow the field a moment later; what is still found would be there at once.
    await new Promise(resolve => setTimeout(resolve, 100));
    await frame();
    const began = performance.now();
    type(words);
    while (!count()) await frame();
    return performance.now() - began;
}"""
_NEWEST: Final = "Math.max(0, ...[...document.querySelectorAll('.number')].map(each => each.dataset.number))"


def built(ada: httpx.Client, repo: str) -> str:
    """Begin a build and give its id, for one that ends when it has ended."""
    build: str = ada.post("builds", json={"repo": repo}).raise_for_status().json()["id"]
    until(lambda: repo != LONG or ada.get(f"builds/{build}").json()["state"] == "succeeded")
    return build


def heap(page: Page) -> float:
    """Give the MiB that the page's objects take when nothing of them is waste."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / MEBIBYTE


def opened(page: Page, address: str, build: str) -> Iterator[Figure]:
    """Open the log of a build that has ended, and compare what that takes with a page that has nothing to load."""
    page.goto(f"{address}help")
    page.get_by_role("heading", level=1).wait_for()
    before = heap(page)

    def painted() -> float:
        _open(page, address, build)
        return float(page.evaluate(_PAINTED))

    what = f"log of {MANY_LINES:,} lines"
    yield below(f"{what}: first byte to the first line", at_best(page, painted, PAINTED), PAINTED, "ms")
    yield below(f"{what}: elements", page.evaluate("document.querySelectorAll('*').length"), NODES)
    yield below(f"{what}: growth of the heap", heap(page) - before, GROWN, "MiB")


def searched(page: Page, address: str, build: str, words: Sequence[str]) -> Iterator[Figure]:
    """Search the whole log, each time for something else."""
    _open(page, address, build)
    page.get_by_role("searchbox").focus()
    for each in words:

        def counted(each: str = each) -> float:
            return float(page.evaluate(_SEARCHED, each))

        yield below(f"search in {MANY_LINES:,} lines, for {each!r}", at_best(page, counted, SEARCHED), SEARCHED, "ms")


def followed(page: Page, address: str, ada: httpx.Client, lines: int) -> Iterator[Figure]:
    """Follow a log to which a thousand lines come a second, until so many have come."""
    with _followed(page, address, ada, LIVE), tasks_of(page) as tasks:
        began, here = page.evaluate(f"[performance.now(), {_NEWEST}]")
        _come(page, here + lines)
        taken = page.evaluate("performance.now()") - began
    what = f"{lines:,} lines as they come, 1,000 a second"
    yield below(f"{what}: longest stop", max(tasks), STALLED, "ms")
    yield below(f"{what}: share of the time in stops of more than {SMOOTH} ms", _rough(tasks, taken), 10, "%")
    yield known(f"{what}: share of the processor's time", sum(tasks) / taken * 100, "%")


def soaked(page: Page, address: str, ada: httpx.Client, lines: int) -> Iterator[Figure]:
    """Follow a log to which two thousand lines come a second, until so many have come, and tell what has gathered."""
    with _followed(page, address, ada, TORRENT) as first:
        before = heap(page)
        _come(page, first + lines)
        grown, come = heap(page) - before, page.evaluate(_NEWEST) - first
        elements = page.evaluate("document.querySelectorAll('*').length")
    what = f"{lines:,} lines as they come, 2,000 a second"
    yield below(f"{what}: growth of the heap for 100,000 lines", grown * MANY_LINES / come, GROWN, "MiB")
    yield below(f"{what}: elements", elements, NODES)


@contextmanager
def _followed(page: Page, address: str, ada: httpx.Client, repo: str) -> Iterator[int]:
    """Follow a build, and give the newest line."""
    build = built(ada, repo)
    try:
        page.goto(f"{address}builds/{build}")
        _come(page, 1)
        yield int(page.evaluate(_NEWEST))
    finally:
        ada.post(f"builds/{build}/cancel")


def _rough(tasks: Sequence[float], taken: float) -> float:
    return sum(task for task in tasks if task > SMOOTH) / taken * 100


def _open(page: Page, address: str, build: str) -> None:
    page.goto(f"{address}builds/{build}")
    page.get_by_role("region", name="Log of the build").get_by_text("This is the last line.").wait_for()


def _come(page: Page, number: int) -> None:
    page.wait_for_function(f"number => {_NEWEST} >= number", arg=number, timeout=300_000, polling=200)
