"""Where the focus goes, and that it can be seen there, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.integration.page.gallery import many, pretend_images, rows
from tests.integration.page.keyboard import Keyboard
from tests.integration.page.log_reader import LogReader
from tests.integration.page.visitor import Visit


def walk(page: Page, key: str, steps: int) -> None:
    """Press a key so often, and see each time where the focus is."""
    keyboard = Keyboard(page)
    for _ in range(steps):
        keyboard.step(key)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_that_stays_in_place_covers_what_has_the_focus_in_a_long_list(visit: Visit, width: int) -> None:
    ada = visit(viewport={"width": width, "height": 600})
    pretend_images(ada.page, many(60))
    ada.open()
    rows(ada.page).first.get_by_role("checkbox").check()
    expect(ada.page.get_by_role("region", name="What is selected")).to_be_visible()

    walk(ada.page, "Tab", 40)
    walk(ada.page, "Shift+Tab", 30)


def test_nothing_covers_what_has_the_focus_beside_a_log(visit: Visit, built: Callable[..., dict[str, Any]]) -> None:
    ada = visit(viewport={"width": 1280, "height": 500})
    ada.open(f"builds/{built('walked')['id']}")
    expect(LogReader(ada.page).lines.last).to_be_visible()

    walk(ada.page, "Tab", 40)
    walk(ada.page, "Shift+Tab", 20)


def test_going_to_a_page_moves_the_focus_to_its_heading(visit: Visit) -> None:
    ada = visit()
    for link, heading in (("Builds", "Builds"), ("Help", "Help"), ("New build", "New build")):
        ada.page.get_by_role("navigation").get_by_role("link", name=link).press("Enter")

        expect(ada.page.get_by_role("heading", level=1, name=heading)).to_be_focused()
    ada.page.go_back()

    expect(ada.page.get_by_role("heading", level=1, name="Help")).to_be_focused()


def test_keys_lead_to_a_new_build_and_show_what_keys_there_are(visit: Visit) -> None:
    ada = visit()
    ada.page.keyboard.press("?")
    dialog = ada.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    ada.page.keyboard.press("b")
    expect(dialog).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    ada.page.keyboard.press("b")

    expect(ada.page.get_by_role("heading", level=1)).to_have_text("New build")
