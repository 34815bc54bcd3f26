# ruff: noqa: SIM905  # so many are easier to read this way
"""Browsers log in elsewhere, come back with a code, and go on to where they wanted to."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import Make, World
from tests.unit.entrypoints.http.test_sessions import COOKIE, cookies_of

from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.domain.errors import AuthorizerUnavailable, Unauthenticated
from repo2docker_service.entrypoints.http.login_flow import LIFETIME, local

ELSEWHERE = "https://hub.example/hub/api/oauth2/authorize"
PREFIX = "/services/envs/"


class Elsewhere(InMemoryAuthorizer):
    """Lets people log in who come with the right code and verifier."""

    logout_url = "https://hub.example/hub/logout"
    home_url = "https://hub.example/hub/home"
    oauth_callback_url = f"{PREFIX}oauth_callback"
    away = False

    def authorize_url(self, state: str, challenge: str) -> str:
        self.challenge = challenge
        return f"{ELSEWHERE}?state={state}&code_challenge={challenge}"

    async def token_for_code(self, code: str, verifier: str) -> str:
        if self.away:
            raise AuthorizerUnavailable("hub", "it is away")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if code != "right" or digest != self.challenge:
            raise Unauthenticated
        return "ada-token"


@pytest.fixture
def hub(make_world: Make) -> World:
    return make_world(authorizer=Elsewhere, base_url=PREFIX)


async def begun(browser: httpx.AsyncClient, following: str = "") -> str:
    """Begin to log in, and give the state that has to come back."""
    answer = await browser.get("login", params={"next": following} if following else None)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(ELSEWHERE)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


async def back(browser: httpx.AsyncClient, state: str, code: str = "right", **more: str) -> httpx.Response:
    return await browser.get("oauth_callback", params={"state": state, "code": code, **more})


async def test_who_logs_in_elsewhere_has_a_session_here_and_sees_the_page_that_was_wanted(hub: World) -> None:
    browser = hub.client()
    answer = await back(browser, await begun(browser, f"{PREFIX}builds?state=failed"))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PREFIX}builds?state=failed")
    me = await browser.get("api/v1/me", headers={"X-XSRFToken": browser.cookies["_xsrf"]})
    assert (me.json()["name"], me.json()["home"]) == ("ada", "https://hub.example/hub/home")


async def test_what_a_browser_keeps_meanwhile_tells_nobody_anything(hub: World) -> None:
    answer = await hub.client().get("login")

    [(name, cookie)] = cookies_of(answer).items()
    assert name.startswith(f"{COOKIE}-login-")
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == (PREFIX, "lax", str(LIFETIME))
    assert cookie["httponly"]
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0][9:] not in cookie.value


async def test_a_cookie_for_this_host_alone_is_sent_to_all_of_it_and_over_https_only(make_world: Make) -> None:
    hub = make_world(authorizer=Elsewhere, base_url=PREFIX, host_cookies=True)
    begun = await hub.client().get("login")
    [(name, cookie)] = cookies_of(begun).items()
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    came = {"cookie": f"{name}={cookie.value}"}
    answer = await hub.client().get("oauth_callback", params={"state": state, "code": "right"}, headers=came)

    cookies = cookies_of(answer)
    assert set(cookies) == {name, f"__Host-{COOKIE}", "_xsrf"}
    assert name.startswith(f"__Host-{COOKIE}-login-")
    for each in (cookie, cookies[name], cookies[f"__Host-{COOKIE}"]):
        assert (each["path"], each["domain"], each["secure"]) == ("/", "", True)
    assert cookies[name].value == ""
    # All pages of this host could read it at the root, those of people's servers too.
    assert cookies["_xsrf"]["path"] == PREFIX


async def test_several_pages_can_log_in_at_once(hub: World) -> None:
    browser = hub.client()
    states = [await begun(browser, f"{PREFIX}{number}") for number in range(3)]
    last = await back(browser, states[2])

    assert last.headers["Location"] == f"{PREFIX}2"
    assert len([name for name in browser.cookies if "-login-" in name]) == 2


async def test_a_login_comes_back_once_and_to_the_browser_that_began_it(hub: World) -> None:
    browser, other = hub.client(), hub.client()
    state = await begun(browser)

    answers = [await back(other, state), await back(browser, state), await back(browser, state)]

    assert [COOKIE in cookies_of(answer) for answer in answers] == [False, True, False]
    assert {answer.headers["Location"] for answer in answers} == {PREFIX}


@pytest.mark.parametrize("state", ["", "x", "A" * 43, "é" * 43, "A" * 1000])
async def test_a_state_that_nobody_was_given_is_nobodys(hub: World, state: str) -> None:
    browser = hub.client()
    await begun(browser)

    answer = await back(browser, state)

    assert answer.status_code in {303, 422}
    assert COOKIE not in cookies_of(answer)


async def test_a_login_that_took_too_long_is_over(hub: World) -> None:
    browser = hub.client()
    state = await begun(browser)
    flow = hub.app.state.login_flow
    now = flow.clock()
    hub.app.state.login_flow = replace(flow, clock=lambda: now + LIFETIME + 5)

    assert COOKIE not in cookies_of(await back(browser, state))


async def test_a_wrong_code_lets_nobody_in_and_leads_to_the_page(hub: World) -> None:
    browser = hub.client()

    answer = await back(browser, await begun(browser, f"{PREFIX}builds"), code="wrong")

    assert (answer.status_code, answer.headers["Location"]) == (303, PREFIX)
    assert COOKIE not in browser.cookies


async def test_logins_that_nobody_finishes_do_not_fill_the_browser(hub: World) -> None:
    browser = hub.client()
    states = [await begun(browser, f"{PREFIX}{'x' * 400}") for _ in range(10)]

    pending = {name: value for name, value in browser.cookies.items() if "-login-" in name}
    assert len(pending) == 3
    assert sum(map(len, pending.values())) < 4000
    assert COOKIE in cookies_of(await back(browser, states[-1]))


async def test_a_token_in_a_link_logs_nobody_in_where_people_log_in_elsewhere(hub: World) -> None:
    answer = await hub.client().post("login", json={"token": "bob-token"})

    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("error", "told"), [("access_denied", "access_denied"), ("<script>", "no reason"), ("x" * 100, "no reason")]
)
async def test_a_refusal_is_told_and_nothing_else(hub: World, error: str, told: str) -> None:
    browser = hub.client()

    answer = await back(browser, await begun(browser), code="", error=error)

    assert answer.status_code == 403
    assert told in answer.json()["detail"]
    assert "script" not in answer.text
    assert not [name for name in browser.cookies if "-login-" in name]


async def test_an_authorizer_that_is_away_is_not_a_wrong_code(hub: World) -> None:
    browser = hub.client()
    state = await begun(browser)
    hub.services.authorizer.away = True  # type: ignore[attr-defined]

    assert (await back(browser, state)).status_code == 503


async def test_who_is_logged_in_is_told_where_to_get_new_permissions(hub: World, ada: httpx.AsyncClient) -> None:
    assert (await hub.client("ada").get("api/v1/me")).json()["login"] == f"{PREFIX}login"
    assert (await ada.get("api/v1/me")).json()["login"] == ""


async def test_who_is_not_logged_in_is_told_where_to(hub: World, world: World) -> None:
    assert (await hub.client().get("api/v1/me")).json()["login"] == f"{PREFIX}login"
    assert "login" not in (await world.client().get("api/v1/me")).json()


async def test_where_tokens_are_given_here_nothing_comes_back(world: World) -> None:
    assert (await back(world.client(), "A" * 43)).status_code == 404


@pytest.mark.parametrize(
    ("site", "status"), [("none", 303), ("same-origin", 303), ("same-site", 403), ("cross-site", 403)]
)
async def test_who_logs_out_goes_on_to_where_the_login_was(hub: World, site: str, status: int) -> None:
    browser = hub.client()
    await back(browser, await begun(browser))

    answer = await browser.get("logout", headers={"Sec-Fetch-Site": site})

    assert answer.status_code == status
    assert (COOKIE not in browser.cookies) is (status == 303)
    if status == 303:
        assert answer.headers["Location"] == "https://hub.example/hub/logout"


async def test_where_tokens_are_given_here_a_logout_ends_on_the_page(world: World) -> None:
    answer = await world.client().get("logout")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


INSIDE = [
    PREFIX,
    f"{PREFIX}builds/1",
    f"{PREFIX}a%20%C3%A9?q=100%",
    f"{PREFIX}?q=a%2Fb",
    f"{PREFIX}launch?repo=https://x.example/a&ref=b#c",
]
SCHEMES = r"http: https: ftp: javascript: data: // /// /\ \\ \/ /%2f %2f%2f /%5c".split()
HOSTS = "evil.example evil.example/services/envs/ @evil.example hub.example@evil.example [::1] 127.0.0.1:80".split()
TRICKS = [
    *r".. ../ ../hub/ %2e%2e/ a/../../hub/ a/%2E%2e/%2e%2e/x . ./x /evil.example //evil.example \evil.example".split(),
    *("%ff", "%c0%af", "a%", "%zz/", "%5cevil.example", "a\tb", "a\nb", "a b", "a\x00b", "é", "a//b"),
]
OUTSIDE = [
    *("", *"/ /hub/ /services/ /services/envs /services/envsx/ /user/ada/ services/envs/ x ?next=x #x".split()),
    *(f"{scheme}{slashes}{host}" for scheme in SCHEMES for slashes in ("", "//") for host in HOSTS),
    *(f"{before}{PREFIX}{trick}" for before in ("", " ", "/") for trick in TRICKS),
    f"{PREFIX}{'x' * 3000}",
]


@pytest.mark.parametrize("address", INSIDE)
def test_pages_of_this_service_are_gone_on_to(address: str) -> None:
    assert local(address, PREFIX) == address


def test_a_launch_link_with_a_long_path_in_another_script_is_gone_on_to() -> None:
    link = f"{PREFIX}launch?repo=https://github.com/owner/name&path={'%D0%B3' * 100}.ipynb"

    assert local(link, PREFIX) == link


def test_nothing_else_is_gone_on_to() -> None:
    assert len(OUTSIDE) >= 200
    assert {address: local(address, PREFIX) for address in OUTSIDE} == dict.fromkeys(OUTSIDE, PREFIX)


def test_from_the_root_too_nobody_gets_to_another_host() -> None:
    pages = {address for address in OUTSIDE if re.fullmatch(r"/(?!/)[!-\[\]-~]*", address)}
    hostile = [
        *(set(OUTSIDE) - pages),
        "//[",
        "///evil.example/x",
        "/%2fevil.example",
        "/%5cevil.example",
        "//evil.example",
    ]

    assert {address: local(address, "/") for address in hostile} == dict.fromkeys(hostile, "/")
    assert {urlsplit(urljoin("http://us.example/login", local(page, "/"))).netloc for page in pages} == {"us.example"}


@pytest.mark.parametrize(
    "page", ["login", "logout", "oauth_callback?code=x", "login/", "logout#x", "%6cogin", "log%6Fut"]
)
def test_what_is_no_page_is_not_gone_on_to(page: str) -> None:
    assert local(f"{PREFIX}{page}", PREFIX) == PREFIX


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/hub/logout", f"{PREFIX}../x"])
async def test_a_login_leads_nowhere_else(hub: World, address: str) -> None:
    browser = hub.client()

    answer = await back(browser, await begun(browser, quote(address, safe="") if "%" in address else address))

    assert answer.headers["Location"] == PREFIX
