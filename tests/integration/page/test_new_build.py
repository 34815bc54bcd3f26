"""What people see who paste an address to build it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect
from tests.integration.page.conftest import FORGE, configuration
from tests.integration.page.visitor import Visit, Visitor
from tools.service import RunningService, running_service

BRANCHED = f"{FORGE}branched"
SETTINGS = f"""
{configuration()}
c.InMemorySourceResolver.repositories = {{
    **c.InMemorySourceResolver.repositories,
    {BRANCHED!r}: {{"HEAD": "{"b" * 40}", "main": "{"b" * 40}", "feature/x": "{"c" * 40}"}},
}}
"""


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service that knows a repository with a branch in a folder."""
    with running_service(tmp_path_factory.mktemp("new"), SETTINGS) as service:
        yield service


def address(somebody: Visitor) -> Locator:
    """Give the one field."""
    return somebody.page.get_by_label("Repository address")


def ref(somebody: Visitor) -> Locator:
    """Give the field for branch, tag or commit."""
    return somebody.page.get_by_role("combobox", name="Branch, tag or commit")


def begin(somebody: Visitor, text: str) -> None:
    """Open the form and paste something."""
    somebody.open("new")
    address(somebody).fill(text)


@pytest.mark.parametrize(
    ("text", "repo"),
    [
        ("https://gitlab.com/group/sub/deeper/r/-/tree/main", "https://gitlab.com/group/sub/deeper/r"),
        ("https://github.com/o/r.git", "https://github.com/o/r"),
        ("git@codeberg.org:o/r.git", "https://codeberg.org/o/r"),
        ("o/r", "https://github.com/o/r"),
        ("  https://bitbucket.org/team/r  ", "https://bitbucket.org/team/r"),
    ],
)
def test_each_form_of_an_address_is_understood(visit: Visit, text: str, repo: str) -> None:
    ada = visit()
    begin(ada, text)

    ada.sees(f"Found {repo.removeprefix('https://')}")
    assert {sent["repo"] for sent in ada.sent("source")} == {repo}


def test_a_doi_is_not_asked_for_anywhere(visit: Visit) -> None:
    ada = visit()
    begin(ada, "doi:10.5281/zenodo.1234567")

    ada.sees("A DOI cannot be built yet")
    assert not ada.page.get_by_role("button", name="Build", exact=True).is_enabled()
    assert ada.sent("source") == []


def test_branches_and_tags_are_chosen_with_the_keyboard_and_the_form_is_in_the_address(visit: Visit) -> None:
    ada = visit()
    begin(ada, BRANCHED)
    ada.sees("Found github.com/o/branched")
    ref(ada).focus()
    ada.page.keyboard.press("ArrowDown")
    offered = ada.page.get_by_role("group", name="Branches").get_by_role("option")
    expect(offered).to_have_text(["maindefaultbbbbbbb", "feature/xccccccc"])
    ada.page.keyboard.press("ArrowDown")

    ada.page.keyboard.press("Enter")

    expect(ref(ada)).to_have_value("feature/x")
    ada.sees("ccccccc")
    ada.page.wait_for_url(f"**/new?repo={quote(BRANCHED, safe='')}&ref=feature%2Fx")
    ada.page.reload()
    expect(ref(ada)).to_have_value("feature/x")
    assert ada.sent("builds") == []


def test_a_link_fills_the_form_in_and_begins_nothing_by_itself(visit: Visit) -> None:
    ada = visit()
    ada.open(f"new?repo={BRANCHED}&ref=main&subdir=lessons&title=My+course&path=first.ipynb")

    ada.sees("Found github.com/o/branched")
    expect(ada.page.get_by_label("Title")).to_have_value("My course")
    expect(ada.page.get_by_label("Folder to build from")).to_have_value("lessons")
    expect(ada.page.get_by_label("Open after the start")).to_have_value("first.ipynb")
    assert ada.sent("builds") == []


def test_who_may_not_build_is_told_whom_to_ask(visit: Visit) -> None:
    vera = visit("vera")
    vera.open("new")

    vera.sees("Ask an administrator of the hub to let you build.")
    assert vera.sent("source") == []
