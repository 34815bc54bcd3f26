"""Sessions of a service on a host of its own: out of reach of others of the domain, and made from another site."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from tests.integration.hub.deployments import COOKIE, beside_the_proxy, on_hosts_of_their_own_behind_tls

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


def test_a_login_comes_back_from_a_hub_of_another_site(chromium: Browser, tmp_path: Path) -> None:
    """Where browsers hold back cookies of a stricter kind, on the way that the other site begins."""
    requests: list[Request] = []
    with beside_the_proxy(tmp_path) as here, chromium.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: requests.append(request))  # noqa: PLW0108  # it marks it
        log_in(page, here.url)
        expect(page.get_by_text("Signed in as alice")).to_be_visible()
        me = page.evaluate(ME)
        [came_back] = [each.all_headers() for each in requests if "/oauth_callback?" in each.url]
        context.clear_cookies(domain="envs.localhost")
        page.goto(f"{here.url}?again=1")
        expect(page.get_by_text("Signed in as alice")).to_be_visible()
        shown = page.url

    assert came_back["sec-fetch-site"] == "cross-site"
    assert me == "alice"
    assert shown == f"{here.url}?again=1"


def log_in(page: Page, url: str) -> None:
    """Log in at the Hub, and wait for the page of the service."""
    page.goto(f"{url}login")
    page.fill("input[name=username]", "alice")
    page.click("input[type=submit]")
    page.wait_for_url(url)
