"""Images over HTTP: statuses and shapes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, World

from repo2docker_service.domain.models import ImageList, ImageName
from repo2docker_service.domain.naming import image_id


def path_of(name: object) -> str:
    return f"api/v1/images/{image_id(str(name))}"


async def test_an_image_is_told_in_full(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image(settings="as they were", launchable=True)
    world.builder.build_settings = "as they are"
    answer = await ada.get(path_of(image.name))

    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{image.digest}"'
    assert answer.json() == {
        "id": image_id(str(image.name)),
        "name": f"localhost/r2d/github.com--binder-examples--requirements:{COMMIT}",
        "digest": image.digest,
        "created_at": "2026-01-31T12:00:00Z",
        "size": 5,
        "title": "Requirements",
        "description": "",
        "repo": REPO,
        "ref": "HEAD",
        "commit": COMMIT,
        "subdir": "",
        "owner": "user:ada",
        "requested_by": "user:ada",
        "private": False,
        "outdated": "Since it was built, settings that shape images have changed.",
        "launchable": True,
        "changed_outside": None,
        "launch_reference": image.digest,
        "build_id": image.plan.id,
        "build_args": [],
        "featured": False,
        "default": False,
        "protected": False,
        "profile": "",
    }


async def test_what_cannot_be_read_is_told_by_name_to_who_may_know_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put_image()
    known = await world.registry.list()
    shared, private = (
        ImageName("localhost", "r2d/example.org--x", tag) for tag in ("1" * 40, f"{'2' * 40}-{'3' * 32}")
    )
    others = [ImageName("localhost", "r2d/example.org--many", f"{number:040x}") for number in range(200)]

    async def listed() -> ImageList:
        return replace(known, unreadable={shared, private})

    monkeypatch.setattr(world.registry, "list", listed)
    for who, query, names in (
        ("ada", "", [shared]),
        ("ada", "?limit=1&q=nothing", [shared]),
        ("ada", "?visible_to=user:ada", []),
        ("root", "", [shared, private]),
    ):
        answer = await world.client(who).get(f"api/v1/images{query}")
        assert answer.json()["unreadable"] == [str(name) for name in names]

    known = replace(known, unreadable=others)
    monkeypatch.setattr(world.registry, "list", lambda: asyncio.sleep(0, known))
    assert len((await world.client("ada").get("api/v1/images")).json()["unreadable"]) == 100


async def test_images_are_listed_with_how_fresh_the_list_is(world: World, ada: httpx.AsyncClient) -> None:
    world.put_image()
    answer = (await ada.get("api/v1/images")).json()

    assert set(answer) == {"items", "next", "total", "as_of", "stale", "partial", "unreadable"}
    assert (answer["total"], answer["next"], answer["stale"]) == (1, None, False)
    assert answer["partial"] is False
    assert answer["as_of"].endswith("Z")
    assert answer["items"][0]["launchable"] is None


async def test_images_are_filtered_sorted_and_paged(world: World, ada: httpx.AsyncClient) -> None:
    for number, size in enumerate((30, 10, 20)):
        world.put_image(
            owner="user:ada" if number else "user:bob",
            tag=f"t{number}",
            size=size,
            build_id=f"{number}" * 32,
            created_at=datetime(2026, 1, 1 + number, tzinfo=UTC),
        )

    async def tags(**query: str) -> list[str]:
        items = (await ada.get("api/v1/images", params=query)).json()["items"]
        return [each["name"].rpartition(":")[2] for each in items]

    assert await tags() == ["t2", "t1", "t0"]
    assert await tags(sort="size") == ["t0", "t2", "t1"]
    assert await tags(sort="name") == ["t0", "t1", "t2"]
    assert await tags(owner="user:bob") == ["t0"]
    assert await tags(q="REQUIREMENTS nothing") == []
    assert await tags(q="requirements binder", limit="1") == ["t2"]
    assert await tags(repo=REPO + "x") == []
    assert await tags(name="localhost/r2d/github.com--binder-examples--requirements:t1") == ["t1"]


@pytest.mark.parametrize("query", ["sort=colour", "limit=0", "visible_to=ada", "owner=x", "cursor=%FF"])
async def test_a_bad_filter_is_refused_by_name(ada: httpx.AsyncClient, query: str) -> None:
    answer = await ada.get(f"api/v1/images?{query}")

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [query.split("=", maxsplit=1)[0]]


async def test_a_cursor_of_another_order_is_refused(world: World, ada: httpx.AsyncClient) -> None:
    for tag in "abc":
        world.put_image(tag=tag)
    page = (await ada.get("api/v1/images", params={"sort": "name", "limit": 1})).json()
    answer = await ada.get("api/v1/images", params={"sort": "size", "limit": 1, "cursor": page["next"]})

    assert answer.status_code == 422


async def test_an_image_is_deleted_when_the_digest_is_the_one_that_was_seen(
    world: World, ada: httpx.AsyncClient
) -> None:
    image = world.put_image()
    etag = (await ada.get(path_of(image.name))).headers["ETag"]
    answer = await ada.delete(path_of(image.name), headers={"If-Match": etag})

    assert (answer.status_code, answer.content) == (204, b"")
    again = await ada.delete(path_of(image.name), headers={"If-Match": etag})
    assert again.status_code == 404


async def test_a_deletion_without_the_digest_is_refused(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image()
    answer = await ada.delete(path_of(image.name))

    assert answer.status_code == 428
    assert "If-Match" in answer.json()["detail"]
    assert await world.registry.find(image.name)


@pytest.mark.parametrize("given", ["*", "sha256:ab", 'W/"sha256:ab"', '"a", "b"', '""'])
async def test_a_digest_that_is_none_is_refused(world: World, ada: httpx.AsyncClient, given: str) -> None:
    image = world.put_image()
    answer = await ada.delete(path_of(image.name), headers={"If-Match": given})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "If-Match"


async def test_an_image_that_was_replaced_meanwhile_is_kept(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image()
    world.registry.put(replace(image, digest="sha256:new"))
    answer = await ada.delete(path_of(image.name), headers={"If-Match": f'"{image.digest}"'})

    assert answer.status_code == 412
    assert (answer.json()["expected"], answer.json()["actual"]) == (image.digest, "sha256:new")
    assert await world.registry.find(image.name)


async def test_an_image_in_use_is_kept_and_its_users_named(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image()
    world.registry.use(image.name, "jupyter-ada")
    answer = await ada.delete(path_of(image.name), headers={"If-Match": f'"{image.digest}"'})

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:repo2docker-service:image-in-use"
    assert answer.json()["users"] == ["jupyter-ada"]


async def test_other_names_of_a_digest_are_listed_and_deleted_only_when_asked_for(
    world: World, ada: httpx.AsyncClient
) -> None:
    image = world.put_image()
    other = replace(image.name, tag="other")
    world.registry.put(image, other)
    headers = {"If-Match": f'"{image.digest}"'}

    refused = await ada.delete(path_of(image.name), headers=headers)
    mistyped = await ada.delete(path_of(image.name) + "?siblings=yes", headers=headers)
    done = await ada.delete(path_of(image.name) + "?siblings=delete", headers=headers)

    assert refused.status_code == 409
    assert refused.json()["siblings"] == [str(other)]
    assert mistyped.status_code == 422
    assert done.status_code == 204
    assert (await world.registry.list()).images == ()


async def test_only_owner_requester_and_admins_delete(world: World, bob: httpx.AsyncClient) -> None:
    image = world.put_image()
    headers = {"If-Match": f'"{image.digest}"'}

    assert (await bob.delete(path_of(image.name), headers=headers)).status_code == 403
    assert (await world.client("viewer").delete(path_of(image.name), headers=headers)).status_code == 403
    assert (await world.client("root").delete(path_of(image.name), headers=headers)).status_code == 204


@pytest.mark.parametrize("identifier", ["0" * 24, "short", "x" * 5000])
async def test_an_image_that_is_not_there_is_not_found(ada: httpx.AsyncClient, identifier: str) -> None:
    for method in ("GET", "DELETE"):
        answer = await ada.request(method, f"api/v1/images/{identifier}", headers={"If-Match": '"x"'})

        assert answer.status_code == 404
        assert len(answer.content) < 500
