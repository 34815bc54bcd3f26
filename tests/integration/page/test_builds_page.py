"""The list of builds, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.logs import LOGS, STEPWISE
from tests.integration.page.visitor import Visit, Visitor
from tools.service import RunningService, build, running_service

Built = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service of which one build takes its time."""
    with running_service(tmp_path_factory.mktemp("list"), LOGS) as service:
        yield service


def row(somebody: Visitor, name: str) -> Locator:
    """Give the row of a build."""
    return somebody.page.get_by_role("row").filter(has=somebody.page.get_by_role("link", name=name, exact=True))


def test_ones_own_are_listed_live_and_those_of_others_when_they_are_asked_for(visit: Visit, built: Built) -> None:
    built("before")
    ada, carl = visit(), visit("carl")
    for somebody in (ada, carl):
        somebody.open("builds")
    expect(row(ada, "o/before")).to_contain_text("Succeeded")
    expect(carl.page.get_by_text("You have no builds yet")).to_be_visible()
    carl.page.get_by_label("Whose").select_option("All builds")
    expect(row(carl, "o/before")).to_be_visible()

    built("after")

    expect(row(carl, "o/after")).to_contain_text("Succeeded")
    expect(carl.page).to_have_url(f"{carl.prefix}builds?whose=all")
    row(ada, "o/after").get_by_role("link", name="o/after", exact=True).click()
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("o/after")


def test_an_address_chooses_a_state_and_a_failure_is_told_in_short(visit: Visit, api: httpx.Client) -> None:
    failed = build(api, repo=f"{FORGE}typo")
    ada = visit()
    ada.open("builds?state=failed")

    expect(row(ada, "o/typo").first).to_contain_text(failed["cause"]["advice"])
    expect(ada.page.get_by_label("State")).to_have_value("failed")
    assert ada.page.get_by_role("row").get_by_text("Succeeded").count() == 0


def test_builds_are_found_by_words_that_are_in_the_address(visit: Visit, built: Built) -> None:
    built("needle", title="Some course")
    built("hay")
    ada = visit()
    ada.open("builds?q=course")
    expect(row(ada, "Some course")).to_be_visible()
    expect(ada.page.get_by_role("search").get_by_role("status")).to_have_text("1 build")

    ada.page.keyboard.press("/")
    ada.page.keyboard.type("o/hay")

    expect(row(ada, "o/hay")).to_be_visible()
    expect(row(ada, "Some course")).to_have_count(0)
    ada.page.wait_for_url("**/builds?q=o%2Fhay")


def test_a_build_under_way_is_cancelled_by_who_says_so(visit: Visit, api: httpx.Client) -> None:
    begun = api.post("builds", json={"repo": STEPWISE}).json()
    ada, carl = visit(), visit("carl")
    carl.open("builds?whose=all")
    expect(row(carl, "o/stepwise")).to_be_visible()
    assert row(carl, "o/stepwise").get_by_role("button").count() == 0
    ada.open("builds")
    row(ada, "o/stepwise").get_by_role("button", name="Cancel").click()
    expect(ada.page.get_by_role("button", name="Keep building")).to_be_focused()
    assert api.get(f"builds/{begun['id']}").json()["state"] == "building"

    ada.press("Cancel build")

    expect(row(ada, "o/stepwise")).to_contain_text("Cancelled")
    expect(row(carl, "o/stepwise")).to_contain_text("Cancelled")
