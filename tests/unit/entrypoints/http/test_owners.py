"""Removing all that an owner has, over the API."""

from __future__ import annotations

import pytest
from tests.unit.entrypoints.http.conftest import REPO, World

from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.models import Destination

PATH = "api/v1/admin/owners/user:ada/removal"


async def test_what_there_is_is_told_and_goes_when_it_is_asked_for(world: World) -> None:
    image = world.put_image()
    used = world.put_image(tag="used", build_id="ef" * 16, digest=f"sha256:{'ef' * 32}")
    world.registry.use(used.name, "a server")
    await world.builder.start(image.plan, Destination(image.name, push=False))
    root = world.client("root")

    told = (await root.get(PATH)).json()["items"]
    assert [(each["kind"], each["name"]) for each in told] == [
        ("build", image.plan.id),
        ("image", str(image.name)),
        ("image", str(used.name)),
    ]
    assert [each["repo"] for each in told] == [REPO] * 3
    assert ["stays" in each for each in told] == [False, False, True]
    assert len((await world.registry.list()).images) == 2

    answer = await root.post(PATH)
    assert answer.status_code == 200
    assert answer.json() == {"items": told, "partial": False}
    assert [each.name for each in (await world.registry.list()).images] == [used.name]


async def test_a_group_may_have_a_name_with_a_slash(world: World) -> None:
    image = world.put_image("group:school/class-1")
    path = "api/v1/admin/owners/group%3Aschool%2Fclass-1/removal"

    assert [each["name"] for each in (await world.client("root").get(path)).json()["items"]] == [str(image.name)]


@pytest.mark.parametrize("owner", ["", "ada", "user:", "robot:ada"])
async def test_what_is_no_owner_is_refused(world: World, owner: str) -> None:
    root = world.client("root")

    for ask in (root.get, root.post):
        answer = await ask(f"api/v1/admin/owners/{owner}/removal")
        assert answer.status_code == 422
        assert "owner" in answer.text


async def test_what_the_catalog_protects_goes_only_when_that_is_asked_for_in_so_many_words(world: World) -> None:
    world.put_image()
    world.catalog.said = [CatalogEntry(REPO, curation=Curation(protected=True))]
    root = world.client("root")

    assert (await root.post(PATH, params={"protected": "yes"})).status_code == 422
    for ask in (root.get, root.post):
        assert ["stays" in each for each in (await ask(PATH)).json()["items"]] == [True]
    assert len((await world.registry.list()).images) == 1

    for ask in (root.get, root.post):
        answer = await ask(PATH, params={"protected": "delete"})
        assert ["stays" in each for each in answer.json()["items"]] == [False]
    assert (await world.registry.list()).images == ()
