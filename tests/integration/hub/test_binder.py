"""The service by two names at a Hub: one for people, and ``binder``, which BinderHub's clients look for."""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx
import pytest
from tests.integration.hub.conftest import TLJH_TOKEN, Behind
from tools.parts.hub_login import browser, log_in


@pytest.fixture(scope="module")
def binder(behind: Behind) -> Behind:
    """Give the service by its second name."""
    return Behind(behind.hub, behind.hub.wait_for_service("binder"))


def path() -> str:
    """Ask for what nobody has built."""
    return f"build/gh/example/{secrets.token_hex(8)}/HEAD?build_only=true"


def told(answer: httpx.Response) -> list[dict[str, Any]]:
    """Read what an answer told."""
    assert answer.status_code == 200
    return [json.loads(line.removeprefix("data:")) for line in answer.text.splitlines() if line.startswith("data:")]


def ask(here: Behind, token: str) -> httpx.Response:
    return httpx.get(f"{here.url}{path()}", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def test_a_token_that_a_page_makes_for_its_reader_builds_at_binder(binder: Behind) -> None:
    # As jupyterhub-fancy-profiles makes it: of the reader's own, for all that the reader may do.
    wish = {"note": "to build", "expires_in": 3600}
    token = binder.hub.ask("POST", "/users/alice/tokens", wish).body["token"]

    last = told(ask(binder, token))[-1]

    assert last["phase"] == "ready"
    with binder.client(token) as alice:
        [image] = alice.get("images", params={"name": last["imageName"]}).json()["items"]
    assert image["owner"] == "user:alice"


def test_only_the_one_called_binder_answers_binderhubs_clients(behind: Behind) -> None:
    # What nobody answers is a place in the page.
    assert ask(behind, behind.hub.token("alice")).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("bob", 403), (None, 401)])
def test_who_may_not_build_is_told_so_at_binder(binder: Behind, who: str | None, status: int) -> None:
    (refused,) = told(ask(binder, binder.hub.token(who) if who else "nonsense"))

    assert (refused["phase"], refused["status_code"]) == ("failed", status)


def test_a_token_for_one_name_is_of_no_use_at_the_other(behind: Behind, binder: Behind) -> None:
    scopes = ("custom:repo2docker:builds:create!user", "custom:repo2docker:images:read")
    ours = behind.hub.token("alice", "access:services!service=repo2docker", *scopes)
    theirs = behind.hub.token("alice", "access:services!service=binder", *scopes)

    with behind.client(theirs) as client:
        assert client.get("me").status_code == 403
    assert told(ask(binder, ours))[-1]["status_code"] == 403
    assert told(ask(binder, theirs))[-1]["phase"] == "ready"


def test_a_service_with_the_role_of_the_documentation_builds_at_binder(binder: Behind) -> None:
    assert told(ask(binder, TLJH_TOKEN))[-1]["phase"] == "ready"


def test_one_browser_is_logged_in_by_both_names(behind: Behind, binder: Behind) -> None:
    with browser() as client:
        log_in(client, f"{behind.url}login", "alice")
        client.get(f"{binder.url}login")
        names = [client.get(f"{here.url}api/v1/me", headers=mark(client, here)) for here in (behind, binder)]
        built = client.get(f"{binder.url}{path()}", headers=mark(client, binder), timeout=60)
        others = client.get(f"{binder.url}{path()}", headers=mark(client, behind))

    assert [answer.json().get("name") for answer in names] == ["alice", "alice"]
    assert told(built)[-1]["phase"] == "ready"
    assert [each["phase"] for each in told(others)] == ["failed"]


def mark(client: httpx.Client, here: Behind) -> dict[str, str]:
    """Give what scripts of a page send to show that they are of this service."""
    place = httpx.URL(here.url).path
    [value] = [each.value for each in client.cookies.jar if (each.name, each.path) == ("_xsrf", place)]
    return {"X-XSRFToken": value or "", "Sec-Fetch-Mode": "cors"}


def test_spawners_ask_either_name_with_a_token_of_their_own(behind: Behind) -> None:
    known = behind.hub.ask("GET", "/services").body

    roles = {name: known[f"{name}-spawner"]["roles"] for name in ("repo2docker", "binder")}
    assert roles == {"repo2docker": ["repo2docker-spawner"], "binder": ["binder-spawner"]}
