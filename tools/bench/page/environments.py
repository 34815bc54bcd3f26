"""The list of environments: how soon it is there, and how it follows who types and who scrolls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from playwright.sync_api import Page

from tools.reliability.figures import Figure, below, exactly, known

from .pace import at_best, tasks_of

FIRST_PAINT: Final = 1000
LARGEST_PAINT: Final = 1500
BLOCKED: Final = 450
SHIFTED: Final = 0.02
FOUND: Final = 100
SCROLLED: Final = 50
STALLED: Final = 200
NODES: Final = 1500

WATCH: Final = """
    window.seen = Object.assign(window.seen ?? {}, {largest: 0, shifted: 0});
    const watch = (type, take) =>
        new PerformanceObserver(list => list.getEntries().forEach(take)).observe({type, buffered: true});
    watch('largest-contentful-paint', entry => { seen.largest = entry.startTime; });
    watch('layout-shift', entry => { if (!entry.hadRecentInput) seen.shifted += entry.value; });
"""
_PAINTS: Final = """() => ({
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    largest: seen.largest,
    shifted: seen.shifted,
})"""
_TYPED: Final = """async words => {
    const field = document.querySelector('[type=search]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, words);
    const count = document.querySelector('[role=search] [role=status]');
    const began = performance.now();
    const painted = new Promise(resolve => {
        new MutationObserver((_, observer) => {
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
        }).observe(count, {characterData: true, subtree: true, childList: true});
    });
    field.dispatchEvent(new Event('input', {bubbles: true}));
    return await painted;
}"""
_SWEEP: Final = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    let frames = 0;
    let empty = 0;
    while (window.scrollY + window.innerHeight < document.documentElement.scrollHeight - 1) {
        window.scrollBy(0, 4 * window.innerHeight);
        await frame();
        await frame();
        frames += 1;
        const middle = document.elementFromPoint(window.innerWidth / 2, window.innerHeight / 2);
        if (middle?.closest('tr')?.ariaHidden) empty += 1;
    }
    const rows = [...document.querySelectorAll('[aria-rowindex]')].map(row => row.ariaRowIndex);
    return {frames, empty, last: Math.max(...rows)};
}"""


def opened(page: Page, address: str, count: int) -> Iterator[Figure]:
    """Open the list, which somebody has opened before, and tell how soon it was there."""
    for paint, goal in (("first", FIRST_PAINT), ("largest", LARGEST_PAINT)):

        def painted(paint: str = paint) -> float:
            _load(page, address, count)
            return float(page.evaluate(_PAINTS)[paint])

        yield below(f"{count:,} environments: {paint} paint", at_best(page, painted, goal), goal, "ms")


def settled(page: Page, address: str, count: int) -> Iterator[Figure]:
    """Open the list, and tell how long nobody could type meanwhile and how far things jumped."""
    with tasks_of(page) as tasks:
        _load(page, address, count)
    what = f"{count:,} environments"
    yield below(f"{what}: blocked while they come", sum(max(0, task - 50) for task in tasks), BLOCKED, "ms")
    yield known(f"{what}: work of the page while they come", sum(tasks), "ms")
    yield below(f"{what}: jumps of the layout", page.evaluate("seen.shifted"), SHIFTED)
    yield below(f"{what}: elements", page.evaluate("document.querySelectorAll('*').length"), NODES)


def searched(page: Page, address: str, count: int, words: Sequence[str]) -> Iterator[Figure]:
    """Type words, each into a list that has just been opened, and tell how soon what fits was painted."""
    for each in words:

        def typed(each: str = each) -> float:
            _load(page, address, count)
            return float(page.evaluate(_TYPED, each))

        yield below(f"{count:,} environments: first search, for {each!r}", at_best(page, typed, FOUND), FOUND, "ms")


def swept(page: Page, address: str, count: int) -> Iterator[Figure]:
    """Scroll from the first to the last one, several screens at a time."""
    _load(page, address, count)
    with tasks_of(page) as tasks:
        way: dict[str, Any] = page.evaluate(_SWEEP)
    yield below(
        f"{count:,} environments: work for each new screen while one scrolls",
        sum(tasks) / way["frames"],
        SCROLLED,
        "ms",
    )
    yield below(f"{count:,} environments: longest stop while one scrolls", max(tasks), STALLED, "ms")
    yield exactly(f"{count:,} environments: screens without a row", way["empty"], 0)
    yield exactly(f"{count:,} environments: the last row that is reached", way["last"] - 1, count)


def _load(page: Page, address: str, count: int) -> None:
    page.goto(address)
    page.get_by_role("search").get_by_text(f"{count:,} environments", exact=True).wait_for()
