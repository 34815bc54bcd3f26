"""What people see who build for a group, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit, Visitor


def begin(somebody: Visitor, name: str) -> None:
    """Ask for a build of a repository."""
    somebody.page.get_by_label("Repository address").fill(f"{FORGE}{name}")
    somebody.press("Build")
    somebody.sees("The build is on its way.")


def test_who_may_build_for_a_group_alone_builds_for_it(visit: Visit) -> None:
    dora = visit("dora")
    begin(dora, "of-the-course")
    expect(dora.page.get_by_label("Build for")).to_have_count(0)

    dora.launch(repo=f"{FORGE}of-the-course-too")
    dora.press("Build it")

    dora.sees("It can be started now.")
    assert [sent["owner"] for sent in dora.sent("builds")] == ["group:course-a"] * 2


def test_who_may_build_for_several_says_for_whom(visit: Visit) -> None:
    carl = visit("carl")
    chooser = carl.page.get_by_label("Build for")
    expect(chooser.get_by_role("option")).to_have_text(["myself", "the group course-a"])
    begin(carl, "of-carl")
    chooser.select_option("the group course-a")
    begin(carl, "of-carl-and-others")

    expect(carl.page.get_by_role("row").filter(has_text="of-carl-and-others").first).to_be_visible()
    assert [sent["owner"] for sent in carl.sent("builds")] == ["user:carl", "group:course-a"]
