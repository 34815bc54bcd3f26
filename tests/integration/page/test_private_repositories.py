"""What people see who build a private repository, in a real browser, and that it keeps nothing of their password."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit, Visitor

KEPT = """() => [
  location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage),
  ...Array.from(document.querySelectorAll("input"), (field) => field.value),
].join("\\n")"""


def ask_for(ada: Visitor, name: str) -> None:
    """Write down what is private, but for the password."""
    ada.page.get_by_label("Repository address").fill(f"{FORGE}{name}")
    ada.press("Private repository")
    ada.page.get_by_label("User name").fill("ada")


def show(ada: Visitor, password: str, button: str = "Build") -> None:
    """Give the password, and have it built."""
    ada.page.get_by_label("Password or token").fill(password)
    ada.press(button)


def test_it_is_built_with_a_password_that_the_page_forgets(visit: Visit) -> None:
    ada = visit()
    ask_for(ada, "locked")

    show(ada, "canary")

    ada.sees("The build is on its way.")
    assert "canary" not in ada.page.evaluate(KEPT)
    assert [sent["credentials"] for sent in ada.sent("builds")] == [{"username": "ada", "password": "canary"}]
    row = ada.page.get_by_role("row").filter(has_text="github.com/o/locked")
    expect(row.get_by_text("Private", exact=True)).to_have_count(2)  # the build, and then its environment
    carl = visit("carl")
    carl.sees("New environment")
    expect(carl.page.get_by_text("Private", exact=True)).to_have_count(0)


def test_what_is_closed_again_is_not_sent(visit: Visit) -> None:
    ada = visit()
    ask_for(ada, "open")
    ada.page.get_by_label("Password or token").fill("canary")
    ada.press("Private repository")

    ada.press("Build")

    ada.sees("The build is on its way.")
    assert ["credentials" in sent for sent in ada.sent("builds")] == [False]


def test_a_wrong_password_is_told_and_one_that_failed_is_asked_for_again(visit: Visit) -> None:
    ada = visit()
    ask_for(ada, "locked-typo")
    show(ada, "wrong")
    ada.sees("it is private, and was not asked with the right credentials")

    show(ada, "canary")
    expect(ada.page.get_by_role("row").filter(has_text="locked-typo")).to_contain_text("failed")
    show(ada, "canary")
    ada.sees("This failed a moment ago")
    ada.press("Build it anyway")
    show(ada, "canary", "Build it anyway")

    ada.sees("The build is on its way.")
    sent = [(each.get("force", False), each["credentials"]["password"]) for each in ada.sent("builds")]
    assert sent == [(False, "wrong"), (False, "canary"), (False, "canary"), (True, "canary")]
