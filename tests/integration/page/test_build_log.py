"""What people see of a log, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.integration.page.log_reader import LogReader
from tests.integration.page.logs import COLOURED, LOGS, NEEDLE
from tests.integration.page.visitor import Visit, Visitor
from tools.bench.page.services import MANY_LINES
from tools.service import RunningService, running_service

Built = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service whose builds write such logs."""
    with running_service(tmp_path_factory.mktemp("logs"), LOGS) as service:
        yield service


def reading(somebody: Visitor, build: str, place: str = "") -> LogReader:
    somebody.open(f"builds/{build}{place}")
    return LogReader(somebody.page)


def test_an_address_leads_to_its_lines(visit: Visit, built: Built) -> None:
    build = built("many")["id"]
    ada = visit(permissions=["clipboard-read", "clipboard-write"])
    log = reading(ada, build, "#L120-L134")

    log.is_in_view(log.line(127))
    marked = log.region.locator(".line.marked .number")
    expect(marked).to_have_count(15)
    ada.page.get_by_role("button", name="Copy a link to lines 120 to 134").click()
    assert ada.page.evaluate("navigator.clipboard.readText()") == ada.page.url

    log.line(125).locator(".number").click()
    log.line(128).locator(".number").click(modifiers=["Shift"])
    expect(marked).to_have_count(4)
    ada.page.wait_for_url(re.compile(r"#L125-L128$"))
    ada.page.evaluate("location.hash = 'L99000'")
    log.is_in_view(log.line(99_000))


def test_keys_lead_to_the_first_and_to_the_last_line_of_a_long_log(visit: Visit, built: Built) -> None:
    ada = visit()
    log = reading(ada, built("many")["id"])
    expect(log.lines.last).to_have_text("This is the last line.")
    ada.press("Unfold all")
    log.press("g")
    expect(log.line(1)).to_be_visible()

    log.press("G")

    log.is_in_view(log.line(MANY_LINES))


def test_a_search_finds_what_is_folded_away_and_goes_around(visit: Visit, built: Built) -> None:
    ada = visit()
    log = reading(ada, built("many")["id"])
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


def test_what_builds_print_is_shown_as_a_terminal_would_and_never_obeyed(visit: Visit, built: Built) -> None:
    log = reading(visit(), built("coloured")["id"])

    expect(log.lines).to_have_text(
        [
            COLOURED[0],
            "#1 0.100 red <script>alert(1)</script> green",
            "100 %",
            "#1 0.300 tur<U+202E>ned around",
            COLOURED[-1],
        ]
    )
    expect(log.region.locator(".bold.fg-red")).to_have_text("red")
    expect(log.region.locator("script")).to_have_count(0)


def test_a_log_is_copied_where_the_browser_has_no_clipboard(visit: Visit, built: Built) -> None:
    ada = visit()
    ada.page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})")
    log = reading(ada, built("copied")["id"])
    expect(log.region).to_be_visible()

    ada.page.get_by_role("button", name="Copy the whole log").click()

    expect(ada.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()


def test_a_log_that_is_gone_says_so(visit: Visit, built: Built) -> None:
    ada = visit()
    ada.page.route(
        "**/log",
        lambda route: route.fulfill(status=410, content_type="application/problem+json", body='{"status": 410}'),
    )
    ada.open(f"builds/{built('gone')['id']}")

    ada.sees("The log of this build is not kept any more.")
