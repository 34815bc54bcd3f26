"""What people see of a build, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.integration.page.cable import Cable
from tests.integration.page.conftest import PREFIX
from tests.integration.page.log_reader import LogReader
from tests.integration.page.logs import LIVELY, LOGS, STEPWISE
from tests.integration.page.visitor import Visit
from tools.service import RunningService, running_service


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
