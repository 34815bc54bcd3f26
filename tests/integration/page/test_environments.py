"""The list of environments: finding, selecting, deleting, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE, configuration
from tests.integration.page.gallery import look_for, many, pretend_images, rows, select
from tests.integration.page.visitor import Visit
from tools.service import running_service

Built = Callable[..., dict[str, Any]]
FAR_DOWN: Final = """() => {
    if (scrollY !== 2000) scrollTo(0, 2000);
    return history.state?.scroll === 2000;
}"""
"""Goes there as soon as there is so much to see, again if the list comes anew, until the place is kept."""


def test_an_empty_list_says_how_to_begin_and_leads_there(visit: Visit, tmp_path: Path) -> None:
    with running_service(tmp_path, configuration()) as service:
        ada = visit(prefix=service.url)
        ada.sees("No environments yet")
        ada.sees("Paste a repository address to build the first one.")

        ada.page.get_by_role("link", name="Build new environment").click()

        expect(ada.page).to_have_url(f"{service.url}new")


def test_a_thousand_are_searched_as_one_types(visit: Visit) -> None:
    ada = visit()
    pretend_images(ada.page, many(1000))
    ada.open()
    count = ada.page.get_by_role("search").get_by_role("status")
    expect(count).to_have_text("1,000 environments")
    assert rows(ada.page).count() < 60

    for words, found in (("group-3", 143), ("project-99", 11), ("", 1000)):
        ada.page.get_by_role("searchbox").fill(words)
        expect(count).to_have_text(f"{found} of 1,000 environments" if words else "1,000 environments")


def test_what_was_looked_for_is_there_again_after_going_back_and_after_loading_again(visit: Visit) -> None:
    ada = visit()
    pretend_images(ada.page, many(1000))
    ada.open()
    ada.page.get_by_role("searchbox").fill("group")
    ada.page.get_by_label("Sort by", exact=True).select_option("Largest first")
    ada.page.get_by_label("Show", exact=True).select_option("Mine")
    expect(ada.page).to_have_url(re.compile(r"\?q=group&show=mine&sort=size$"))
    ada.page.wait_for_function(FAR_DOWN)
    name = ada.page.evaluate("document.elementFromPoint(400, 300).closest('tr').querySelector('a').textContent")

    ada.page.reload()
    expect(ada.page.get_by_role("link", name=name, exact=True)).to_be_in_viewport()
    ada.page.get_by_role("link", name=name, exact=True).click()
    expect(ada.page).to_have_url(re.compile("/images/"))
    ada.page.go_back()

    expect(ada.page.get_by_role("link", name=name, exact=True)).to_be_in_viewport()
    expect(ada.page.get_by_role("searchbox")).to_have_value("group")
    expect(ada.page.get_by_label("Sort by", exact=True)).to_have_value("size")
    expect(ada.page.get_by_label("Show", exact=True)).to_have_value("mine")


def test_what_somebody_else_builds_appears_by_itself(visit: Visit, built: Built) -> None:
    built("seen-before")
    carl = visit("carl")
    look_for(carl, "seen-")
    expect(rows(carl.page)).to_have_count(1)

    built("seen-later")

    expect(rows(carl.page)).to_have_count(2)


def test_the_dialog_holds_the_focus_and_gives_it_back(visit: Visit, built: Built) -> None:
    built("kept")
    ada = visit()
    look_for(ada, "kept")
    select(ada.page, "o/kept")
    opener = ada.page.get_by_role("button", name="Delete…")
    opener.press("Enter")
    dialog = ada.page.get_by_role("alertdialog")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    for _ in range(6):
        ada.page.keyboard.press("Tab")
        assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")

    ada.page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    expect(rows(ada.page)).to_have_count(1)


def test_the_menu_is_there_for_the_keyboard_and_copies_how_to_pull(visit: Visit, built: Built) -> None:
    built("pulled")
    ada = visit(permissions=["clipboard-read", "clipboard-write"])
    look_for(ada, "pulled")
    opener = ada.page.get_by_role("button", name="More for o/pulled")
    opener.press("Enter")
    expect(ada.page.get_by_role("menu")).to_be_focused()

    for key in ("c", "c", "Enter"):  # the second one that begins so
        ada.page.keyboard.press(key)

    ada.sees("Copied to the clipboard")
    expect(opener).to_be_focused()
    copied = ada.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"docker pull localhost/r2d/github\.com--o--pulled@sha256:[0-9a-f]{64}", copied)


def test_building_again_is_begun_and_said(visit: Visit, built: Built) -> None:
    built("again", ref="main", title="Once more")
    ada = visit()
    look_for(ada, "again")
    ada.page.get_by_role("button", name="More for Once more").click()

    ada.page.get_by_role("menuitem", name="Rebuild").click()

    ada.sees("1 build is on its way.")
    [sent] = ada.sent("builds")
    assert (sent["repo"], sent["ref"], sent["title"], sent["force"]) == (f"{FORGE}again", "main", "Once more", True)


def test_a_viewer_is_offered_nothing_that_would_be_refused(visit: Visit, built: Built) -> None:
    built("looked-at")
    vera = visit("vera")
    look_for(vera, "looked-at")
    expect(vera.page.get_by_role("checkbox")).to_have_count(0)

    vera.page.get_by_role("button", name="More for o/looked-at").click()

    expect(vera.page.get_by_role("menuitem")).to_have_text(
        ["Show details", "Share…", "Copy pull command", "Copy pull command with digest"]
    )
