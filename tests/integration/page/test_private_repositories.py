"""What people see who build a private repository, in a real browser, and that it keeps nothing of their password."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit, Visitor

KEPT = """() => [
  location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage),
  JSON.stringify(history.state),
  ...Array.from(document.querySelectorAll("input"), (field) => field.value),
].join("\\n")"""


def ask_for(ada: Visitor, name: str) -> None:
    """Write down what is private, but for the password."""
    ada.open("new")
    ada.page.get_by_label("Repository address").fill(f"{FORGE}{name}")
    ada.sees(f"We could not find github.com/o/{name}.")
    ada.page.get_by_label("User name").fill("ada")


def show(ada: Visitor, password: str, button: str = "Build") -> None:
    """Give the password, and press a button."""
    ada.page.get_by_label("Password or token").fill(password)
    ada.press(button)


def test_what_may_be_private_asks_for_a_password_that_the_page_forgets(visit: Visit) -> None:
    ada = visit()
    ask_for(ada, "locked")
    show(ada, "canary", "Look it up with this")
    ada.sees("What is built of it is seen by its owner only.")

    ada.press("Build")

    expect(ada.page.get_by_role("heading", level=1)).to_have_text("o/locked")
    assert "canary" not in ada.page.evaluate(KEPT)
    assert "canary" not in "".join(each.url for each in ada.requests)
    assert [sent["credentials"] for sent in ada.sent("builds")] == [{"username": "ada", "password": "canary"}]
    expect(ada.page.get_by_text("Private", exact=True).first).to_be_visible()
    carl = visit("carl")
    carl.open("builds?whose=all")
    expect(carl.page.get_by_role("search").get_by_role("status")).to_have_text(re.compile(r"\d+ builds?"))
    expect(carl.page.get_by_text("o/locked", exact=True)).to_have_count(0)


def test_what_is_closed_again_is_not_sent(visit: Visit) -> None:
    ada = visit()
    ada.open(f"new?repo={FORGE}open")
    ada.press("Private repository")
    ada.page.get_by_label("Password or token").fill("canary")
    ada.press("Private repository")

    ada.press("Build")

    expect(ada.page.get_by_role("heading", level=1)).to_have_text("o/open")
    assert ["credentials" in sent for sent in ada.sent("builds")] == [False]


def test_a_wrong_password_is_told_and_one_that_failed_is_asked_for_again(visit: Visit) -> None:
    ada = visit()
    ask_for(ada, "locked-typo")
    show(ada, "wrong")
    ada.sees("it is private, and was not asked with the right credentials")

    show(ada, "canary")
    expect(ada.page.get_by_role("region", name="Why it failed")).to_be_visible()
    ask_for(ada, "locked-typo")
    show(ada, "canary")
    ada.sees("This failed a moment ago")
    show(ada, "canary", "Build it anyway")

    expect(ada.page.get_by_role("heading", level=1)).to_have_text("o/locked-typo")
    sent = [(each.get("force", False), each["credentials"]["password"]) for each in ada.sent("builds")]
    assert sent == [(False, "wrong"), (False, "canary"), (False, "canary"), (True, "canary")]
