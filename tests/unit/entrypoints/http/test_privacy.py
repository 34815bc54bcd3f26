"""Private things do not exist for others, anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, World

from repo2docker_service.domain.models import BuildPlan, ImageName, Owner, Source
from repo2docker_service.domain.naming import image_id

MISSING = "12" * 16


async def private_build(world: World, owner: str) -> str:
    name = world.registry.destination("r2d/private/x", COMMIT)
    who = Owner.parse(owner)
    plan = BuildPlan("cd" * 16, Source(REPO), COMMIT, name.image, who, who, private=True)
    return str((await world.builder.start(plan, name)).id)


@pytest.mark.parametrize("name", ["bob", "viewer"])
async def test_a_private_build_is_missing_for_others_in_the_same_words(world: World, name: str) -> None:
    build = await private_build(world, "user:ada")
    other = world.client(name)

    for method, path in (("GET", ""), ("GET", "/log"), ("POST", "/cancel"), ("DELETE", "")):
        hidden = await other.request(method, f"api/v1/builds/{build}{path}")
        missing = await other.request(method, f"api/v1/builds/{MISSING}{path}")

        assert hidden.status_code == missing.status_code == 404
        assert hidden.text.replace(build, MISSING) == missing.text
    stream = await other.get(f"api/v1/builds/{build}/log", headers={"Accept": "text/event-stream"})
    assert stream.status_code == 404


async def test_a_private_build_is_neither_listed_nor_counted_for_others(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    build = await private_build(world, "user:ada")
    mine = (await ada.get("api/v1/builds")).json()

    assert [each["id"] for each in mine["items"]] == [build]
    assert mine["items"][0]["private"] is True
    for query in ("", "?owner=user:ada", "?state=queued"):
        assert (await bob.get(f"api/v1/builds{query}")).json() == {"items": [], "next": None, "total": 0}


async def test_members_of_the_owning_group_see_a_private_build(world: World, bob: httpx.AsyncClient) -> None:
    build = await private_build(world, "group:team")

    assert (await world.client("carl").get(f"api/v1/builds/{build}")).status_code == 200
    assert (await world.client("root").get(f"api/v1/builds/{build}")).status_code == 200
    assert (await bob.get(f"api/v1/builds/{build}")).status_code == 404


async def test_a_private_image_is_missing_for_others(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    image = world.put_image(private=True)
    path = f"api/v1/images/{image_id(str(image.name))}"

    assert (await ada.get(path)).status_code == 200
    assert (await bob.get(path)).status_code == 404
    assert (await bob.delete(path, headers={"If-Match": f'"{image.digest}"'})).status_code == 404
    assert (await bob.get(f"api/v1/builds/{image.plan.id}")).status_code == 404
    listed = (await bob.get("api/v1/images")).json()
    assert (listed["items"], listed["total"]) == ([], 0)


async def test_pages_of_others_are_not_shortened_by_what_they_may_not_see(world: World, bob: httpx.AsyncClient) -> None:
    for number in range(6):
        image = world.put_image(tag=f"t{number}", private=number % 2 == 0, build_id=f"{number}" * 32)
        assert isinstance(image.name, ImageName)
        world.registry.put(replace(image, created_at=datetime(2026, 1, 1 + number, tzinfo=UTC)))
    page = (await bob.get("api/v1/images", params={"limit": 3})).json()

    assert [each["name"][-2:] for each in page["items"]] == ["t5", "t3", "t1"]
    assert (page["next"], page["total"]) == (None, 3)
