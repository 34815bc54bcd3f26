"""What the administrator says of images, as the API tells it and keeps to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, Make, World

from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.models import ImageName
from repo2docker_service.domain.naming import image_id

SMALL = {"slug": "small", "cpu": 0.5, "memory": "2G", "description": "Enough for most."}
GPU = {"slug": "gpu", "title": "With a card", "node_selector": {"gpu": "yes"}}


def say(world: World, **said: Any) -> None:
    world.catalog.said = [CatalogEntry(REPO, curation=Curation(**said))]


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("api/v1/images", params=query)).json()["items"]
    return items


def path_of(name: ImageName) -> str:
    return f"api/v1/images/{image_id(str(name))}"


async def test_an_image_is_told_in_the_words_of_the_administrator(world: World, ada: httpx.AsyncClient) -> None:
    world.put_image()
    say(world, title="Climate", description="Models.", featured=True, default=True, protected=True, profile="small")

    [told] = await listed(ada)

    assert (told["title"], told["description"], told["profile"]) == ("Climate", "Models.", "small")
    assert told["featured"] is told["default"] is told["protected"] is True


async def test_where_the_administrator_says_nothing_the_words_of_who_built_it_stay(
    world: World, ada: httpx.AsyncClient
) -> None:
    world.put_image()
    say(world, featured=True)

    assert [each["title"] for each in await listed(ada)] == ["Requirements"]


async def test_featured_images_come_first_on_demand(world: World, ada: httpx.AsyncClient) -> None:
    older, newer = "a" * 40, "b" * 40
    world.put_image(tag=older)
    world.put_image(tag=newer, private=True, created_at=datetime.now(UTC))  # private ones are never featured
    world.catalog.said = [CatalogEntry(REPO, commit=COMMIT, curation=Curation(featured=True))]

    for sort, tags in {"featured": [older, newer], "newest": [newer, older]}.items():
        assert [each["name"].rpartition(":")[2] for each in await listed(ada, sort=sort)] == tags


async def test_an_image_is_found_by_address_and_ref_however_the_address_is_written(
    world: World, ada: httpx.AsyncClient
) -> None:
    world.put_image()

    assert len(await listed(ada, repo=f"{REPO.upper().replace('HTTPS://GITHUB.COM', 'HTTPS://GitHub.com')}")) == 0
    assert len(await listed(ada, repo=f"{REPO}.git", ref="HEAD")) == 1
    assert len(await listed(ada, repo=f"{REPO}/", ref=COMMIT)) == 1
    assert len(await listed(ada, repo=REPO, ref="main")) == 0


@pytest.mark.parametrize("query", ["repo=nothing", "group=team"])
async def test_what_cannot_be_meant_is_refused_by_name(ada: httpx.AsyncClient, query: str) -> None:
    answer = await ada.get(f"api/v1/images?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("more", ["", "?siblings=delete"])
async def test_a_protected_image_is_not_deleted(world: World, more: str) -> None:
    image = world.put_image()
    say(world, protected=True)

    seen = {"If-Match": f'"{image.digest}"'}
    answer = await world.client("root").delete(f"{path_of(image.name)}{more}", headers=seen)

    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":image-protected")
    assert answer.json()["image"] == str(image.name)


async def test_a_protected_image_is_not_built_anew_for_anybody(world: World) -> None:
    root = world.client("root")
    world.put_image()
    say(world, protected=True)

    answer = await root.post("api/v1/builds", json={"repo": REPO, "force": True})

    assert answer.status_code == 409
    assert answer.json()["detail"].endswith("so it is kept as it is.")
    assert (await root.post("api/v1/builds", json={"repo": REPO})).json()["reused"] is True


async def test_profiles_are_told_to_who_may_ask_for_them(make_world: Make) -> None:
    info = (await make_world(profiles=[SMALL, GPU]).client("ada").get("api/v1/info")).json()

    assert info["profiles"] == [
        {
            "slug": "small",
            "title": "small",
            "description": "Enough for most.",
            "cpu": 0.5,
            "memory": 2 * 2**30,
            "node_selector": {},
        },
        {
            "slug": "gpu",
            "title": "With a card",
            "description": "",
            "cpu": 0.0,
            "memory": 0,
            "node_selector": {"gpu": "yes"},
        },
    ]


async def test_a_server_gets_the_profile_of_its_image_where_none_is_asked_for(make_world: Make) -> None:
    world = make_world(profiles=[SMALL, GPU])
    ada, image = world.client("ada"), world.put_image()
    say(world, profile="small")

    async def started(**wish: str) -> httpx.Response:
        return await ada.post("api/v1/servers", json={"image": str(image.name)} | wish)

    assert (await started(server_name="a")).json()["profile"] == "small"
    assert (await started(server_name="b", profile="gpu")).json()["profile"] == "gpu"
    refused = await started(server_name="c", profile="smal")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["near"] == ["small"]


async def test_only_groups_of_the_settings_own_builds(make_world: Make) -> None:
    world = make_world(group_owners=["other"])
    world.services.authorizer.tokens["ada-token"]["scopes"].append("builds:create!group=team")  # type: ignore[attr-defined]
    ada = world.client("ada")
    wish = {"repo": REPO, "owner": "group:team"}

    answer = await ada.post("api/v1/builds", json=wish)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "owner"
    assert (await ada.get("api/v1/me")).json()["owners"] == ["user:ada"]


async def test_an_owner_may_have_a_quota_of_its_own(make_world: Make) -> None:
    world = make_world(quotas={"user:ada": {"builds": 1}})
    answers = [
        await world.client(name).post("api/v1/builds", json={"repo": REPO, "ref": ref})
        for name in ("ada", "bob")
        for ref in ("main", "other")
    ]

    # The second of Bob's is the first one of Ada's, once more; hers is refused.
    assert [answer.status_code for answer in answers] == [202, 429, 202, 202]
    assert answers[1].json()["detail"].startswith("user:ada has 1 build queued or running, and may have 1.")
    me = (await world.client("ada").get("api/v1/me")).json()
    assert me["limits"] == {"builds": 1, "images": 0}
