"""The page of one environment, its links and badges, and help, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit, Visitor

Built = Callable[..., dict[str, Any]]
NO_CLIPBOARD = """
    Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => undefined});
"""


@pytest.fixture
def image(api: httpx.Client, built: Built) -> Callable[..., dict[str, Any]]:
    """Builds a repository, and gives its image."""

    def make(name: str, **more: Any) -> dict[str, Any]:
        ended = built(name, **more)
        found: dict[str, Any] = api.get("images", params={"name": ended["image"]}).json()["items"][0]
        return found

    return make


Imaged = Callable[..., dict[str, Any]]


def shares(somebody: Visitor) -> None:
    """Open the dialog that gives links."""
    somebody.press("Share")
    expect(somebody.page.get_by_role("dialog", name="Share")).to_be_visible()


def test_it_leads_to_the_repository_the_build_and_the_launch(visit: Visit, image: Imaged) -> None:
    seen = image("described", ref="main", title="Described", description="What it is good for.")
    ada = visit()
    ada.open(f"images/{seen['id']}")
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("Described")
    for words in ("What it is good for.", "main", seen["commit"], seen["digest"], seen["name"]):
        ada.sees(words)
    expect(ada.page).to_have_title(f"o/described@{seen['commit'][:7]} · repo2docker")
    commit = ada.page.get_by_role("link", name=seen["commit"])
    expect(commit).to_have_attribute("href", f"{FORGE}described/commit/{seen['commit']}")

    ada.page.get_by_role("link", name="Log and progress").click()

    expect(ada.page).to_have_url(re.compile(f"/builds/{seen['build_id']}$"))


def test_what_else_is_built_of_the_repository_is_a_click_away(visit: Visit, image: Imaged) -> None:
    older, newer = image("several", ref="3" * 40), image("several", ref="main")
    ada = visit()
    ada.open(f"images/{older['id']}")

    ada.page.get_by_role("region", name="Other versions").get_by_role(
        "link", name=f"main {newer['commit'][:7]}"
    ).click()

    expect(ada.page).to_have_url(re.compile(f"/images/{newer['id']}$"))
    expect(ada.page.get_by_role("heading", level=1)).to_be_focused()


def test_every_form_of_the_link_is_copied_and_the_link_starts_nothing(visit: Visit, image: Imaged) -> None:
    seen = image("linked", ref="main")
    ada = visit(permissions=["clipboard-read", "clipboard-write"])
    ada.open(f"images/{seen['id']}")
    shares(ada)
    ada.page.get_by_role("textbox", name="Open").fill("first.ipynb")
    link = f"{ada.prefix}launch?repo={FORGE}linked&ref=main&path=first.ipynb"
    badge = f"{ada.prefix}badge.svg"
    forms = {
        "Link": link,
        "Markdown": f"[![Launch]({badge})]({link})",
        "reStructuredText": f".. image:: {badge}\n   :target: {link}\n   :alt: Launch",
        "HTML": f'<a href="{link.replace("&", "&amp;")}"><img src="{badge}" alt="Launch"></a>',
    }
    for form, expected in forms.items():
        ada.press(f"Copy {form}")
        expect(ada.page.get_by_role("button", name=f"Copy {form}")).to_have_text("Copied")
        assert ada.page.evaluate("navigator.clipboard.readText()") == expected
    assert httpx.get(badge).headers["Content-Type"].startswith("image/svg+xml")

    ada.page.goto(link)

    ada.sees("github.com/o/linked")
    expect(ada.page.get_by_label("Open", exact=True)).to_have_value("first.ipynb")
    assert ada.sent("servers") + ada.sent("builds") == []


def test_a_link_to_this_commit_finds_it_when_something_newer_is_there(visit: Visit, image: Imaged) -> None:
    seen = image("moved", ref="1" * 40)
    ada = visit()
    ada.open(f"images/{seen['id']}")
    shares(ada)

    link = ada.page.get_by_role("textbox", name="Link").input_value()

    assert link == f"{ada.prefix}launch?repo={FORGE}moved&ref={'1' * 40}"
    expect(ada.page.get_by_role("radio")).to_have_count(1)


def test_without_a_clipboard_the_old_way_copies(visit: Visit, image: Imaged) -> None:
    seen = image("copied")
    ada = visit(permissions=["clipboard-read"])
    ada.open(f"images/{seen['id']}")
    ada.page.evaluate("window.board = navigator.clipboard")
    ada.page.evaluate(NO_CLIPBOARD)

    ada.press("Copy Pull by name")

    expect(ada.page.get_by_role("button", name="Copy Pull by name")).to_have_text("Copied")
    assert ada.page.evaluate("board.readText()") == f"docker pull {seen['name']}"


def test_where_nothing_can_be_copied_the_text_is_selected_with_a_hint(visit: Visit, image: Imaged) -> None:
    seen = image("selected")
    ada = visit()
    ada.page.add_init_script(NO_CLIPBOARD + "document.execCommand = () => false;")
    ada.open(f"images/{seen['id']}")

    ada.press("Copy Pull by name")

    ada.sees("Press Ctrl+C or ⌘C: the text is selected.")
    assert ada.page.evaluate("getSelection().toString()") == f"docker pull {seen['name']}"


def test_deleting_it_leads_back_to_the_list_and_it_is_gone(visit: Visit, image: Imaged, api: httpx.Client) -> None:
    seen = image("deleted")
    ada = visit()
    ada.open(f"images/{seen['id']}")
    ada.press("Delete")
    dialog = ada.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Running servers keep working. Launching again needs a new build.")

    dialog.get_by_role("button", name="Delete", exact=True).click()

    expect(ada.page).to_have_url(ada.prefix)
    expect(ada.page.get_by_role("heading", level=1)).to_be_focused()
    assert api.get(f"images/{seen['id']}").status_code == 404
    ada.open(f"images/{seen['id']}")
    ada.sees("There is no such environment")


def test_something_else_under_the_same_name_is_not_deleted(visit: Visit, image: Imaged, built: Built) -> None:
    seen = image("replaced", ref="2" * 40)
    ada = visit()
    ada.page.route("**/api/v1/events", lambda route: route.abort())
    ada.open(f"images/{seen['id']}")
    ada.press("Delete")
    dialog = ada.page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    built("replaced", ref="2" * 40, force=True)

    dialog.get_by_role("button", name="Delete", exact=True).click()

    expect(dialog).to_contain_text("0 deleted, 1 failed")
    ada.open(f"images/{seen['id']}")
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("o/replaced")


def test_ones_servers_from_it_are_shown_and_named_before_it_is_deleted(visit: Visit, image: Imaged) -> None:
    seen = image("served", title="Served")
    ada = visit()
    ada.open(f"launch?image={seen['id']}")
    ada.press("Start")
    ada.page.wait_for_url(re.compile("/user/ada/served-"))
    ada.open(f"images/{seen['id']}")
    expect(ada.page.get_by_role("region", name="Your servers from it")).to_contain_text("Served")

    ada.press("Delete")

    expect(ada.page.get_by_role("alertdialog")).to_contain_text("Servers of yours that run from it:")
