"""What people see when something fails below a page, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit

Doing = Callable[[Route], None]
PROBLEM: Final = {"type": "about:blank", "title": "Too many", "status": 429, "detail": "Too much is asked at once."}
TROUBLES: Final[dict[str, tuple[Doing, str]]] = {
    "429": (
        lambda route: route.fulfill(status=429, headers={"Retry-After": "40"}, body=json.dumps(PROBLEM)),
        "Too much is asked at once. Try again in 40 seconds.",
    ),
    "broken": (
        lambda route: route.fulfill(content_type="application/json", body='{"items": ['),
        "The service gave an answer that makes no sense.",
    ),
    "late": (lambda _: None, "The service takes too long to answer."),
    "500": (
        lambda route: route.fulfill(status=500, headers={"X-Request-ID": "7f3a"}, body="<html>"),
        "Something failed on our side (code 7f3a).",
    ),
}
PAGES: Final = {
    "environments": ("", "images?*", "Search environments"),
    "builds": ("builds?whose=all", "builds?*", "o/troubled"),
    "a build": ("builds/{build}", "builds/{build}", "The environment is ready."),
    "an environment": ("images/{image}", "images/{image}", "Pull by digest"),
    "launch": ("launch?image={image}", "images/{image}", "Size of the server"),
    "servers": ("servers", "servers", "You have no server now"),
    "new build": ("new?repo={forge}somewhere", "source", "Found"),
    "who one is": ("help", "me", "Private repositories"),
}


@pytest.fixture
def known(built: Callable[..., dict[str, Any]], api: httpx.Client) -> dict[str, str]:
    """Build something, and give the ids that stand in addresses."""
    done = built("troubled")
    image = api.get("images", params={"name": done["image"]}).json()["items"][0]
    return {"build": done["id"], "image": image["id"], "forge": FORGE}


@pytest.mark.parametrize("name", PAGES)
def test_what_fails_is_told_with_what_to_do_and_trying_again_mends_it(
    visit: Visit, known: dict[str, str], name: str
) -> None:
    address, path, seen = (part.format(**known) for part in PAGES[name])
    ada = visit()
    page = ada.page
    page.clock.install()
    for answer, sentence in TROUBLES.values():
        page.route(f"**/api/v1/{path}", answer)
        ada.open(address)
        _be_patient(page, re.escape(sentence))
        alert = page.get_by_text(sentence).filter(visible=True).first
        expect(alert).to_be_visible()
        expect(page.locator("h1:visible")).to_have_count(1)
        page.unroute_all(behavior="ignoreErrors")

        page.get_by_role("button", name=re.compile("^(Try|Look) again$")).first.click()

        expect(page.get_by_text(seen).or_(page.get_by_label(seen)).first).to_be_visible()
        expect(alert).to_have_count(0)


def _be_patient(page: Page, sentence: str) -> None:
    """Let the pauses pass after which the page tries again by itself, until it says so."""
    for _ in range(40):
        if page.get_by_text(re.compile(sentence)).count() > 0:
            return
        page.clock.fast_forward(5000)
        page.wait_for_timeout(100)


@pytest.mark.parametrize("name", PAGES)
def test_who_is_offline_is_told_and_what_is_there_stays(visit: Visit, known: dict[str, str], name: str) -> None:
    address, _, seen = (part.format(**known) for part in PAGES[name])
    ada = visit()
    ada.open(address)
    there = ada.page.get_by_text(seen).or_(ada.page.get_by_label(seen)).first
    expect(there).to_be_visible()

    ada.page.context.set_offline(True)

    ada.sees("You are offline.")
    expect(there).to_be_visible()
    ada.page.context.set_offline(False)
    expect(ada.page.get_by_text("You are offline.")).to_have_count(0)
