"""What people go through between this service and the Hub, with a real browser."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect
from tests.integration.hub.browser.watched import SERVICE_TOKEN, Watched

KEPT = """async () => JSON.stringify([
    {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(), document.cookie,
    history.state, window.name, location.href, document.referrer, document.documentElement.outerHTML,
    (await navigator.serviceWorker.getRegistrations()).map(each => each.scope),
])"""
"""Gives all of which a page keeps something, or could find it."""


def sign_of(page: Page, user: str) -> None:
    """Wait until the page says who is signed in."""
    expect(page.get_by_text(f"Signed in as {user}")).to_be_visible()


def build(page: Page) -> None:
    """Build something, and read its log."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="New build").click()
    page.get_by_label("Repository address").fill(f"https://example.org/{secrets.token_hex(8)}.git")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.get_by_role("region", name="Log of the build")).to_be_visible()


def test_a_link_leads_through_the_login_at_the_hub_and_back_to_where_it_was_meant_to(watched: Watched) -> None:
    link = f"{watched.behind.url}builds?q=a%20b&x=%2Fc#line-3"
    page = watched.log_in(link, "alice")
    sign_of(page, "alice")

    assert page.url == link
    assert watched.origins == {watched.behind.hub.url.rstrip("/")}


def test_who_is_logged_in_at_the_hub_is_asked_for_nothing_when_the_session_here_is_over(watched: Watched) -> None:
    sign_of(watched.log_in(watched.behind.url, "vera"), "vera")
    before = watched.session
    watched.context.clear_cookies(path=urlsplit(watched.behind.url).path)
    assert not watched.session

    page = watched.context.new_page()
    page.goto(f"{watched.behind.url}?again=1")
    sign_of(page, "vera")

    assert page.url == f"{watched.behind.url}?again=1"
    assert watched.session not in ("", before)


def test_new_permissions_come_by_a_link_on_the_page(watched: Watched) -> None:
    page = watched.log_in(f"{watched.behind.url}new", "vera")
    may_not = page.get_by_text("Ask an administrator of the hub to let you build.")
    expect(may_not).to_be_visible()
    watched.behind.hub.ask("POST", "/groups/builders/users", {"users": ["vera"]})
    try:
        page.get_by_role("link", name="Refresh my permissions").click()
        expect(page.get_by_label("Repository address")).to_be_visible()
        expect(may_not).to_be_hidden()
        build(page)
    finally:
        watched.behind.hub.ask("DELETE", "/groups/builders/users", {"users": ["vera"]})


def test_who_has_no_role_is_told_what_to_ask_for(watched: Watched) -> None:
    """Whoever administers the Hub may enter all services, and do nothing there without a role."""
    page = watched.log_in(watched.behind.url, "hub-admin")

    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("viewer")
    expect(alert).to_contain_text("custom:repo2docker:images:read")
    expect(page.get_by_role("link", name="New build")).to_have_count(0)
    expect(page.get_by_role("link", name="Refresh my permissions")).to_be_visible()


def test_who_may_not_enter_is_stopped_by_the_hub(watched: Watched) -> None:
    page = watched.log_in(watched.behind.url, "bob")

    assert "/hub/api/oauth2/authorize" in page.url
    expect(page.get_by_text("403")).to_be_visible()
    assert not watched.session


def test_a_logout_here_is_one_at_the_hub_too_and_one_in_all_windows(watched: Watched) -> None:
    # So soon after the last login, by its clock, the page leaves it to people to go there again.
    watched.page.clock.set_fixed_time(datetime.now(UTC))
    page = watched.log_in(watched.behind.url, "alice")
    sign_of(page, "alice")
    other = watched.context.new_page()
    other.goto(watched.behind.url)
    sign_of(other, "alice")
    token = watched.token()

    page.get_by_role("link", name="Log out").click()
    page.wait_for_url(re.compile(r"/hub/log"))

    assert not watched.session
    assert not watched.cookie("_xsrf")
    assert watched.behind.hub.ask("GET", "/user", token=token).status == 403
    other.goto(f"{watched.behind.hub.url}hub/home")
    expect(other.locator("input[name=username]")).to_be_visible()
    page.goto(watched.behind.url)
    page.get_by_role("link", name="Log in").click()
    expect(page.locator("input[name=username]")).to_be_visible()


def test_a_token_is_nowhere_but_in_a_cookie_that_no_page_can_read(watched: Watched) -> None:
    page = watched.log_in(f"{watched.behind.url}builds?q=1", "alice")
    sign_of(page, "alice")
    build(page)
    secret, sealed = [watched.token()], [watched.session]
    kept = [page.evaluate(KEPT)]
    with page.expect_response(re.compile("/oauth_callback")):  # the page itself follows what changes, and is never idle
        page.get_by_role("link", name="Refresh my permissions").click()
    sign_of(page, "alice")
    secret.append(watched.token())
    sealed.append(watched.session)
    kept.append(page.evaluate(KEPT))
    with watched.behind.client_of("alice") as script:
        secret.append(script.headers["Authorization"].removeprefix("token "))
        script.post("builds", json={"repo": "nonsense"})
    readable = {each["name"] for each in watched.context.cookies() if not each["httpOnly"]}
    page.get_by_role("link", name="Log out").click()
    page.wait_for_url(re.compile(r"/hub/log"))
    secret.append(SERVICE_TOKEN)

    asked = [f"{each.url} {each.post_data} {referrer(each.headers)}" for each in watched.requests]
    everything = "\n".join([*asked, *kept, *watched.said, watched.behind.hub.log])
    assert len(set(secret)) == len(secret) == 4
    assert len(watched.requests) > 20
    assert [each for each in (*secret, *sealed) if each in everything] == []
    assert readable <= {"_xsrf"}


def test_a_code_of_a_login_is_good_for_once_and_in_no_log(watched: Watched) -> None:
    page = watched.log_in(watched.behind.url, "alice")
    sign_of(page, "alice")
    [address] = {each for each in watched.addresses if urlsplit(each).path.endswith("/oauth_callback")}
    [code] = parse_qs(urlsplit(address).query)["code"]
    session = watched.session

    page.goto(address)
    sign_of(page, "alice")

    assert watched.session == session
    assert code not in page.evaluate(KEPT)
    assert code not in watched.behind.hub.log
    assert [each for each in watched.addresses if code in each] == [address, address]


def referrer(headers: dict[str, str]) -> str:
    """Give where a request says it comes from."""
    return headers.get("referer", "")
