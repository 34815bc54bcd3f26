"""The page of somebody's own server, of the same origin as ours, against a person who is logged in here."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.integration.hub.browser.attacks import READS, TOOLS, WRITES
from tests.integration.hub.browser.watched import Watched, watching
from tests.integration.hub.conftest import Behind

KNOWN_TO_FEW = "https://example.org/known-to-who-is-let-in.git"
NICE = "What a nice page."


@pytest.fixture(scope="module")
def build(watched_hub: Behind) -> Iterator[str]:
    """Build something, start the hostile server, and give the build's id."""
    watched_hub.hub.ask("POST", "/users/bob/server")
    with watched_hub.client_of("alice") as alice:
        made = alice.post("builds", json={"repo": KNOWN_TO_FEW}).raise_for_status().json()
    yield made["id"]
    watched_hub.hub.ask("DELETE", "/users/bob/server")


@pytest.fixture(scope="module")
def victim(watched_hub: Behind, chromium: Browser) -> Iterator[Watched]:
    """Log in here, once for all."""
    with watching(watched_hub, chromium) as watched:
        page = watched.log_in(watched_hub.url, "alice")
        expect(page.get_by_text("Signed in as alice")).to_be_visible()
        yield watched


@pytest.fixture
def hostile(victim: Watched, build: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Look at what somebody else has to show."""
    tie = getattr(request, "param", "unsafe-none")
    with closing(victim.context.new_page()) as page:
        page.goto(f"{victim.behind.hub.url}user/bob/?opener={tie}")
        expect(page.get_by_text(NICE)).to_be_visible()
        yield page
        for other in victim.context.pages:
            other.close()


def run(watched: Watched, page: Page, attack: str, build: str = "") -> str:
    """Run a script of the hostile page, and give what it got; from an error it gets nothing."""
    # Another one each time: what is built already would not be built again.
    wish = json.dumps({"repo": f"https://example.org/nobody-asked-for-{secrets.token_hex(4)}.git"})
    script = f"async ({{base, build, wish}}) => {{ {TOOLS} const attack = async () => {{ {attack} }};"
    script += " return attack().catch(() => '') }"
    found = page.evaluate(script, {"base": urlsplit(watched.behind.url).path, "build": build, "wish": wish})
    return str(found)


def builds(watched: Watched) -> dict[str, str]:
    """Give the state of every build."""
    with watched.behind.client_of("carol") as client:
        return {each["id"]: each["state"] for each in client.get("builds", params={"limit": 200}).json()["items"]}


@pytest.mark.parametrize("way", READS)
def test_it_reads_nothing_of_ours(victim: Watched, hostile: Page, build: str, way: str) -> None:
    found = run(victim, hostile, READS[way], build)

    assert [each for each in (KNOWN_TO_FEW, "alice", build, victim.cookie("_xsrf"), "SEEN") if each in found] == []


@pytest.mark.parametrize("hostile", ["same-origin", "same-origin-allow-popups", "noopener-allow-popups"], indirect=True)
def test_it_keeps_no_hold_of_the_windows_that_it_opens(victim: Watched, hostile: Page) -> None:
    assert run(victim, hostile, "return opened(base)") == ""
    assert run(victim, hostile, READS["a window that is led to us later"]) == ""


@pytest.mark.parametrize("way", WRITES)
def test_it_changes_nothing_of_ours(victim: Watched, hostile: Page, build: str, way: str) -> None:
    before = builds(victim)

    run(victim, hostile, WRITES[way], build)

    assert build in before
    assert builds(victim) == before


def test_what_it_tries_would_work_if_it_knew_the_mark(victim: Watched, hostile: Page, build: str) -> None:
    before = builds(victim)
    mark = f"{{...json, 'X-XSRFToken': '{victim.cookie('_xsrf')}'}}"

    assert build in run(victim, hostile, f"return fetch(api + 'builds', {{headers: {mark}}}).then(read)")
    run(victim, hostile, f"await fetch(api + 'builds', {{method: 'POST', body: wish, headers: {mark}}})")
    assert len(builds(victim)) == len(before) + 1


def test_it_can_look_into_what_lets_it(victim: Watched, hostile: Page) -> None:
    for way in ("framed('iframe', 'src', location.href)", "opened(location.href)"):
        assert NICE in run(victim, hostile, f"return {way}")
