"""Who is calling: tokens, cookies, and proof that the page itself calls."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import REPO, Make, World

from repo2docker_service.domain.models import Identity
from repo2docker_service.domain.signing import Signer
from repo2docker_service.entrypoints.http.sessions import LIFETIME
from repo2docker_service.sealing import Sealer

COOKIE = "repo2docker-service-default"


async def log_in(world: World, name: str = "ada", **headers: str) -> tuple[httpx.AsyncClient, dict[str, str]]:
    """A browser with a session, and the header that its page sends."""
    browser = world.client()
    answer = await browser.post("login", json={"token": f"{name}-token"}, headers=headers)
    assert answer.status_code == 200
    return browser, {"X-XSRFToken": browser.cookies["_xsrf"]}


def cookies_of(answer: httpx.Response) -> dict[str, Any]:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        jar.load(line)
    return dict(jar)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token", "Token"])
async def test_a_token_is_taken_from_the_header(world: World, scheme: str) -> None:
    answer = await world.client().get("api/v1/me", headers={"Authorization": f"{scheme} ada-token"})

    assert answer.json()["name"] == "ada"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic ada-token", "ada-token", f"Bearer {'x' * 5000}"]
)
async def test_anything_else_in_the_header_is_unauthenticated(world: World, header: str) -> None:
    answer = await world.client().get("api/v1/me", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["title"] == "Unauthenticated"


async def test_what_is_too_long_for_a_token_is_shown_to_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def identify(token: str, *, fresh: bool = False) -> Identity:
        asked.append(token)
        return Identity("ada")

    monkeypatch.setattr(world.services.authorizer, "identify", identify)

    assert (await world.client().get("api/v1/me", headers={"Authorization": f"Bearer {'x' * 4096}"})).status_code == 200
    assert (await world.client().get("api/v1/me", headers={"Authorization": f"Bearer {'x' * 4097}"})).status_code == 401
    assert len(asked) == 1


async def routes_of(world: World) -> list[tuple[str, str]]:
    """Give method and address of every route of the API, each about something that is not there."""
    paths: dict[str, Any] = (await world.client().get("api/v1/openapi.json")).json()["paths"]
    something = {"{build_id}": "0" * 32, "{image_id}": "0" * 24, "{name}": "nothing"}
    found = []
    for path, item in paths.items():
        address = path.lstrip("/")
        for part, value in something.items():
            address = address.replace(part, value)
        found += [(method.upper(), address) for method in item if path.startswith("/api/v1/")]
    assert len(found) >= 17
    return found


async def test_every_route_of_the_api_asks_who_is_calling(world: World) -> None:
    for method, address in await routes_of(world):
        assert (await world.client().request(method, address)).status_code == 401, f"{method} {address}"


async def test_no_route_of_the_api_takes_a_session_without_its_header(world: World) -> None:
    browser, header = await log_in(world)
    # Streams are told that the process stops, as they would go on for ever.
    world.app.state.streams.stopping.begin()
    for method, address in await routes_of(world):
        refused = [await browser.request(method, address, headers=sent) for sent in ({}, {"X-XSRFToken": "x"})]
        let_in = await browser.request(method, address, headers=header)

        assert ["X-XSRFToken is missing" in answer.text for answer in refused] == [True, True], f"{method} {address}"
        assert [answer.status_code for answer in refused] == [403, 403], f"{method} {address}"
        # Some need a role that not everybody has.
        assert let_in.status_code != 401, f"{method} {address}"
        assert "X-XSRFToken" not in let_in.text, f"{method} {address}"


async def test_whatever_changes_something_asks_what_the_caller_may_do_at_this_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    async def identify(token: str, *, fresh: bool = False) -> Identity:
        asked.append(fresh)
        return Identity(token)

    monkeypatch.setattr(world.services.authorizer, "identify", identify)
    world.app.state.streams.stopping.begin()
    afresh = []
    for method, address in await routes_of(world):
        asked.clear()
        await world.client("ada").request(method, address)
        afresh += [f"{method} {address}"] if any(asked) else []

    looks_only = "POST api/v1/source"
    changing = {f"{method} {address}" for method, address in await routes_of(world) if method != "GET"} - {looks_only}
    assert set(afresh) == changing


async def test_a_token_in_the_address_is_refused_even_when_it_is_right(world: World) -> None:
    for client in (world.client(), world.client("ada")):
        answer = await client.get("api/v1/me?token=ada-token")

        assert answer.status_code == 400
        assert "Authorization" in answer.json()["detail"]


async def test_login_changes_a_token_for_a_session(world: World) -> None:
    answer = await world.client().post("login", json={"token": "ada-token"})

    assert answer.status_code == 200
    assert answer.json()["name"] == "ada"
    cookies = cookies_of(answer)
    session, xsrf = cookies[COOKIE], cookies["_xsrf"]
    for cookie in (session, xsrf):
        assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/", "strict", str(LIFETIME))
        assert not cookie["secure"]
    assert session["httponly"]
    assert not xsrf["httponly"]


async def test_no_cookie_holds_the_token(world: World) -> None:
    answer = await world.client().post("login", json={"token": "ada-token"})
    for cookie in cookies_of(answer).values():
        assert "ada-token" not in cookie.value
        assert b"ada-token" not in base64.urlsafe_b64decode(cookie.value + "=" * (-len(cookie.value) % 4))


async def test_cookies_belong_to_the_base_url(make_world: Make) -> None:
    world = make_world(base_url="/services/envs/")
    answer = await world.client().post("login", json={"token": "ada-token"})

    assert {cookie["path"] for cookie in cookies_of(answer).values()} == {"/services/envs/"}


async def test_cookies_are_secure_where_the_configuration_says_so(make_world: Make) -> None:
    world = make_world(secure_cookies=True)
    answer = await world.client().post("login", json={"token": "ada-token"})

    assert all(cookie["secure"] for cookie in cookies_of(answer).values())


async def test_a_session_for_this_host_alone_is_taken_and_given_up_like_any_other(make_world: Make) -> None:
    world = make_world(host_cookies=True, base_url="/services/envs/")
    set_at_login = cookies_of(await world.client().post("login", json={"token": "ada-token"}))
    values = {name: cookie.value for name, cookie in set_at_login.items()}
    sent = {"cookie": "; ".join(f"{name}={value}" for name, value in values.items()), "X-XSRFToken": values["_xsrf"]}
    me = await world.client().get("api/v1/me", headers=sent)
    taken_back = cookies_of(await world.client().post("logout", headers=sent))

    assert set(values) == {f"__Host-{COOKIE}", "_xsrf"}
    assert me.json()["name"] == "ada"
    session = taken_back[f"__Host-{COOKIE}"]
    assert (session["path"], session["secure"], session["max-age"]) == ("/", True, "0")
    assert taken_back["_xsrf"]["path"] == "/services/envs/"


async def test_a_session_that_another_host_could_have_set_is_none_where_only_this_host_may(make_world: Make) -> None:
    open_to_others, closed = make_world(), make_world(host_cookies=True)
    browser, headers = await log_in(open_to_others)
    sent = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}", **headers}

    assert (await open_to_others.client().get("api/v1/me", headers=sent)).status_code == 200
    assert (await closed.client().get("api/v1/me", headers=sent)).status_code == 401


@pytest.mark.parametrize("forwarded", ["https", "https,http", "https, http"])
async def test_cookies_are_secure_when_the_browser_uses_https(world: World, forwarded: str) -> None:
    answer = await world.client().post("login", json={"token": "ada-token"}, headers={"X-Forwarded-Proto": forwarded})

    assert all(cookie["secure"] for cookie in cookies_of(answer).values())


async def test_a_session_and_its_header_do_what_the_token_does(world: World) -> None:
    browser, header = await log_in(world)

    assert (await browser.get("api/v1/me", headers=header)).json()["name"] == "ada"
    assert (await browser.post("api/v1/builds", json={"repo": REPO}, headers=header)).status_code == 202
    assert (await browser.get("api/v1/builds", headers=header)).json()["total"] == 1


async def test_each_call_of_a_session_needs_the_header_reading_too(world: World) -> None:
    browser, _ = await log_in(world)
    _, of_bob = await log_in(world, "bob")
    _, of_another_session = await log_in(world)

    for header in (
        {},
        {"X-XSRFToken": ""},
        {"X-XSRFToken": "x"},
        {"X-XSRFToken": "\u00e9"},
        of_bob,
        of_another_session,
    ):
        encoded = {name: value.encode() for name, value in header.items()}
        calls = [
            await browser.get("api/v1/me", headers=encoded),  # type: ignore[arg-type]
            await browser.post("api/v1/builds", json={"repo": REPO}, headers=encoded),  # type: ignore[arg-type]
            await browser.get(f"api/v1/builds/{'0' * 32}/log", headers=encoded),  # type: ignore[arg-type]
            await browser.get("api/v1/events", headers=encoded),  # type: ignore[arg-type]
        ]

        assert [answer.status_code for answer in calls] == [403] * 4
        assert "X-XSRFToken" in calls[0].json()["detail"]


async def test_a_token_in_the_header_needs_no_proof_though_there_is_a_cookie(world: World) -> None:
    browser, _ = await log_in(world)
    answer = await browser.get("api/v1/me", headers={"Authorization": "Bearer bob-token"})

    assert answer.json()["name"] == "bob"


async def test_a_link_to_a_download_needs_no_proof_when_a_browser_follows_it(world: World) -> None:
    browser, header = await log_in(world)
    build = (await browser.post("api/v1/builds", json={"repo": REPO}, headers=header)).json()["id"]
    path = f"api/v1/builds/{build}/log"

    followed = await browser.get(f"{path}?download", headers={"Sec-Fetch-Mode": "navigate"})
    shown = await browser.get(path, headers={"Sec-Fetch-Mode": "navigate"})
    fetched = await browser.get(f"{path}?download", headers={"Sec-Fetch-Mode": "cors"})
    unsaid = await browser.get(f"{path}?download")

    assert followed.status_code == 200
    assert followed.headers["Content-Disposition"].startswith("attachment")
    assert [shown.status_code, fetched.status_code, unsaid.status_code] == [403, 403, 403]


async def test_a_session_ends_with_its_time(world: World) -> None:
    browser, header = await log_in(world)
    sessions = world.app.state.sessions
    now = sessions.clock()

    world.app.state.sessions = replace(sessions, clock=lambda: now + LIFETIME - 5)
    assert (await browser.get("api/v1/me", headers=header)).status_code == 200
    world.app.state.sessions = replace(sessions, clock=lambda: now + LIFETIME + 5)
    assert (await browser.get("api/v1/me", headers=header)).status_code == 401


async def test_a_session_is_only_what_this_installation_sealed(world: World, make_world: Make) -> None:
    browser, header = await log_in(world)
    value = browser.cookies[COOKIE]
    other_key = Sealer(Signer([b"o" * 32]), "session/default").seal("ada-token", world.app.state.sessions.clock())
    other_purpose = Sealer(world.services.installation.signer, "login/default").seal("ada-token", 2**31)

    for bad in (
        "",
        ".",
        "x",
        "ada-token",
        other_key,
        other_purpose,
        value[:-4],
        f"A{value[1:]}",
        value.lower(),
    ):
        answer = await world.client().get("api/v1/me", headers=header | {"Cookie": f"{COOKIE}={bad}"})

        assert answer.status_code == 401, bad
    # Two installations may share their secret, as when both keep it in the same folder.
    neighbour = make_world(instance="other")
    answer = await neighbour.client().get(
        "api/v1/me", headers=header | {"Cookie": f"repo2docker-service-other={value}"}
    )
    assert answer.status_code == 401


async def test_a_session_is_read_by_a_replica_whose_first_key_is_a_newer_one(world: World) -> None:
    browser, header = await log_in(world)
    sessions = world.app.state.sessions
    keys = [b"n" * 32, *sessions.installation.signer.keys]
    world.app.state.sessions = replace(sessions, installation=replace(sessions.installation, signer=Signer(keys)))

    answer = await browser.get("api/v1/me", headers={"X-XSRFToken": header["X-XSRFToken"]})

    assert answer.status_code == 200


async def test_a_session_ends_when_its_token_is_taken_back(world: World) -> None:
    browser, header = await log_in(world)
    world.services.authorizer.tokens = {}  # type: ignore[attr-defined]

    assert (await browser.get("api/v1/me", headers=header)).status_code == 401


async def test_a_login_is_always_a_new_session(world: World) -> None:
    browser, _ = await log_in(world)
    first = browser.cookies[COOKIE]
    await browser.post("login", json={"token": "ada-token"})

    assert browser.cookies[COOKIE] != first


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"token": "wrong"}, 401),
        ({"token": ""}, 422),
        ({"token": None}, 422),
        ({}, 422),
        ({"token": "x" * 5000}, 422),
        ({"token": "ada-token", "next": "//evil"}, 422),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_bad_login_sets_no_cookie_and_repeats_nothing(
    world: World, caplog: pytest.LogCaptureFixture, body: dict[str, Any], status: int
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await world.client().post("login", json=body)

    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert len(answer.content) < 500
    assert "xxxx" not in answer.text
    assert "xxxx" not in caplog.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://proxied.example"}, 200),
        ({"Origin": "http://test"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "something-new"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://test.evil.example"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": ""}, 403),
    ],
    ids=str,
)
async def test_other_sites_can_neither_log_in_nor_out(world: World, headers: dict[str, str], status: int) -> None:
    entered = await world.client().post("login", json={"token": "ada-token"}, headers=headers)
    left = await world.client().post("logout", headers=headers)

    assert entered.status_code == status
    assert left.status_code == (204 if status == 200 else status)
    assert ("set-cookie" in entered.headers) == ("set-cookie" in left.headers) == (status == 200)


async def test_logout_takes_the_cookies_back(world: World) -> None:
    browser, header = await log_in(world)
    answer = await browser.post("logout")

    assert (answer.status_code, answer.content) == (204, b"")
    assert {name: cookie["max-age"] for name, cookie in cookies_of(answer).items()} == {COOKIE: "0", "_xsrf": "0"}
    assert (await browser.get("api/v1/me", headers=header)).status_code == 401


async def test_the_address_of_the_login_leads_to_the_page(world: World) -> None:
    answer = await world.client().get("login")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
