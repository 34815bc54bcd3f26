"""What people see of a build, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.integration.page.cable import Cable
from tests.integration.page.conftest import FORGE, PREFIX
from tests.integration.page.log_reader import LogReader
from tests.integration.page.logs import LIVELY, LOGS, STEPWISE
from tests.integration.page.visitor import Visit
from tools.service import RunningService, build, running_service

HIDE = """
    Object.defineProperty(document, 'hidden', {get: () => window.away === true});
    window.leave = away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); };
"""


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service whose builds take their time."""
    with running_service(tmp_path_factory.mktemp("builds"), LOGS) as service:
        yield service


@pytest.fixture
def started(api: httpx.Client) -> Iterator[Callable[[str], str]]:
    """Starts builds that go on until the test is over."""
    begun: list[str] = []

    def start(repo: str) -> str:
        begun.append(api.post("builds", json={"repo": repo}).json()["id"])
        return begun[-1]

    yield start
    for each in begun:
        api.post(f"builds/{each}/cancel")


def test_a_failed_build_says_why_and_shows_the_step_and_leads_to_the_line(visit: Visit, api: httpx.Client) -> None:
    failed = build(api, repo=f"{FORGE}typo", ref="main")
    ada = visit()
    ada.open(f"builds/{failed['id']}")
    log = LogReader(ada.page)
    summary = ada.page.get_by_role("region", name="Why it failed")

    expect(summary).to_contain_text(failed["cause"]["advice"])
    files = summary.get_by_role("link", name=f"the files at {failed['commit'][:7]}")
    expect(files).to_have_attribute("href", f"{FORGE}typo/tree/{failed['commit']}")
    expect(ada.page).to_have_title("✕ o/typo@main · repo2docker")
    expect(ada.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("static/.*svg"))
    expect(log.head("failed")).to_have_attribute("aria-expanded", "true")
    summary.get_by_role("link", name="Line 3").click()
    expect(log.region.locator(".line.marked")).to_contain_text("no <b>numpi</b>")
    assert ada.page.url.endswith(f"builds/{failed['id']}#L3")

    summary.get_by_role("button", name="Try again").click()

    ada.page.wait_for_url(re.compile(rf"/builds/(?!{failed['id']})[0-9a-f]{{32}}$"))
    assert [(sent["ref"], sent["force"]) for sent in ada.sent("builds")] == [("main", True)]


def test_a_build_is_cancelled_for_all_who_look_and_its_log_stays(visit: Visit, started: Callable[[str], str]) -> None:
    ada, other = visit(), visit("carl")
    identifier = started(STEPWISE)
    for somebody in (ada, other):
        somebody.open(f"builds/{identifier}")
        somebody.sees("Step ")
    assert not other.sees_button("Cancel")
    ada.press("Cancel")
    expect(ada.page.get_by_role("button", name="Keep building")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("button", name="Cancel", exact=True)).to_be_focused()
    ada.press("Cancel")

    ada.press("Cancel build")

    for somebody in (ada, other):
        somebody.sees("This build was cancelled.")
        expect(somebody.page).to_have_title(re.compile("^⊘ o/stepwise"))
        expect(LogReader(somebody.page).lines.last).to_contain_text("RUN echo line")
    assert not ada.sees_button("Cancel")


def test_a_session_that_ends_is_told_and_logging_in_leads_back_to_the_line(
    visit: Visit, started: Callable[[str], str], cable: Cable
) -> None:
    ada = visit(prefix=f"http://{cable.place}{PREFIX}")
    identifier = started(LIVELY)
    ada.open(f"builds/{identifier}#L20")
    log = LogReader(ada.page)
    expect(log.line(20)).to_be_visible()

    ada.page.context.clear_cookies()
    cable.cut()
    cable.mend()
    ada.sees("Your session ended. Log in again to continue; nothing is lost.")
    expect(log.line(20)).to_be_visible()
    ada.press("Log in")
    ada.page.get_by_label("Token").fill("ada-token")
    ada.press("Sign in")

    expect(log.region.locator(".line.marked")).to_contain_text("line 20 of")
    assert ada.page.url.endswith(f"builds/{identifier}#L20")


def test_a_tab_that_nobody_looks_at_gives_its_connection_up_and_still_says_how_the_build_ends(
    visit: Visit, started: Callable[[str], str], api: httpx.Client
) -> None:
    ada = visit(permissions=["notifications"])
    ada.page.add_init_script(HIDE)
    ada.page.add_init_script(
        "window.told = []; window.Notification = class { static permission = 'granted';"
        " static requestPermission() { return Promise.resolve('granted') }"
        " constructor(words) { told.push(words) } };"
    )
    ada.page.clock.install()
    identifier = started(STEPWISE)
    ada.open(f"builds/{identifier}")
    ada.press("Tell me when it ends")
    ada.sees("Step ")
    streams = [each for each in ada.requests if each.url.endswith("/log")]
    with ada.page.expect_event("requestfailed", lambda request: request.url.endswith("/log")):
        ada.page.evaluate("leave(true)")
        ada.page.clock.fast_forward(61_000)
    assert len(streams) == 1

    api.post(f"builds/{identifier}/cancel")
    ada.page.clock.fast_forward(11_000)

    expect(ada.page).to_have_title(re.compile("^⊘ o/stepwise"))
    assert ada.page.evaluate("told") == ["⊘ o/stepwise: Cancelled"]
    ada.page.evaluate("leave(false)")
    ada.sees("This build was cancelled.")


def test_nothing_moves_for_those_who_do_not_want_that_and_states_are_words(
    visit: Visit, started: Callable[[str], str]
) -> None:
    ada = visit(reduced_motion="reduce", forced_colors="active")
    ada.open(f"builds/{started(STEPWISE)}")
    ada.sees("Step ")

    moving = "document.getAnimations().filter(each => each.playState === 'running').length"
    assert ada.page.evaluate(moving) == 0
    current = ada.page.get_by_role("list", name="Phases").locator("[aria-current=step]")
    expect(current).to_have_text("Build, at work")
    expect(LogReader(ada.page).head("running").last).to_be_visible()


def test_a_build_that_waits_says_how_many_are_ahead(visit: Visit, built: Callable[..., dict[str, Any]]) -> None:
    done = built("waiting")
    ada = visit()
    queued = {**done, "state": "queued", "queue_position": 3}
    ada.page.route(f"**/api/v1/builds/{done['id']}", lambda route: route.fulfill(json=queued))
    ada.page.route("**/log", lambda route: route.fulfill(content_type="text/event-stream", body=": nothing yet\n\n"))
    ada.open(f"builds/{done['id']}")

    ada.sees("Waiting for a free builder. 2 builds are ahead of yours.")
    ada.sees("The log begins as soon as a builder is free.")


def test_what_was_built_is_launched_from_there(visit: Visit, built: Callable[..., dict[str, Any]]) -> None:
    done = built("launched")
    ada = visit()
    ada.open(f"builds/{done['id']}?path=a.ipynb&profile=large")
    ada.sees("The environment is ready.")

    ada.page.get_by_role("link", name="Launch", exact=True).click()

    ada.page.wait_for_url(re.compile(r"/launch\?image=[0-9a-f]+&path=a\.ipynb&profile=large$"))
    expect(ada.page.get_by_role("button", name="Start")).to_be_visible()
    assert ada.sent("servers") == []
