"""What people see behind a Hub who start servers from what was built, with a mouse or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.integration.hub.launching_hub import clear
from tests.integration.page.keyboard import Keyboard
from tests.integration.page.log_reader import LogReader
from tests.integration.page.real.conftest import BARE, BUILT_WITHIN, LONG, Course, shown
from tests.integration.page.visitor import Visit
from tools.parts.engine import Engine
from tools.service import build

pytestmark = pytest.mark.slow

FILE = "notes/first steps.md"
PEOPLE = ("alice", "ben", "vera")


@pytest.fixture(autouse=True)
def nothing_runs(course: Course) -> Iterator[None]:
    """Stop all servers that a test has started."""
    yield
    clear(course.launching.behind.hub, *PEOPLE)


def started_from(course: Course, user: str) -> list[dict[str, Any]]:
    """Give what the Hub was told when it started the servers of somebody."""
    servers = course.launching.behind.hub.ask("GET", f"/users/{user}").body["servers"]
    return [each["user_options"] for each in servers.values()]


def test_a_badge_leads_by_way_of_the_login_to_the_launch_that_starts_nothing_until_it_is_said_so_and_ends_at_the_file(
    visit: Visit, course: Course, api: httpx.Client, engine: Engine
) -> None:
    image = course.image(api)
    alice = visit()
    alice.open(f"images/{image['id']}")
    alice.press("Share")
    alice.page.get_by_role("textbox", name="Open").fill(FILE)
    link = alice.page.get_by_role("textbox", name="Link").input_value()
    badge = alice.page.get_by_role("dialog").get_by_role("link").filter(has=alice.page.get_by_role("img"))
    expect(badge).to_have_attribute("href", link)
    assert link.startswith(f"{course.url}launch?repo={course.repo}")

    vera = visit("vera", link.removeprefix(course.url), again=True)
    expect(vera.page.get_by_label("Open", exact=True)).to_have_value(FILE)
    assert vera.page.url == link
    assert vera.sent("servers") == started_from(course, "vera") == []
    vera.press("Start")

    vera.sees("Starting your server")
    vera.page.wait_for_url(re.compile(r"/jhub/user/vera/[^/]+/lab/tree/notes/first%20steps\.md$"), timeout=BUILT_WITHIN)
    vera.page.get_by_text("Begin here").first.wait_for(timeout=BUILT_WITHIN)
    assert [(each["image"], each["path"]) for each in vera.sent("servers")] == [(image["id"], FILE)]
    assert [each["image"] for each in started_from(course, "vera")] == [image["launch_reference"]]
    assert course.launching.inspected(engine, "vera")["Image"] == image["digest"]

    container = course.launching.container_of("vera")
    vera.open("servers")
    stop = vera.page.get_by_role("row").filter(has_text="The lesson").get_by_role("button", name="Stop")
    stop.click()
    vera.press("Stop server")
    expect(vera.page.get_by_role("alertdialog")).to_have_count(0)
    expect(stop).to_have_count(0)
    assert course.launching.gone(container)


def test_a_server_that_runs_from_another_image_is_replaced_only_when_it_is_said_so(
    visit: Visit, course: Course, api: httpx.Client, engine: Engine
) -> None:
    newer = build(api, repo=course.repo, ref="feature/x")
    alice = visit()
    server = re.compile(r"/jhub/user/alice/[^/]+/")
    alice.launch(repo=course.repo)
    alice.press("Start")
    alice.page.wait_for_url(server, timeout=BUILT_WITHIN)
    container, before = course.launching.container_of("alice"), course.launching.inspected(engine, "alice")["Id"]
    alice.launch(repo=course.repo, ref="feature/x")
    alice.press("Start")
    alice.sees("This server runs from something else.")
    expect(alice.page.get_by_role("button", name="Start another one beside it")).to_be_visible()
    assert course.launching.inspected(engine, "alice")["Id"] == before
    alice.press("Stop that server")
    alice.sees("It is being stopped.")
    assert course.launching.gone(container)

    alice.press("Start")

    alice.page.wait_for_url(server, timeout=BUILT_WITHIN)
    assert course.launching.inspected(engine, "alice")["Image"] == newer["digest"]


def test_building_watching_searching_and_cancelling_are_done_by_keys_alone_and_the_focus_is_always_seen(
    visit: Visit, course: Course
) -> None:
    ben = visit("ben")
    keys = Keyboard(ben.page)
    keys.use_link("New build")
    keys.go_to(ben.page.get_by_label("Repository address"))
    keys.write(course.make(LONG))
    ben.sees("Found")
    keys.use_button("Build")
    log = LogReader(ben.page)
    expect(log.lines.filter(has_text="of many").first).to_be_visible(timeout=BUILT_WITHIN)
    log.comes_to(100)

    keys.press("/")
    keys.write("line 7 of many")
    ben.sees("1 of 1")
    log.is_in_view(log.region.locator(".line.hit"))
    keys.press("Escape")
    expect(log.region).to_be_focused()

    keys.use_button("Cancel")
    expect(ben.page.get_by_role("button", name="Keep building")).to_be_focused()
    keys.use_button("Cancel build")
    ben.sees("This build was cancelled.")


def test_deleting_and_launching_are_done_by_keys_alone_and_the_focus_is_always_seen(
    visit: Visit, course: Course
) -> None:
    with course.launching.client_of("ben") as client:
        name = shown(build(client, repo=course.make(BARE))["repo"])
    ben = visit("ben")
    keys = Keyboard(ben.page)
    keys.use(ben.page.get_by_role("checkbox", name=f"Select {name}"), "Space")
    keys.use_button("Delete…")
    expect(ben.page.get_by_role("button", name="Keep")).to_be_focused()
    keys.use_button("Delete")
    expect(ben.page.get_by_role("alertdialog")).to_have_count(0)
    expect(ben.page.get_by_role("row").filter(has_text=name)).to_have_count(0)

    keys.use(ben.page.get_by_role("link", name=re.compile("^Launch The lesson")).first)
    keys.use_button("Start")

    ben.page.wait_for_url(re.compile("/jhub/user/ben/"), timeout=BUILT_WITHIN)
