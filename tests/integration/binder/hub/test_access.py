"""Whose requests are answered behind a Hub: those with a token that may build, and those with a cookie and its mark."""

from __future__ import annotations

import secrets

import pytest
from tests.integration.binder.conftest import DOCKERFILE, Binder, events
from tests.integration.binder.hub.conftest import TLJH_TOKEN, Profiles
from tools.parts.hub_login import browser, log_in, page_headers
from tools.parts.repository import Repository

SOMETHING = "gh/some/thing/HEAD"


@pytest.fixture(scope="module")
def built(profiles: Profiles) -> str:
    """Have tljh-repo2docker's service build something in its own way, and give the path of that."""
    name = f"{secrets.token_hex(4)}/example"
    Repository(profiles.git.root, name).commit({"Dockerfile": DOCKERFILE}, "The only one")
    path = f"gh/{name.replace('/', '%2F')}/HEAD?build_only=true"

    told = profiles.seen_by(TLJH_TOKEN).get(path, Accept="*/*")

    assert told[-1]["phase"] == "ready", told
    return path


def test_the_service_of_tljh_builds_with_the_role_of_the_documentation_and_owns_what_it_builds(
    profiles: Profiles, built: str
) -> None:
    [there] = profiles.seen_by(TLJH_TOKEN).get(built)
    with profiles.of("alice").client as client:
        [image] = client.get("images", params={"name": there["imageName"]}).json()["items"]

    assert image["owner"] == "service:tljh_repo2docker"


def test_a_page_with_the_cookie_is_answered_where_it_sends_the_mark_of_its_session(
    profiles: Profiles, built: str
) -> None:
    address = profiles.of("alice").endpoint + built
    with browser() as client:
        log_in(client, f"{profiles.url}login", "alice")
        [with_mark] = events(client.get(address, headers=page_headers(client)))
        [without] = events(client.get(address))

    assert with_mark["phase"] == "ready"
    assert (without["phase"], without["status_code"]) == ("failed", 403)


def told(binder: Binder) -> tuple[object, object]:
    """Give how BinderHub's own client is answered."""
    last = binder.told(SOMETHING)[-1]
    return last["phase"], last.get("status_code")


def test_its_own_client_is_told_that_a_token_may_not_build(profiles: Profiles) -> None:
    viewer, elsewhere = profiles.of("bob"), profiles.seen_by(profiles.hub.token("alice", "read:users!user"))

    assert [told(viewer), told(elsewhere), told(profiles.seen_by("unknown"))] == [
        ("failed", 403),
        ("failed", 403),
        ("failed", 401),
    ]
