"""A browser's own EventSource, on which older clients stand: it comes back by itself when a stream has ended."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Browser
from tests.integration.binder.conftest import FAILING, TOO_SLOW, Binder
from tests.integration.browser import PATIENCE

BEGIN: Final = """addresses => {
    window.watched = addresses.map(address => {
        const source = new EventSource(address), watched = {source, opened: 0, told: []};
        source.onopen = () => { watched.opened += 1; };
        source.onmessage = event => watched.told.push(JSON.parse(event.data));
        return watched;
    });
}"""
OVER: Final = "() => window.watched.every(each => each.source.readyState === EventSource.CLOSED)"
WATCHED: Final = "() => window.watched.map(({opened, told}) => ({opened, told}))"


def watched(binder: Binder, chromium: Browser, *specs: str, **headers: str) -> list[Any]:
    """Give what a page is told that never closes its sources, once the browser has closed each for good."""
    with chromium.new_context(extra_http_headers=headers) as context:
        page = context.new_page()
        page.goto(f"{binder.url}versions")
        page.evaluate(BEGIN, [f"{binder.endpoint}{spec}?build_only=true" for spec in specs])
        page.wait_for_function(OVER, timeout=PATIENCE)
        found: list[Any] = page.evaluate(WATCHED)
        return found


def test_a_browser_that_comes_back_after_the_end_is_told_nothing_twice_and_builds_nothing_again(
    pretending: Binder, chromium: Browser
) -> None:
    before = pretending.builds()
    addresses = ["https://example.org/watched-by-a-browser", FAILING, TOO_SLOW]
    specs = [*(f"git/{quote(address, safe='')}/HEAD" for address in addresses), "gh/a"]

    # A page cannot make its EventSource send a token: what stands before the service may.
    found = watched(pretending, chromium, *specs, **pretending.headers)

    phases = [[event["phase"] for event in each["told"]] for each in found]
    assert [each[-1] for each in phases] == ["ready", "failed", "failed", "failed"]
    assert [sum(phase in {"ready", "failed"} for phase in each) for each in phases] == [1, 1, 1, 1]
    assert [each["opened"] for each in found] == [1, 1, 1, 1]
    assert pretending.builds() == before + 3


def test_a_browser_that_is_not_let_in_is_told_so_once(pretending: Binder, chromium: Browser) -> None:
    [nobody] = watched(pretending, chromium, "gh/a/b/HEAD")

    assert [(event["phase"], event["status_code"]) for event in nobody["told"]] == [("failed", 401)]
    assert nobody["opened"] == 1
