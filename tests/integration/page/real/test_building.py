"""What people see behind a Hub who build from a real git server on a real engine, and read what it printed."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Response, expect
from tests.integration.page.log_reader import LogReader
from tests.integration.page.real.conftest import BARE, BUILT_WITHIN, WRONG, Course, shown
from tests.integration.page.visitor import Visit, Visitor
from tests.integration.private_builds import PASSWORD, is_in
from tools.service import build

pytestmark = pytest.mark.slow

PAGES = ("", "new", "builds", "servers", "help")


def field(somebody: Visitor, label: str) -> Locator:
    return somebody.page.get_by_label(label)


def chooser(somebody: Visitor) -> Locator:
    """Give the field for branch, tag or commit."""
    return somebody.page.get_by_role("combobox", name="Branch, tag or commit")


def begin(somebody: Visitor, text: str) -> None:
    """Open the form and paste something."""
    somebody.open("new")
    field(somebody, "Repository address").fill(text)


def test_every_page_stays_below_its_prefix_and_nothing_is_complained_of(visit: Visit, course: Course) -> None:
    alice = visit()
    said: list[str] = []
    alice.page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    alice.requests.clear()
    for place in (*PAGES, f"builds/{course.build['id']}", f"launch?repo={course.repo}"):
        alice.open(place)
        expect(alice.page.get_by_role("heading", level=1)).to_be_visible()
        alice.page.wait_for_load_state("load")

    assert [each.url for each in alice.requests if not each.url.startswith((course.url, "data:"))] == []
    assert said == []


def test_a_link_into_a_branch_with_a_slash_is_taken_apart_by_what_git_says_and_pressing_twice_builds_once(
    visit: Visit, course: Course
) -> None:
    alice = visit()
    begin(alice, f"{course.repo}/tree/feature/x/notes/second%20steps.md")
    expect(chooser(alice)).to_have_value("feature/x")
    alice.sees("Opens notes/second steps.md")

    alice.page.get_by_role("button", name="Build", exact=True).dblclick()

    alice.page.wait_for_url(re.compile(r"/builds/[0-9a-f]{32}\b"))
    assert [(sent["repo"], sent["ref"]) for sent in alice.sent("builds")] == [(course.repo, "feature/x")]
    expect(alice.page.get_by_text("The environment is ready.")).to_be_visible(timeout=BUILT_WITHIN)
    expect(alice.page).to_have_title(f"✓ {course.name}@feature/x · repo2docker")


def test_a_ref_that_git_does_not_have_offers_near_ones_and_leaves_the_focus(visit: Visit, course: Course) -> None:
    alice = visit()
    begin(alice, course.repo)
    alice.sees("This commit is built already")
    ref = chooser(alice)
    ref.fill("mian")

    alice.sees(f"Branch or tag 'mian' does not exist in {course.name}.")
    expect(ref).to_be_focused()
    expect(alice.page.get_by_role("button", name="Build", exact=True)).to_be_disabled()
    alice.press("main")

    alice.sees("This commit is built already")
    expect(ref).to_have_value("main")


def test_what_is_built_already_is_launched_first_and_a_link_that_fills_the_form_in_begins_nothing(
    visit: Visit, course: Course
) -> None:
    alice = visit()
    wish = httpx.QueryParams({"repo": course.repo, "ref": "main", "title": "My course", "path": "notes/first steps.md"})
    alice.open(f"new?{wish}")
    expect(field(alice, "Title")).to_have_value("My course")
    launch = alice.page.get_by_role("link", name="Launch it now")
    expect(launch).to_be_visible()
    assert not alice.sees_button("Build")

    launch.click()

    expect(alice.page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(alice.page.get_by_label("Open", exact=True)).to_have_value("notes/first steps.md")
    assert alice.sent("builds") + alice.sent("servers") == []


class Told(NamedTuple):
    """What the service answered."""

    url: str
    status: int
    text: str

    @classmethod
    def of(cls, answer: Response) -> Told:
        """Read an answer; it is gone with the page."""
        return cls(answer.url, answer.status, answer.text())


def is_data(url: str) -> bool:
    """Whether an address is one of the API, and no stream that goes on."""
    return "/api/" in url and not url.endswith("/events")


@pytest.fixture(scope="module")
def closed(course: Course) -> str:
    """Make a repository that wants a password, and give its address."""
    repo = course.make(BARE)
    course.launching.git.passwords[urlsplit(repo).path] = ("ada", PASSWORD)
    return repo


def test_a_private_repository_is_opened_by_a_password_of_which_nothing_is_kept(
    visit: Visit, course: Course, closed: str, api: httpx.Client
) -> None:
    alice = visit()
    begin(alice, closed)
    alice.sees("We could not find")
    field(alice, "User name").fill("ada")
    field(alice, "Password or token").fill(PASSWORD)
    alice.press("Look again with these")
    alice.sees("What is built of it is seen by its owner only.")

    alice.press("Build")

    expect(alice.page.get_by_text("The environment is ready.")).to_be_visible(timeout=BUILT_WITHIN)
    log = api.get(f"builds/{alice.page.url[-32:]}/log").raise_for_status().text
    addresses = "".join(each.url for each in alice.requests)
    seen = (alice.keeps(), addresses, log, course.launching.behind.hub.log)
    assert [is_in(each.encode()) for each in seen] == [False] * len(seen)
    assert [sent["credentials"]["password"] for sent in alice.sent("builds")] == [PASSWORD]


def test_others_find_nothing_of_what_is_private_nor_of_the_administration(
    visit: Visit, closed: str, api: httpx.Client
) -> None:
    opens = {"username": "ada", "password": PASSWORD}
    private = build(api, repo=closed, credentials=opens)
    ben, carol = visit("ben"), visit("carol")
    answers: list[Response] = []
    told: list[Told] = []
    ben.page.on("response", lambda answer: answers.append(answer) if is_data(answer.url) else None)
    for place, seen in (
        (f"builds/{private['id']}", "There is no such build"),
        ("builds?whose=all", re.compile(r"^\d+ builds?$")),
        ("admin", "This page is for administrators"),
    ):
        ben.open(place)
        expect(ben.page.get_by_text(seen).first).to_be_visible()
        ben.page.wait_for_load_state("load")
        told += map(Told.of, answers)  # as long as the page is there
        answers.clear()
    carol.open(f"builds/{private['id']}")
    expect(carol.page.get_by_role("heading", level=1)).to_have_text(shown(closed))

    assert {each.status for each in told if private["id"] in each.url} == {404}
    assert [each.url for each in told if closed in each.text or "/admin/" in each.url] == []


def test_an_address_leads_to_its_lines_of_what_was_printed(visit: Visit, course: Course) -> None:
    alice = visit(permissions=["clipboard-read", "clipboard-write"])
    alice.open(f"builds/{course.build['id']}#L120-L134")
    log = LogReader(alice.page)

    log.is_in_view(log.line(127))
    expect(log.region.locator(".line.marked .number")).to_have_count(15)
    expect(log.line(127)).to_contain_text(re.compile(r"line \d+ of the lesson"))
    alice.page.get_by_role("button", name="Copy a link to lines 120 to 134").click()
    assert alice.page.evaluate("navigator.clipboard.readText()") == alice.page.url


def test_colours_are_classes_tags_are_text_and_a_bar_is_one_line(visit: Visit, course: Course) -> None:
    alice = visit()
    alice.open(f"builds/{course.build['id']}")
    log = LogReader(alice.page)
    log.region.focus()
    log.press("/")
    alice.page.keyboard.insert_text("alert(1)</script>")
    alice.sees("1 of 2")  # the command itself, and what it prints
    log.region.focus()
    log.press("n")

    red = log.region.locator(".bold.fg-red")
    log.is_in_view(red)
    expect(red).to_have_text("red")
    printed = log.lines.filter(has_text=re.compile(r"^#\d+ [\d.]+ red <script>alert\(1\)</script>$"))
    expect(printed).to_have_count(1)
    expect(log.lines.filter(has_text=re.compile(r"^(#\d+ [\d.]+ )?100 %$"))).to_have_count(1)
    expect(log.lines.filter(has_text=re.compile("50 %(?!%)"))).to_have_count(0)
    expect(log.region.locator("script")).to_have_count(0)


def test_a_build_that_failed_shows_the_step_and_leads_to_the_line_and_to_what_can_be_done(
    visit: Visit, course: Course, api: httpx.Client
) -> None:
    failed = build(api, repo=course.make(WRONG))
    alice = visit()
    alice.open(f"builds/{failed['id']}")
    log = LogReader(alice.page)
    summary = alice.page.get_by_role("region", name="Why it failed")

    expect(summary).to_contain_text(failed["cause"]["advice"])
    expect(alice.page).to_have_title(re.compile("^✕ "))
    expect(alice.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile(r"static/failed.*svg"))
    expect(log.head("RUN pip install")).to_have_attribute("aria-expanded", "true")
    summary.get_by_role("link", name=f"Line {failed['cause']['line']}").click()
    expect(log.region.locator(".line.marked")).to_contain_text("numpi")
    assert alice.page.url.endswith(f"#L{failed['cause']['line']}")

    summary.get_by_role("button", name="Try again").click()

    alice.page.wait_for_url(re.compile(rf"/builds/(?!{failed['id']})[0-9a-f]{{32}}\b"))
    api.post(f"builds/{alice.page.url[-32:]}/cancel")
