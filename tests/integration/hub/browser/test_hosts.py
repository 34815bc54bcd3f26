"""On a host of its own the service's session is out of reach of every other host of the domain."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.integration.hub.deployments import COOKIE, on_hosts_of_their_own_behind_tls

pytestmark = pytest.mark.slow
ME = """
    async () => {
        const mark = document.cookie.split("; ").find((each) => each.startsWith("_xsrf=")).slice(6);
        const me = new URL("api/v1/me", document.baseURI);
        return (await (await fetch(me, { headers: { "X-XSRFToken": mark } })).json()).name;
    }
"""
OF_THE_DOMAIN = "path=/; domain=hub.localhost; secure"


def test_no_other_host_of_the_domain_reads_or_replaces_the_session(chromium: Browser, tmp_path: Path) -> None:
    with on_hosts_of_their_own_behind_tls(tmp_path) as here, chromium.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        log_in(page, here.url)
        before = page.evaluate(ME), page.evaluate("document.cookie")
        page.goto(f"{here.hub_url}hub/home")
        for name in (COOKIE, f"__Host-{COOKIE}"):
            page.evaluate(f"document.cookie = '{name}=of-somebody-else; {OF_THE_DOMAIN}'")
        seen = page.evaluate("document.cookie")
        page.goto(here.url)
        after = page.evaluate(ME)
        kept = {(each["name"], each["domain"]): each for each in context.cookies()}

    assert before[0] == after == "alice"
    assert before[1].startswith("_xsrf=")
    assert ";" not in before[1]
    assert f"__Host-{COOKIE}" not in seen
    session = kept[f"__Host-{COOKIE}", "repo2docker--service.hub.localhost"]
    assert (session["path"], session["secure"], session["httpOnly"]) == ("/", True, True)
    # The one without the prefix was taken, for all hosts: this is what the prefix is for.
    assert (COOKIE, ".hub.localhost") in kept


def log_in(page: Page, url: str) -> None:
    """Log in at the Hub, and wait for the page of the service."""
    page.goto(f"{url}login")
    page.fill("input[name=username]", "alice")
    page.click("input[type=submit]")
    page.wait_for_url(url)
