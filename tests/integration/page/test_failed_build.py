"""What people see of a build that failed, in a real browser."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect
from tests.integration.page.conftest import FORGE
from tests.integration.page.visitor import Visit
from tools.service import build


def test_the_line_of_the_log_that_says_why_is_shown_under_the_state(api: httpx.Client, visit: Visit) -> None:
    failed = build(api, repo=f"{FORGE}typo")
    ada = visit()
    row = ada.page.get_by_role("row").filter(has_text="github.com/o/typo")

    assert (failed["state"], failed["cause"]["line"]) == ("failed", 3)
    expect(row).to_contain_text(f"{failed['cause']['advice']} Line 3: no <b>numpi</b>")
    expect(row).not_to_contain_text(failed["message"])


def test_the_page_asks_itself_where_nobody_has_asked_before(api: httpx.Client, visit: Visit) -> None:
    started = api.post("builds", json={"repo": f"{FORGE}typo", "ref": "unasked"}).json()
    ada = visit()

    expect(ada.page.get_by_role("row").filter(has_text=started["id"])).to_contain_text("Line 3: no <b>numpi</b>")
