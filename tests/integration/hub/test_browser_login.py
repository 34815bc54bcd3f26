"""People log in at the Hub, and are who they are there for as long as they are logged in there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, quote

import httpx
import pytest
from tests.integration.hub.conftest import Behind
from tools.parts.hub_login import browser, log_in, page_headers


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Give a browser in which nobody has logged in."""
    with browser() as client:
        yield client


def login(behind: Behind, following: str = "") -> str:
    return f"{behind.url}login?next={quote(following)}"


def me(client: httpx.Client, behind: Behind) -> httpx.Response:
    """Ask as the page does."""
    return client.get(f"{behind.url}api/v1/me", headers=page_headers(client))


def build(client: httpx.Client, behind: Behind) -> httpx.Response:
    wish = {"repo": f"https://example.org/{secrets.token_hex(8)}.git"}
    return client.post(f"{behind.url}api/v1/builds", json=wish, headers=page_headers(client))


def test_a_login_at_the_hub_leads_to_the_page_that_was_asked_for(behind: Behind, client: httpx.Client) -> None:
    shown = log_in(client, login(behind, "/jhub/services/repo2docker/builds?q=a%20b"), "alice")
    who = me(client, behind).json()

    assert shown.url.raw_path == b"/jhub/services/repo2docker/builds?q=a%20b"
    assert (who["name"], who["groups"]) == ("alice", ["builders"])
    assert {"builds:create", "images:delete"} <= set(who["permissions"])
    assert build(client, behind).status_code == 202


def test_no_token_is_in_any_address_on_the_way(behind: Behind, client: httpx.Client) -> None:
    shown = log_in(client, login(behind), "alice")

    queries = [parse_qs(answer.url.query.decode()) for answer in (*shown.history, shown)]
    assert {name for query in queries for name in query} <= {
        "next",
        "client_id",
        "redirect_uri",
        "response_type",
        "state",
        "code_challenge",
        "code_challenge_method",
        "code",
    }
    [challenge] = {query["code_challenge_method"][0] for query in queries if "code_challenge_method" in query}
    assert challenge == "S256"


def test_who_has_no_access_is_stopped_at_the_hub(behind: Behind, client: httpx.Client) -> None:
    shown = log_in(client, login(behind), "bob")

    assert shown.status_code == 403
    assert "/hub/" in shown.url.path
    assert me(client, behind).status_code == 401


def test_who_is_logged_in_at_the_hub_is_not_asked_again(behind: Behind, client: httpx.Client) -> None:
    log_in(client, f"{behind.hub.url}hub/home", "vera")

    shown = client.get(login(behind))

    assert str(shown.url) == behind.url
    assert me(client, behind).json()["name"] == "vera"


def test_a_logout_at_the_hub_ends_the_session(behind: Behind, client: httpx.Client) -> None:
    log_in(client, login(behind), "alice")
    before = build(client, behind).status_code

    client.get(f"{behind.hub.url}hub/logout")

    assert before == 202
    assert build(client, behind).status_code == 401
    assert me(client, behind).status_code == 401


def test_a_logout_here_goes_on_to_the_hub(behind: Behind, client: httpx.Client) -> None:
    log_in(client, login(behind), "alice")

    shown = client.get(f"{behind.url}logout")

    assert shown.url.path.startswith("/jhub/hub/log")
    assert me(client, behind).status_code == 401
    assert "password" in client.get(login(behind)).text


def test_a_role_that_was_given_after_the_login_comes_with_the_next_one_without_a_word(
    behind: Behind, client: httpx.Client
) -> None:
    log_in(client, login(behind), "vera")
    behind.hub.ask("POST", "/groups/builders/users", {"users": ["vera"]})
    try:
        old = build(client, behind).status_code
        shown = client.get(login(behind))
        new = build(client, behind).status_code
    finally:
        behind.hub.ask("DELETE", "/groups/builders/users", {"users": ["vera"]})

    assert str(shown.url) == behind.url
    assert (old, new) == (403, 202)
    assert build(client, behind).status_code == 403


def test_a_session_outlives_a_hub_that_does_not_answer(behind: Behind, client: httpx.Client) -> None:
    log_in(client, login(behind), "alice")
    behind.hub.freeze()
    try:
        away = build(client, behind).status_code
    finally:
        behind.hub.thaw()

    assert away == 503
    assert build(client, behind).status_code == 202


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/",
        "//evil.example/",
        "/jhub/hub/home",
        "/jhub/services/repo2docker/../../hub/home",
        "\\\\x",
    ],
)
def test_a_login_leads_to_no_place_but_this_service(behind: Behind, client: httpx.Client, following: str) -> None:
    shown = log_in(client, login(behind, following), "vera")

    assert str(shown.url) == behind.url
