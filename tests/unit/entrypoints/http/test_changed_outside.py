"""What somebody put in the place of an image is never taken for what was built."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import REPO, Make, World

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.models import Image

OTHER = f"sha256:{'0b' * 32}"
SENTENCE = "Somebody has put something else in the place of this image"


async def built(world: World) -> Image:
    answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO})
    world.builder.finish(answer.json()["id"])
    [image] = (await world.registry.list()).images
    return image


@pytest.fixture
async def image(world: World) -> Image:
    """An image that somebody has replaced, with all that its labels say."""
    image = await built(world)
    world.registry.put(replace(image, digest=OTHER))
    return image


async def listed(client: httpx.AsyncClient) -> dict[str, Any]:
    [item] = (await client.get("api/v1/images")).json()["items"]
    found: dict[str, Any] = item
    return found


async def test_what_was_built_is_told_to_be_that(world: World, ada: httpx.AsyncClient) -> None:
    await built(world)

    assert (await listed(ada))["changed_outside"] is False


async def test_an_image_that_was_replaced_is_told_wherever_it_is(ada: httpx.AsyncClient, image: Image) -> None:
    item = await listed(ada)

    assert (item["digest"], item["changed_outside"]) == (OTHER, True)
    assert (await ada.get(f"api/v1/images/{item['id']}")).json() == item


async def test_only_an_administrator_starts_it(world: World, ada: httpx.AsyncClient, image: Image) -> None:
    wish = {"image": (await listed(ada))["id"]}

    refused = await ada.post("api/v1/servers", json=wish)
    allowed = await world.client("root").post("api/v1/servers", json=wish)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:repo2docker-service:launch-refused")
    assert refused.json()["detail"].startswith(SENTENCE)
    assert allowed.status_code == 200


async def test_it_is_no_answer_to_who_asks_for_a_build(world: World, bob: httpx.AsyncClient, image: Image) -> None:
    source = (await bob.post("api/v1/source", json={"repo": REPO})).json()
    answer = await bob.post("api/v1/builds", json={"repo": REPO})
    world.builder.finish(answer.json()["id"])

    assert source["image"] is None
    assert (answer.status_code, answer.json()["reused"], answer.json()["owner"]) == (202, False, "user:ada")
    assert (await listed(bob))["changed_outside"] is False


async def test_one_that_is_protected_is_not_replaced_and_told_for_what_it_is(
    world: World, bob: httpx.AsyncClient, image: Image
) -> None:
    world.catalog.said = [CatalogEntry(REPO, curation=Curation(protected=True))]

    source = (await bob.post("api/v1/source", json={"repo": REPO})).json()
    answer = await bob.post("api/v1/builds", json={"repo": REPO})

    assert (source["image"]["digest"], source["image"]["changed_outside"]) == (OTHER, True)
    assert (answer.status_code, answer.json()["reused"], answer.json()["changed_outside"]) == (200, True, True)


async def test_nothing_is_told_of_what_no_build_on_record_has_made(
    world: World, ada: httpx.AsyncClient, image: Image
) -> None:
    await ada.delete(f"api/v1/builds/{image.plan.id}")

    assert (await listed(ada))["changed_outside"] is None


async def test_a_builder_that_keeps_no_digests_tells_nothing_and_hinders_nobody(make_world: Make) -> None:
    class Forgetful(InMemoryImageBuilder):
        async def pushed(self, builds: Collection[str], patience: float) -> Mapping[str, Collection[str]]:
            return {}

    world = make_world(Forgetful)
    image = await built(world)
    world.registry.put(replace(image, digest=OTHER))
    ada = world.client("ada")
    item = await listed(ada)

    assert item["changed_outside"] is None
    assert (await ada.post("api/v1/servers", json={"image": item["id"]})).status_code == 200
