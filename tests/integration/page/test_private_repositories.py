"""What people see who build a private repository, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit, Visitor


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
