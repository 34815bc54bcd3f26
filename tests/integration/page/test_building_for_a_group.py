"""What people see who build for a group, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit, Visitor


def begin(somebody: Visitor, name: str, owner: str = "") -> None:
    """Ask for a build of a repository, for somebody else where that is said."""
    somebody.open("new")
    somebody.page.get_by_label("Repository address").fill(f"{FORGE}{name}")
    somebody.press("More")
    chooser = somebody.page.get_by_label("Build for")
    if owner:
        chooser.select_option(owner)
    somebody.sees(f"Found github.com/o/{name}")
    somebody.press("Build")
    expect(somebody.page.get_by_role("heading", level=1)).to_have_text(f"o/{name}")


def test_who_may_build_for_a_group_alone_builds_for_it(visit: Visit) -> None:
    dora = visit("dora")
    begin(dora, "of-the-course")
    dora.open("new")
    dora.press("More")
    expect(dora.page.get_by_label("Title")).to_be_visible()
    expect(dora.page.get_by_label("Build for")).to_have_count(0)

    dora.launch(repo=f"{FORGE}of-the-course-too")
    dora.press("Build it")

    dora.sees("It can be started now.")
    assert [sent["owner"] for sent in dora.sent("builds")] == ["group:course-a"] * 2


def test_who_may_build_for_several_says_for_whom(visit: Visit) -> None:
    carl = visit("carl")
    carl.open("new")
    carl.press("More")
    options = carl.page.get_by_label("Build for").get_by_role("option")
    expect(options).to_have_text(["myself", "the group course-a"])
    begin(carl, "of-carl")
    begin(carl, "of-carl-and-others", "the group course-a")

    carl.open("builds?whose=group:course-a")
    expect(carl.page.get_by_role("link", name="o/of-carl-and-others", exact=True)).to_be_visible()
    assert [sent["owner"] for sent in carl.sent("builds")] == ["user:carl", "group:course-a"]
