"""What people see behind a Hub of a build that goes on for real: late, cut off, logged out, looked away, cancelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Locator, expect
from tests.integration.page.cable import Cable, cable_to
from tests.integration.page.log_reader import LogReader
from tests.integration.page.real.conftest import BUILT_WITHIN, LONG, SHORT, Course, log_in
from tests.integration.page.visitor import Visit, Visitor
from tools.service import follow

pytestmark = pytest.mark.slow

HIDE = """
    Object.defineProperty(document, 'hidden', {get: () => window.away === true});
    window.leave = away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); };
"""
NOTIFY = """
    window.told = [];
    window.Notification = class {
        static permission = 'granted';
        static requestPermission() { return Promise.resolve('granted') }
        constructor(words) { told.push(words) }
    };
"""
CLIPBOARD = ["clipboard-read", "clipboard-write"]
PRINTED = re.compile(r"#\d+ [\d.]+ line (\d+) of many")


@pytest.fixture
def cable(course: Course) -> Iterator[Cable]:
    """Give a connection to the Hub's proxy that can be cut."""
    with cable_to(course.launching.behind.hub.port) as cable:
        yield cable


@pytest.fixture(scope="module")
def begun(course: Course) -> Iterator[list[str]]:
    """Keep the builds that go on for several tests, until all are over."""
    begun: list[str] = []
    yield begun
    with course.launching.client_of("alice") as alice:
        for each in begun:
            alice.post(f"builds/{each}/cancel")


@pytest.fixture
def running(course: Course, begun: list[str], api: httpx.Client) -> str:
    """Give a build that prints two hundred lines a second: the one of the tests before, if it still goes on."""
    if not begun or api.get(f"builds/{begun[-1]}").json()["state"] != "building":
        begun.append(api.post("builds", json={"repo": course.make(LONG)}).raise_for_status().json()["id"])
    return begun[-1]


def reading(somebody: Visitor, build: str, place: str = "") -> LogReader:
    """Open a build, and wait until its step prints something."""
    somebody.open(f"builds/{build}{place}")
    log = LogReader(somebody.page)
    expect(log.lines.filter(has_text=PRINTED).first).to_be_visible(timeout=BUILT_WITHIN)
    return log


def following(somebody: Visitor) -> Locator:
    return somebody.page.get_by_role("button", name="Follow")


def printed(somebody: Visitor) -> list[int]:
    """Give which lines of the step the page has now, in their order, from the copy that it makes of all."""
    somebody.page.get_by_role("button", name="Copy the whole log").click()
    expect(somebody.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    text: str = somebody.page.evaluate("navigator.clipboard.readText()")
    return [int(number) for number in PRINTED.findall(text)]


def is_whole(numbers: list[int]) -> bool:
    return numbers == list(range(1, len(numbers) + 1))


def test_a_tab_that_is_opened_late_has_the_first_line_and_each_that_follows_once(visit: Visit, running: str) -> None:
    early = visit()
    newest = max(reading(early, running).numbers())
    late = visit(permissions=CLIPBOARD)
    log = reading(late, running)
    log.comes_to(newest + 200)
    late.press("Unfold all")
    log.press("g")

    expect(log.line(1)).to_be_visible()
    numbers = printed(late)
    assert len(numbers) > 200
    assert is_whole(numbers)


def test_a_stream_that_is_cut_for_some_seconds_is_told_of_and_goes_on_without_a_gap(
    visit: Visit, running: str, course: Course, cable: Cable
) -> None:
    cabled = course.url.replace(f"127.0.0.1:{course.launching.behind.hub.port}", cable.place)
    alice = visit(prefix=cabled, permissions=CLIPBOARD)
    log = reading(alice, running)
    cable.cut()
    alice.sees("Connection lost. The build goes on; the log continues when you are back.")
    before = max(log.numbers())

    cable.mend()

    alice.sees("Reconnected.")
    log.comes_to(before + 100)
    assert is_whole(printed(alice))
    asked = [each.headers.get("last-event-id") for each in alice.requests if each.url.endswith("/log")]
    assert asked[0] is None
    assert asked[-1] is not None


def test_who_logs_out_at_the_hub_is_told_and_comes_back_to_the_line_by_logging_in(visit: Visit, running: str) -> None:
    alice = visit(again=True)
    log = reading(alice, running, "#L20")
    expect(log.line(20)).to_be_visible()
    other = alice.page.context.new_page()
    other.goto(alice.prefix.replace("/services/repo2docker/", "/hub/logout"))
    expect(other.get_by_label("Username")).to_be_visible()

    alice.sees("Your session ended. Log in again to continue; nothing is lost.")
    expect(log.line(20)).to_be_visible()
    alice.page.get_by_role("main").get_by_role("link", name="Log in").click()
    log_in(alice, "alice")

    expect(log.region.locator(".line.marked .number")).to_have_attribute("data-number", "20")
    assert alice.page.url == f"{alice.prefix}builds/{running}#L20"


def test_who_scrolls_up_stays_there_and_is_told_how_many_lines_have_come(visit: Visit, running: str) -> None:
    alice = visit()
    log = reading(alice, running)
    log.comes_to(300)
    log.region.hover()
    alice.page.mouse.wheel(0, -2000)
    expect(following(alice)).to_have_attribute("aria-pressed", "false")
    top, first = log.top(), log.numbers()[0]

    pill = alice.page.get_by_role("button", name=re.compile(r"^\d,\d{3} new lines"))
    expect(pill).to_be_visible(timeout=BUILT_WITHIN)

    assert (log.top(), log.numbers()[0]) == (top, first)
    pill.click()
    expect(pill).to_have_count(0)
    expect(following(alice)).to_have_attribute("aria-pressed", "true")
    log.comes_to(max(log.numbers()) + 100)

    alice.page.mouse.wheel(0, -2000)
    expect(following(alice)).to_have_attribute("aria-pressed", "false")
    log.region.focus()
    log.press("End")
    expect(following(alice)).to_have_attribute("aria-pressed", "true")


def test_a_build_that_is_cancelled_keeps_its_log_and_all_tabs_show_it(visit: Visit, running: str) -> None:
    alice, ben = visit(), visit("ben")
    logs = [reading(somebody, running) for somebody in (alice, ben)]
    assert not ben.sees_button("Cancel")
    alice.press("Cancel")
    expect(alice.page.get_by_role("button", name="Keep building")).to_be_focused()
    alice.page.keyboard.press("Escape")
    expect(alice.page.get_by_role("button", name="Cancel", exact=True)).to_be_focused()
    alice.press("Cancel")

    alice.press("Cancel build")

    for somebody, log in zip((alice, ben), logs, strict=True):
        somebody.sees("This build was cancelled.")
        expect(somebody.page).to_have_title(re.compile("^⊘ "))
        log.press("g")
        expect(log.lines.filter(has_text="line 1 of many")).to_be_visible()
    assert not alice.sees_button("Cancel")


def test_a_tab_that_nobody_looks_at_gives_its_one_stream_up_and_says_how_the_build_has_ended(
    visit: Visit, api: httpx.Client, started: Callable[[str], str]
) -> None:
    build = started(SHORT)
    alice = visit(permissions=["notifications"])
    for script in (HIDE, NOTIFY):
        alice.page.add_init_script(script)
    alice.page.clock.install()
    alice.requests.clear()
    alice.open(f"builds/{build}")
    alice.press("Tell me when it ends")
    expect(LogReader(alice.page).lines.first).to_be_visible(timeout=BUILT_WITHIN)
    with alice.page.expect_event("requestfailed", lambda request: request.url.endswith("/log")):
        alice.page.evaluate("leave(true)")
        alice.page.clock.fast_forward(61_000)
    assert len([each for each in alice.requests if each.url.endswith(("/log", "/events"))]) == 1

    follow(api, build)
    alice.page.clock.fast_forward(11_000)

    expect(alice.page).to_have_title(re.compile("^✓ "))
    expect(alice.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("static/succeeded"))
    assert [words[0] for words in alice.page.evaluate("told")] == ["✓"]
    alice.page.evaluate("leave(false)")
    alice.sees("The environment is ready.")
