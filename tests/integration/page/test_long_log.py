"""A log of 100,000 lines, in a real browser: how soon it is there, how much it costs, and what a search takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.integration.page.log_reader import LogReader
from tests.integration.page.logs import LIVELY, LOGS, MANY, NEEDLE
from tests.integration.page.pace import slowness
from tests.integration.page.visitor import Visit
from tools.service import RunningService, running_service

PAINTED: Final = 500
"""Milliseconds from the first byte of the log to the first line that is seen."""
SEARCHED: Final = 200
"""Milliseconds from the last letter to the count."""
STALLED: Final = 200
"""Milliseconds that the page may not answer while lines come."""
HEAP: Final = 40 * 1024 * 1024
NODES: Final = 1500
WATCH: Final = """
    window.seen = {};
    new MutationObserver(() => {
        if (!seen.line && document.querySelector('.line .text')) seen.line = performance.now();
    }).observe(document, {childList: true, subtree: true});
    new PerformanceObserver(list => {
        for (const {startTime, duration} of list.getEntries()) (seen.tasks ??= []).push([startTime, duration]);
    }).observe({type: 'longtask', buffered: true});
"""

SINCE_THE_FIRST_BYTE: Final = """
    seen.line - performance.getEntriesByType('resource').find(each => each.name.endsWith('/log')).responseStart
"""


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service whose builds write long logs."""
    with running_service(tmp_path_factory.mktemp("logs"), LOGS) as service:
        yield service


def heap(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used


def test_it_is_painted_at_once_costs_little_and_shows_its_last_line(
    visit: Visit, built: Callable[..., dict[str, Any]]
) -> None:
    small, many = built("small")["id"], built("many")["id"]
    ada = visit()
    ada.page.add_init_script(WATCH)
    log = LogReader(ada.page)
    ada.open(f"builds/{small}")
    expect(log.region).to_be_visible()
    before = heap(ada.page)
    taken = []
    for _ in range(3):
        ada.open(f"builds/{many}")
        expect(log.lines.last).to_have_text("This is the last line.")
        taken.append(ada.page.evaluate(SINCE_THE_FIRST_BYTE) / slowness(ada.page))
    ada.press("Unfold all")
    log.press("g")
    expect(log.line(1)).to_be_visible()
    log.press("G")

    log.is_in_view(log.line(MANY))
    assert min(taken) < PAINTED
    assert ada.page.evaluate("document.querySelectorAll('*').length") < NODES
    assert heap(ada.page) - before < HEAP


def test_a_search_finds_what_is_folded_away_and_goes_around(visit: Visit, built: Callable[..., dict[str, Any]]) -> None:
    ada = visit()
    ada.open(f"builds/{built('many')['id']}")
    log = LogReader(ada.page)
    expect(log.head("RUN make 1")).to_have_attribute("aria-expanded", "false")
    log.press("/")
    ada.page.keyboard.insert_text(NEEDLE)

    ada.sees("1 of 1")
    log.is_in_view(log.region.locator(".line.hit", has_text=NEEDLE))
    log.press("Escape")
    log.press("[")
    expect(log.head("RUN make 1")).to_be_focused()
    expect(log.head("RUN make 1")).to_have_attribute("aria-expanded", "true")
    log.press("/")
    ada.page.keyboard.insert_text("line 777)")
    ada.sees("1 of 2")
    log.region.focus()
    for key, place in (("n", "2 of 2"), ("n", "1 of 2"), ("Shift+N", "2 of 2")):
        log.press(key)
        ada.sees(place)


def test_a_search_through_all_of_it_takes_no_time_worth_the_name(
    visit: Visit, built: Callable[..., dict[str, Any]]
) -> None:
    ada = visit()
    ada.open(f"builds/{built('many')['id']}")
    expect(LogReader(ada.page).lines.last).to_be_visible()
    ada.page.get_by_role("searchbox").focus()
    taken = []
    for words in ("package-4", "nothing like it", "requirements"):
        ada.page.evaluate(
            """words => {
                const field = document.activeElement;
                Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, words);
                const began = performance.now();
                const count = () => field.parentElement.querySelector('p')?.textContent;
                const before = count();
                window.counted = new Promise(resolve => {
                    new MutationObserver(() => count() && count() !== before && resolve(performance.now() - began))
                        .observe(field.parentElement, {childList: true, subtree: true, characterData: true});
                });
                field.dispatchEvent(new Event('input', {bubbles: true}));
            }""",
            words,
        )
        taken.append(ada.page.evaluate("counted") / slowness(ada.page))

    assert min(taken) < SEARCHED, taken


def test_the_page_answers_while_many_lines_come(visit: Visit, api: httpx.Client) -> None:
    build = api.post("builds", json={"repo": LIVELY}).json()["id"]
    ada = visit()
    ada.page.add_init_script(WATCH)
    ada.open(f"builds/{build}")
    log = LogReader(ada.page)
    log.comes_to(100)
    began = ada.page.evaluate("performance.now()")

    log.comes_to(1100)

    tasks = ada.page.evaluate(
        "began => (seen.tasks ?? []).filter(([start]) => start > began).map(([, took]) => took)", began
    )
    assert max(tasks, default=0) / slowness(ada.page) < STALLED
    api.post(f"builds/{build}/cancel")
