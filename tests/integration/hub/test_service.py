"""The service as a real Hub starts it: whom it lets in, and what each may do."""

from __future__ import annotations

import secrets
import time
from typing import Any

import httpx
import pytest
from tests.integration.hub.conftest import OPEN_TOKEN, SPAWNER_TOKEN, Behind
from tools.service import build

ACCESS = "access:services!service=repo2docker"
SILENCE = 60.0
SIGN_OF_LIFE_WITHIN = 20.0
"""Seconds; without an event there is a comment every 15."""


def wish(**more: str) -> dict[str, str]:
    """Ask for what nobody has built."""
    return {"repo": f"https://example.org/{secrets.token_hex(8)}.git", **more}


def delete(client: httpx.Client, image: dict[str, Any]) -> int:
    return client.delete(f"images/{image['id']}", headers={"If-Match": f'"{image["digest"]}"'}).status_code


def image_of(client: httpx.Client, built: dict[str, Any]) -> dict[str, Any]:
    [image] = client.get("images", params={"name": built["image"]}).raise_for_status().json()["items"]
    found: dict[str, Any] = image
    return found


def test_the_hub_says_who_somebody_is(behind: Behind) -> None:
    with behind.client_of("alice") as alice, behind.client_of("carol") as carol:
        builder, admin = alice.get("me").json(), carol.get("me").json()

    assert (builder["name"], builder["kind"], builder["groups"]) == ("alice", "user", ["builders"])
    assert set(builder["permissions"]) == {
        "builds:create",
        "builds:cancel",
        "builds:read",
        "images:read",
        "images:delete",
    }
    assert (builder["admin"], admin["admin"]) == (False, True)


def test_the_hub_is_among_the_parts_that_are_asked(behind: Behind) -> None:
    assert httpx.get(f"{behind.url}health/ready").json()["parts"]["authorizer"]["ok"] is True


def test_figures_are_for_those_whom_the_hub_gives_the_scope(behind: Behind) -> None:
    codes = {}
    for user in ("alice", "carol"):
        headers = {"Authorization": f"Bearer {behind.hub.token(user)}"}
        codes[user] = httpx.get(f"{behind.url}metrics", headers=headers).status_code

    assert codes == {"alice": 403, "carol": 200}


def test_a_service_is_somebody_too(behind: Behind) -> None:
    with behind.client(SPAWNER_TOKEN) as spawner:
        me = spawner.get("me").json()

    assert (me["name"], me["kind"], me["owner"]) == ("spawner", "service", "service:spawner")
    assert me["permissions"] == ["images:read-for-user"]


@pytest.mark.parametrize("token", [b"nonsense", b"0" * 32, "é".encode(), b"a b"])
def test_a_token_that_the_hub_does_not_know_is_nobodys(behind: Behind, token: bytes) -> None:
    answer = httpx.get(f"{behind.url}api/v1/me", headers={b"Authorization": b"token " + token})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_that_was_taken_back_is_nobodys(behind: Behind) -> None:
    made = behind.hub.ask("POST", "/users/alice/tokens", {}).body
    with behind.client(made["token"]) as alice:
        behind.hub.ask("DELETE", f"/users/alice/tokens/{made['id']}")

        assert alice.post("builds", json=wish()).status_code == 401
        assert alice.get("me").status_code == 401


@pytest.mark.parametrize("user", ["bob", None])
def test_who_has_no_access_is_told_what_to_ask_for(behind: Behind, user: str | None) -> None:
    with behind.client_of(user) if user else behind.client(OPEN_TOKEN) as client:
        answers = [client.get("me"), client.get("images"), client.post("builds", json=wish())]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert ACCESS in answers[0].json()["detail"]


def test_an_administrator_of_the_hub_is_let_in_and_may_do_what_everybody_may(behind: Behind) -> None:
    with behind.client_of("hub-admin") as client:
        me = client.get("me").json()
        refused = client.post("builds", json=wish())

    assert me["admin"] is False
    assert me["permissions"] == ["images:read"]
    assert refused.status_code == 403


def test_a_viewer_sees_and_builds_nothing(behind: Behind) -> None:
    with behind.client_of("vera") as vera, behind.client_of("alice") as alice:
        built = build(alice, **wish())
        image = image_of(vera, built)
        refused = [vera.post("builds", json=wish()).status_code, delete(vera, image)]
        cancelled = vera.post(f"builds/{built['id']}/cancel").status_code

    assert image["owner"] == "user:alice"
    assert refused == [403, 403]
    assert cancelled == 403


def test_a_builder_deletes_what_is_its_own_and_an_admin_what_is_anybodys(behind: Behind) -> None:
    with (
        behind.client_of("alice") as alice,
        behind.client_of("ben") as ben,
        behind.client_of("carol") as carol,
    ):
        first, second = (image_of(alice, build(alice, **wish())) for _ in range(2))

        assert delete(ben, first) == 403
        assert delete(alice, first) == 204
        assert delete(carol, second) == 204


def test_only_an_admin_builds_for_somebody_else(behind: Behind) -> None:
    with behind.client_of("alice") as alice, behind.client_of("carol") as carol:
        refused = alice.post("builds", json=wish(owner="user:ben"))
        built = build(carol, **wish(owner="user:ben"))

    assert refused.status_code == 403
    assert (built["owner"], built["requested_by"]) == ("user:ben", "user:carol")


def test_a_narrow_token_may_do_only_what_it_was_made_for(behind: Behind) -> None:
    with (
        behind.client_of("alice", ACCESS, "custom:repo2docker:images:read") as reading,
        behind.client_of("alice", "custom:repo2docker:images:read") as outside,
        behind.client_of("carol", ACCESS, "custom:repo2docker:builds:create!user") as building,
    ):
        assert reading.get("images").status_code == 200
        assert reading.post("builds", json=wish()).status_code == 403
        assert outside.get("images").status_code == 403
        assert build(building, **wish())["state"] == "succeeded"
        assert building.get("me").json()["admin"] is False
        assert building.post("builds", json=wish(owner="user:ben")).status_code == 403


def test_a_role_for_a_group_lets_its_members_build_for_it_and_for_nobody_else(behind: Behind) -> None:
    with (
        behind.client_of("dora") as dora,
        behind.client_of("dan") as dan,
        behind.client_of("alice") as alice,
    ):
        me = dora.get("me").json()
        built = build(dora, **wish(owner="group:course-a"))
        refused = [dora.post("builds", json=wish(**more)) for more in ({}, {"owner": "group:builders"})]
        image = image_of(dan, built)
        left = [delete(client, image) for client in (dan, alice, dora)]

    assert me["owners"] == ["group:course-a"]
    assert (built["owner"], built["requested_by"]) == ("group:course-a", "user:dora")
    assert [answer.status_code for answer in refused] == [403, 403]
    assert left == [403, 403, 204]


def test_a_scope_that_the_hub_narrows_from_a_group_to_a_member_gives_no_right_over_that_member(behind: Behind) -> None:
    """For the Hub a scope with ``!group`` covers all members, so that each can have a token for any other."""
    of_dan = [f"custom:repo2docker:{name}!user=dan" for name in ("builds:create", "builds:cancel", "builds:read")]
    of_dora = "custom:repo2docker:builds:create!user=dora"
    with (
        behind.client_of("dora", ACCESS, *of_dan) as dora,
        behind.client_of("dora", ACCESS, of_dora) as for_herself,
        behind.client_of("carol") as carol,
    ):
        built = build(carol, **wish(owner="user:dan"))
        answers = [
            dora.post("builds", json=wish(owner="user:dan")),
            dora.post("builds", json=wish()),
            dora.delete(f"builds/{built['id']}"),
        ]
        own = for_herself.post("builds", json=wish())

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert own.status_code == 202


@pytest.mark.slow
def test_a_stream_outlives_a_minute_of_silence_on_its_way_through_the_proxy(behind: Behind) -> None:
    with (
        behind.client_of("ben") as ben,
        behind.client_of("alice") as alice,
        # A proxy that gathers what it passes on would hold back the signs of life, and this would end.
        ben.stream("GET", "events", timeout=SIGN_OF_LIFE_WITHIN) as stream,
    ):
        lines = stream.raise_for_status().iter_lines()
        signs, silent_since = 0, time.monotonic()
        while time.monotonic() < silent_since + SILENCE:
            match next(lines)[:1]:
                case ":":
                    signs += 1
                case "e":  # what tests before this one have begun
                    signs, silent_since = 0, time.monotonic()
        begun = time.monotonic()
        alice.post("builds", json=wish()).raise_for_status()
        told = next(line for line in lines if line.startswith("event:"))
        took = time.monotonic() - begun

    assert signs >= 3
    assert told == "event: build"
    assert took < 5
