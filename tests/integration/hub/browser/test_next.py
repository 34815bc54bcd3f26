"""However an address is spelled to which a login should lead: it leads to this service, and nowhere else."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, expect
from tests.integration.hub.browser.spellings import FAMILIES, queries
from tests.integration.hub.browser.watched import Watched, watching
from tests.integration.hub.conftest import Behind

AS_SENT: Final = re.compile(r"[\w.~%=&/-]*", re.ASCII)
"""Queries that browsers and programs send alike; the others are for a browser to spell."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Listen in another place, which nobody should be led to, and note who comes nevertheless."""
    came: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", came
        server.shutdown()


@pytest.fixture(scope="module")
def logged_in(watched_hub: Behind, chromium: Browser) -> Iterator[Watched]:
    """Log in once: from then on the Hub asks nothing."""
    with watching(watched_hub, chromium, scripts=False) as watched:
        watched.log_in(f"{watched.behind.url}login?next=", "alice")
        yield watched


@pytest.fixture(scope="module")
def at_the_hub(watched_hub: Behind, chromium: Browser) -> Iterator[Watched]:
    """Log in once with a browser that runs the page, which from then on only has to ask the Hub."""
    with watching(watched_hub, chromium) as watched:
        watched.log_in(f"{watched.behind.url}login?next=", "alice")
        yield watched


def test_there_are_hundreds_of_spellings() -> None:
    spellings = {spelling for family in FAMILIES.values() for spelling in family}

    assert len(spellings) == sum(map(len, FAMILIES.values())) >= 200


@pytest.mark.parametrize("family", FAMILIES)
def test_a_login_leads_nowhere_else(logged_in: Watched, elsewhere: tuple[str, list[str]], family: str) -> None:
    other, came = elsewhere
    home, prefix = logged_in.behind.url, urlsplit(logged_in.behind.url).path
    seen: set[str] = set()
    for query in queries(family, other, prefix):
        # A login takes a browser long, and where it leads is settled when it begins: to each place one goes once.
        place = logged_in.settled(query) if AS_SENT.fullmatch(query) else query
        if place in seen:
            continue
        seen.add(place)
        before = len(logged_in.requests)
        logged_in.page.goto(f"{home}login?{query}", wait_until="commit")
        asked = logged_in.addresses[before:]

        assert logged_in.page.url.startswith(home), query
        assert any("/oauth_callback?" in each for each in asked), query
        assert {urlsplit(each).netloc for each in asked} == {urlsplit(home).netloc}, query
    assert came == []
    assert logged_in.broken == []


@pytest.mark.parametrize(
    "place", ["builds//{host}/", "builds\\\\{host}/", "x/%2f%2f{host}/", "?next=//{host}/", "#//{host}/", "x/@{host}/"]
)
def test_the_page_of_whatever_address_leads_nowhere_else_to_log_in(
    at_the_hub: Watched, elsewhere: tuple[str, list[str]], place: str
) -> None:
    other, came = elsewhere
    home = at_the_hub.behind.url
    at_the_hub.context.clear_cookies(path=urlsplit(home).path)
    before = len(at_the_hub.requests)
    with closing(at_the_hub.context.new_page()) as page:
        page.goto(f"{home}{place.format(host=other)}")
        expect(page.get_by_text("Signed in as alice")).to_be_visible()

        assert page.url.startswith(home)
    asked = at_the_hub.addresses[before:]
    assert any("/oauth_callback?" in each for each in asked)
    assert {urlsplit(each).netloc for each in asked} == {urlsplit(home).netloc}
    assert came == []


def test_the_other_place_would_notice(logged_in: Watched, elsewhere: tuple[str, list[str]]) -> None:
    other, came = elsewhere

    # There is nothing to show, so that the browser stays where it is.
    with suppress(Error):
        logged_in.page.goto(f"http://{other}/to-see")

    assert came[0] == "/to-see"
