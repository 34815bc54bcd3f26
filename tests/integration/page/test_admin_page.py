"""What administrators see and do, and what nobody else does, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect
from tests.integration.page.conftest import configuration
from tests.integration.page.visitor import Visit, Visitor
from tools.service import RunningService, running_service

Built = Callable[..., dict[str, Any]]
SETTINGS = f"""
{configuration()}
c.InMemoryImageBuilder.retention_count = 1
c.InMemoryAuthorizer.tokens = {{
    **c.InMemoryAuthorizer.tokens,
    "rita-token": {{"name": "rita", "scopes": ["admin"]}},
}}
"""


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service that has an administrator, and keeps little."""
    with running_service(tmp_path_factory.mktemp("admin"), SETTINGS) as service:
        yield service


def part(somebody: Visitor, name: str) -> Locator:
    """Give a part of the page."""
    return somebody.page.get_by_role("region", name=name, exact=True)


def test_others_are_told_that_it_is_not_for_them_and_get_no_data(visit: Visit) -> None:
    ada = visit()
    ada.open("admin")

    expect(ada.page.get_by_role("heading", level=1)).to_have_text("This page is for administrators")
    expect(ada.page.get_by_role("link", name="Administration")).to_have_count(0)
    assert [each.url for each in ada.requests if "/admin/" in each.url] == []


def test_an_administrator_sees_how_it_is_and_who_has_how_much(visit: Visit, built: Built) -> None:
    built("counted")
    rita = visit("rita")
    rita.page.get_by_role("link", name="Administration").click()

    expect(part(rita, "Health").get_by_text("Works").first).to_be_visible()
    expect(part(rita, "Environments").get_by_role("link", name="o/counted").first).to_be_visible()
    part(rita, "People and groups").get_by_role("link", name="ada", exact=True).click()

    expect(rita.page).to_have_url(f"{rita.prefix}builds?whose=user%3Aada")
    expect(rita.page.get_by_role("link", name="o/counted", exact=True).first).to_be_visible()


def test_a_clean_up_is_looked_at_first_and_removes_when_it_is_said_so(visit: Visit, built: Built) -> None:
    built("old-one")
    built("old-two")
    rita = visit("rita")
    rita.open("admin")
    clean = part(rita, "Clean-up")
    clean.get_by_role("button", name="Show what would go").click()
    expect(clean.get_by_text("github.com/o/old-one")).to_be_visible()
    expect(clean.get_by_text("It is not among the newest 1 that have ended.").first).to_be_visible()
    clean.get_by_role("button", name="Clean up…").click()
    expect(rita.page.get_by_role("button", name="Keep")).to_be_focused()
    assert rita.sent("admin/cleanup") == []

    rita.press("Clean up now")

    expect(clean.get_by_text("gone")).to_be_visible()
    expect(clean.get_by_text("github.com/o/old-one")).to_have_count(0)


def test_all_that_somebody_has_goes_when_the_name_is_typed(visit: Visit, built: Built, api: httpx.Client) -> None:
    built("leaves")
    rita = visit("rita")
    rita.open("admin")
    part(rita, "People and groups").get_by_role("button", name="Remove all that ada has").click()
    dialog = rita.page.get_by_role("alertdialog")
    remove = dialog.get_by_role("button", name="Remove all", exact=True)
    expect(dialog.get_by_role("status").filter(has_text=re.compile(r"\d+ things? go"))).to_be_visible()
    expect(remove).to_be_disabled()
    dialog.get_by_label("Type user:ada to confirm").fill("user:ada")

    remove.click()

    expect(dialog.get_by_text("gone.")).to_be_visible()
    assert api.get("images?owner=user:ada").json()["items"] == []
    dialog.get_by_role("button", name="Close").first.click()
    expect(dialog).to_have_count(0)
