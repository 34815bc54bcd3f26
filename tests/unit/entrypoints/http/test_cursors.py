"""A cursor says where to go on and nothing else: whatever somebody makes of one, it shows nothing of others."""

from __future__ import annotations

import base64
import json
import random
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, World

from repo2docker_service.domain.models import BuildPlan, Owner, Source

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
OWNERS = ("user:ada", "user:bob", "group:team")
LISTS = ("builds", "images", "images?sort=name", "images?sort=size", "images?sort=featured")


@pytest.fixture
async def full(world: World) -> World:
    """Have shared and private things of everybody, one after the other."""
    for number in range(18):
        owner, private, tag = OWNERS[number % 3], number % 2 == 0, f"{number:040x}"
        image = world.put_image(owner, tag, private=private, size=number, digest=f"sha256:{number:064x}")
        world.registry.put(replace(image, created_at=NOON + timedelta(minutes=number)))
        destination = world.registry.destination("r2d/built", tag)
        who = Owner.parse(owner)
        plan = BuildPlan(secrets.token_hex(16), Source(REPO), COMMIT, destination.image, who, who, private=private)
        await world.builder.start(plan, destination)
    return world


async def whole(world: World, caller: str, listed: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await world.client(caller).get(f"api/v1/{listed}")).json()
    return answer


async def cursors_of(world: World, caller: str, listed: str) -> list[str]:
    """Go through a list one by one, and give all cursors on the way."""
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        page = await world.client(caller).get(f"api/v1/{listed}", params=params(listed, following))
        following = page.json()["next"]
        found += [following] if following else []
    return found


def params(listed: str, cursor: str) -> dict[str, str]:
    query = dict(part.split("=") for part in listed.partition("?")[2].split("&") if part)
    return {**query, "limit": "1", "cursor": cursor}


def spoilt(cursors: list[str], dice: random.Random) -> list[str]:
    """Give cursors that nobody was given: bent ones, and ones made up with care."""
    bent = []
    for cursor in cursors:
        letters = list(cursor)
        letters[dice.randrange(len(letters))] = dice.choice("AZaz09-_=.% \x00é")
        bent.append("".join(letters))
    values: list[Any] = [1e308, -1e308, 0, True, float("nan"), float("inf"), "", "~", None, [], {"a": 1}]
    keys = [[value, name] for value in values for name in ("", "~", "localhost/r2d/private")]
    return bent + [base64.urlsafe_b64encode(json.dumps(key).encode()).decode() for key in keys]


@pytest.mark.parametrize("listed", LISTS)
async def test_no_cursor_shows_or_counts_anything_of_others(full: World, listed: str) -> None:
    theirs = await cursors_of(full, "root", listed)
    mine = await whole(full, "bob", listed)
    known = {each["id"] for each in mine["items"]}
    statuses = set()

    for cursor in [*theirs, *spoilt(theirs, random.Random(31))]:
        answer = await full.client("bob").get(f"api/v1/{listed}", params=params(listed, cursor))
        statuses.add(answer.status_code)
        if answer.status_code == 200:
            page = answer.json()
            assert {each["id"] for each in page["items"]} <= known
            assert page["total"] == mine["total"]

    assert len(theirs) == 17
    assert 0 < len(known) < 18
    assert statuses == {200, 422}


@pytest.mark.parametrize("listed", ["builds", "images"])
async def test_whose_things_are_asked_for_makes_nothing_private_known(full: World, listed: str) -> None:
    everything = await whole(full, "bob", listed)

    for owner in OWNERS:
        page = await whole(full, "bob", f"{listed}?owner={owner}")
        expected = [each["id"] for each in everything["items"] if each["owner"] == owner]
        assert ([each["id"] for each in page["items"]], page["total"]) == (expected, len(expected))
        assert not any(each["private"] and each["owner"] != "user:bob" for each in page["items"])
