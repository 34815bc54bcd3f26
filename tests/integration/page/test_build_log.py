"""What people see of a log when the connection breaks, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route, expect
from tests.integration.page.visitor import Visit

STREAMS = (
    'id: here\nevent: log\ndata: {"first": 1, "lines": ["one", "two"]}\n\n',
    'event: log\ndata: {"first": 2, "lines": ["two", "three"]}\n\nevent: end\ndata: {}\n\n',
)


def test_a_log_goes_on_where_it_was_and_repeats_no_line(visit: Visit, built: Callable[..., dict[str, Any]]) -> None:
    build = built("logged")
    asked: list[str | None] = []

    def answer(route: Route) -> None:
        asked.append(route.request.headers.get("last-event-id"))
        route.fulfill(content_type="text/event-stream", body=STREAMS[len(asked) - 1])

    ada = visit()
    ada.page.route(f"**/builds/{build['id']}/log", answer)
    row = ada.page.get_by_role("row").filter(has_text="github.com/o/logged")
    row.get_by_role("button", name="Show the log").click()

    expect(ada.page.get_by_label("Log of the build", exact=True)).to_have_text("one\ntwo\nthree")
    assert asked == [None, "here"]
