"""What people see who follow a launch link, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE, NEWEST, PREFIX, server_of
from tests.integration.page.visitor import Visit

Built = Callable[..., dict[str, Any]]
OLD = "1" * 40


def test_a_link_starts_nothing_until_start_is_pressed_and_then_leads_to_the_file(visit: Visit, built: Built) -> None:
    built("lessons", title="Lessons")
    ada = visit()
    ada.launch(repo=f"{FORGE}lessons", path="week one/first.ipynb")
    ada.sees("This is the newest version.")
    for text in ("Lessons", "github.com/o/lessons", "default branch"):
        ada.sees(text)
    assert ada.sent("servers") == []
    assert ada.sent("builds") == []

    ada.press("Start")

    ada.sees("Starting your server")
    ada.sees("Pulling the image")
    ada.page.wait_for_url(re.compile(r"/user/ada/lessons-[0-9a-f]{4}/lab/tree/week%20one/first\.ipynb$"))
    assert [sent["path"] for sent in ada.sent("servers")] == ["week one/first.ipynb"]
    outside = [each.url for each in ada.requests if PREFIX not in each.url and "/user/ada/" not in each.url]
    assert outside == []


def test_what_runs_already_is_opened_at_once_at_what_is_asked_for_now(visit: Visit, built: Built) -> None:
    built("running")
    ada = visit()
    for path in ("first.ipynb", "/rstudio"):
        ada.launch(repo=f"{FORGE}running", path=path)
        ada.press("Start")
        ada.page.wait_for_url(re.compile(rf"/user/ada/running-[0-9a-f]{{4}}/(lab/tree/)?{path.lstrip('/')}$"))


def test_a_viewer_launches_and_the_repository_is_not_asked_for(visit: Visit, built: Built) -> None:
    built("shared")
    vera = visit("vera")
    vera.launch(repo=f"{FORGE}shared")

    vera.press("Start")

    vera.page.wait_for_url(server_of("shared"))
    assert vera.sent("source") == []


def test_what_somebody_built_with_arguments_is_marked_and_no_link_to_the_repository_leads_to_it(
    visit: Visit, built: Built, api: httpx.Client
) -> None:
    built("base")
    built("base", build_args={"BASE": "somebodys/own"})
    built("based", build_args={"BASE": "somebodys/own"})
    vera = visit("vera")
    vera.sees("Built with BASE")
    vera.launch(repo=f"{FORGE}based")
    vera.sees("Nothing is built of github.com/o/based yet.")
    vera.launch(repo=f"{FORGE}base")

    vera.press("Start")

    vera.page.wait_for_url(server_of("base"))
    [wish] = vera.sent("servers")
    assert api.get(f"images/{wish['image']}").json()["build_args"] == []


def test_with_the_forge_down_what_is_built_still_starts_and_the_page_says_so(visit: Visit, built: Built) -> None:
    built("away", ref=OLD)
    ada = visit()
    ada.launch(repo=f"{FORGE}away")
    ada.sees("cannot be read: its server does not answer.")
    ada.sees("What is built can be started all the same.")

    ada.press("Start")

    ada.page.wait_for_url(server_of("away"))


def test_without_a_notebook_server_there_is_nothing_to_start_and_the_page_says_what_to_do(
    visit: Visit, built: Built
) -> None:
    built("bare")
    vera = visit("vera")
    row = vera.page.get_by_role("row").filter(has_text="github.com/o/bare")
    note = row.get_by_text("No notebook server in it")
    reason = row.get_by_role("tooltip", include_hidden=True)
    expect(reason).to_be_hidden()
    note.focus()
    note.locator("..").focus()
    expect(reason).to_be_visible()
    expect(reason).to_contain_text("Add jupyterhub to what the repository installs")
    assert row.get_by_role("link", name="Launch").count() == 0

    vera.launch(repo=f"{FORGE}bare")

    vera.sees("so it cannot be started")
    assert not vera.sees_button("Start")


def test_something_newer_can_be_built_first(visit: Visit, built: Built) -> None:
    built("moving", ref=OLD)
    ada = visit()
    ada.launch(repo=f"{FORGE}moving")
    ada.sees("The repository holds something newer")
    assert ada.sees_button("Start what is built")
    ada.press("Build the newest")
    ada.sees("It can be started now.")
    assert ada.sent("servers") == []

    ada.press("Start")

    ada.page.wait_for_url(server_of("moving"))
    assert len(ada.sent("builds")) == 1


def test_what_is_newer_and_built_already_can_be_chosen_instead(visit: Visit, built: Built) -> None:
    built("choice", ref=NEWEST)
    built("choice", ref="old")
    ada = visit()
    ada.launch(repo=f"{FORGE}choice")
    ada.sees("The repository holds something newer, which is built too: aaaaaaa.")
    ada.press("Choose the newer one")
    ada.sees("This is the newest version.")

    ada.press("Start")

    ada.page.wait_for_url(server_of("choice"))
    assert ada.sent("builds") == []


def test_what_is_not_built_can_be_built_by_those_who_may_and_others_learn_whom_to_ask(visit: Visit) -> None:
    ada, vera = visit(), visit("vera")
    vera.launch(repo=f"{FORGE}fresh")
    vera.sees("Nothing is built of github.com/o/fresh yet.")
    vera.sees("Ask whoever gave you this link to build it")
    assert not vera.sees_button("Build it")
    ada.launch(repo=f"{FORGE}fresh")
    ada.press("Build it")
    ada.sees("It can be started now.")

    ada.press("Start")

    ada.page.wait_for_url(server_of("fresh"))


def test_a_start_that_fails_says_why_and_can_be_tried_again(visit: Visit, built: Built) -> None:
    built("broken")
    ada = visit()
    ada.launch(repo=f"{FORGE}broken")
    ada.press("Start")
    ada.sees("No space is left on the node.")
    ada.sees("tell an administrator of the hub")

    ada.press("Try again")

    ada.sees("Starting your server")
    ada.sees("No space is left on the node.")
    assert len(ada.sent("servers")) == 2


def test_a_lost_connection_is_told_and_the_start_is_followed_again(visit: Visit, built: Built) -> None:
    built("lost")
    ada = visit()
    ada.page.route("**/progress", lambda route: route.abort(), times=1)
    ada.launch(repo=f"{FORGE}lost")

    ada.press("Start")

    expect(ada.page.get_by_role("heading", name="Starting your server")).to_be_focused()
    ada.sees("The connection was lost; trying again.")
    ada.page.wait_for_url(server_of("lost"))


def test_what_is_featured_comes_first_and_brings_its_profile(visit: Visit, built: Built) -> None:
    built("course")
    built("another")
    ada = visit()
    first = ada.page.get_by_role("row").nth(1)
    expect(first).to_contain_text("Introduction to data science")
    for badge in ("Featured", "Protected"):
        expect(first.get_by_text(badge)).to_be_visible()
    first.get_by_role("link", name="Launch").click()
    expect(ada.page.get_by_role("radio", name="Large")).to_be_checked()
    expect(ada.page.get_by_text("4 processors, 16 GiB of memory")).to_be_visible()

    ada.press("Start")

    ada.page.wait_for_url(server_of("course"))
    assert [sent["profile"] for sent in ada.sent("servers")] == ["large"]


def test_a_link_can_choose_the_profile(visit: Visit, built: Built) -> None:
    built("sized")
    ada = visit()
    ada.launch(repo=f"{FORGE}sized", profile="small")

    ada.press("Start")

    ada.page.wait_for_url(server_of("sized"))
    assert [sent["profile"] for sent in ada.sent("servers")] == ["small"]


def test_who_has_to_sign_in_first_still_gets_to_the_launch(visit: Visit, built: Built) -> None:
    built("later")
    somebody = visit("")
    somebody.launch(repo=f"{FORGE}later")
    somebody.page.get_by_label("Token").fill("vera-token")

    somebody.press("Sign in")

    somebody.sees("github.com/o/later")
    assert somebody.sent("servers") == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "does not say what to launch"),
        ({"image": "0" * 24}, "There is no image"),
        ({"repo": "javascript:alert(1)"}, "Give the address of a git repository"),
    ],
    ids=["nothing", "gone", "no address"],
)
def test_an_address_that_leads_nowhere_says_so(visit: Visit, wanted: dict[str, str], said: str) -> None:
    ada = visit()

    ada.launch(**wanted)

    ada.sees(said)
    assert not ada.sees_button("Start")
