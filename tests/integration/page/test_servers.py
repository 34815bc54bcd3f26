"""What people see of their servers, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE, configuration, server_of
from tests.integration.page.visitor import Visit
from tools.service import build, running_service

Built = Callable[..., dict[str, Any]]
OLD = "1" * 40
OLDER = "2" * 40
PULLING = 'event: progress\ndata: {"percent": 40, "message": "Pulling the image"}\n\n'
FAILED = 'event: failed\ndata: {"message": "No space is left on the node."}\n\n'


def test_my_servers_are_listed_opened_and_stopped(visit: Visit, built: Built) -> None:
    built("mine", title="Mine alone")
    vera = visit("vera")
    vera.launch(repo=f"{FORGE}mine")
    vera.press("Start")
    vera.page.wait_for_url(server_of("mine"))
    vera.open("servers")
    row = vera.page.get_by_role("row").filter(has_text="Mine alone")
    expect(row.get_by_text("Running")).to_be_visible()
    row.get_by_role("link", name="Open").click()
    vera.page.wait_for_url(server_of("mine"))
    vera.open("servers")

    row.get_by_role("button", name="Stop").dblclick()
    vera.sees("what is not saved there is lost")
    expect(vera.page.get_by_role("button", name="Keep it running")).to_be_focused()
    vera.press("Stop server")

    expect(vera.page.get_by_role("alertdialog")).to_have_count(0)
    expect(row).to_have_count(0)


def test_the_list_of_servers_tells_how_far_a_start_is_and_keeps_why_it_has_failed(visit: Visit) -> None:
    ada = visit()
    told = [PULLING, FAILED]
    server = {"name": "lessons-3f1c", "title": "Lessons", "state": "starting", "open_url": "", "profile": ""}
    listed = {"items": [server]}
    ada.page.route("**/api/v1/servers", lambda route: route.fulfill(json=listed))
    ada.page.route("**/progress", lambda route: route.fulfill(content_type="text/event-stream", body=told.pop(0)))
    ada.open("servers")
    row = ada.page.get_by_role("row").filter(has_text="Lessons")
    expect(row.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    listed["items"] = []

    expect(ada.page.get_by_role("alert")).to_have_text("Lessons did not startNo space is left on the node.")
    expect(row).to_have_count(0)


def test_a_server_in_the_way_is_stopped_only_when_it_is_said_so(visit: Visit, built: Built) -> None:
    built("versions", ref=OLD)
    built("versions", ref=OLDER)
    ada = visit()
    ada.launch(repo=f"{FORGE}versions", ref=OLD)
    ada.press("Start")
    ada.page.wait_for_url(server_of("versions"))
    ada.launch(repo=f"{FORGE}versions", ref=OLDER)
    ada.page.get_by_label("Open").fill("chosen.ipynb")
    ada.press("Start")
    ada.sees("This server runs from another image.")
    expect(ada.page.get_by_role("link", name="Open that server")).to_have_attribute("href", server_of("versions"))
    ada.press("Stop that server")
    ada.sees("It is being stopped.")

    ada.press("Start")

    ada.page.wait_for_url(re.compile(r"/user/ada/versions-[0-9a-f]{4}/lab/tree/chosen\.ipynb$"))


def test_a_server_in_the_way_is_left_be_where_there_may_be_another_beside_it(visit: Visit, built: Built) -> None:
    built("beside", ref=OLD)
    built("beside", ref=OLDER)
    carl = visit("carl")
    carl.launch(repo=f"{FORGE}beside", ref=OLD)
    carl.press("Start")
    carl.page.wait_for_url(server_of("beside"))
    carl.launch(repo=f"{FORGE}beside", ref=OLDER)
    carl.press("Start")

    carl.press("Start another one beside it")

    carl.page.wait_for_url(re.compile(r"/user/carl/beside-[0-9a-f]{4}-2/"))
    carl.open("servers")
    expect(carl.page.get_by_text("Running")).to_have_count(2)


def test_where_no_servers_are_started_nothing_of_them_is_shown(visit: Visit, tmp_path: Path) -> None:
    with running_service(tmp_path, configuration(server_launcher="none")) as service:
        with service.client_with("ada-token") as api:
            build(api, repo=f"{FORGE}alone")
        ada = visit(prefix=service.url)
        row = ada.page.get_by_role("row").filter(has_text="github.com/o/alone")
        expect(row).to_be_visible()
        shown = [ada.page.get_by_text("My servers").count(), row.get_by_role("link", name="Launch").count()]
        row.get_by_role("button", name="More for").click()
        expect(ada.page.get_by_role("menuitem", name="Show details")).to_be_visible()
        shown.append(ada.page.get_by_role("menuitem", name="Share").count())
        ada.launch(repo=f"{FORGE}alone")
        ada.sees("This service starts no servers")

    assert shown == [0, 0, 0]
    assert [each.url for each in ada.requests if each.url.endswith("/servers")] == []
