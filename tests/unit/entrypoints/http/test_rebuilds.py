"""Building outdated images again, over the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, Make, World

from repo2docker_service.domain.models import Image, ImageList, Reason
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.rebuilds.build_settings import written_settings

OLD, NEW = (written_settings({"appendix": text}) for text in ("", "RUN true"))
PATH = "api/v1/admin/rebuilds"


@pytest.fixture
def stale(make_world: Make) -> World:
    """Has three outdated images, of which one may be under way at once."""
    world = make_world(rebuilds_at_once=1)
    world.builder.build_settings = NEW
    for day in (1, 2, 3):
        put(world, day)
    return world


@pytest.fixture
def root(stale: World) -> httpx.AsyncClient:
    return stale.client("root")


def put(world: World, day: int) -> Image:
    created = datetime(2026, 1, day, tzinfo=UTC)
    return world.put_image(tag=f"{COMMIT}-{day:08x}", settings=OLD, created_at=created, build_id=f"{day:032x}")


async def test_what_would_be_built_again_is_listed_with_the_reason_the_next_one_first(root: httpx.AsyncClient) -> None:
    told = (await root.get(PATH)).json()

    assert [each["image"]["name"][-1] for each in told["items"]] == ["3", "2", "1"]
    assert {each["image"]["outdated"] for each in told["items"]} == {
        "Since it was built, these settings have changed: the appendix."
    }
    counts = {name: told[name] for name in ("under_way", "waiting", "skipped", "at_once", "begun")}
    assert counts == {"under_way": 0, "waiting": 3, "skipped": 0, "at_once": 1, "begun": []}
    assert datetime.fromisoformat(told["as_of"]).tzinfo is not None


async def test_they_are_built_again_one_after_the_other(stale: World, root: httpx.AsyncClient) -> None:
    first = await root.post(PATH, json={})
    assert first.status_code == 202
    [begun] = first.json()["begun"]
    assert first.json()["items"][0] | {"image": None} == {"image": None, "state": "under-way", "build_id": begun}
    assert (first.json()["under_way"], first.json()["waiting"]) == (1, 2)

    nothing = await root.post(PATH, json={})
    assert (nothing.status_code, nothing.json()["begun"]) == (200, [])

    stale.builder.finish(begun)
    again = (await root.post(PATH, json={})).json()
    assert (len(again["begun"]), again["under_way"], again["waiting"]) == (1, 1, 1)


async def test_a_list_is_of_one_state_and_short_where_that_is_wanted(stale: World, root: httpx.AsyncClient) -> None:
    await root.post(PATH, json={})

    waiting = (await root.get(PATH, params={"state": "waiting", "limit": 1})).json()
    assert [each["state"] for each in waiting["items"]] == ["waiting"]
    assert waiting["items"][0].keys() == {"image", "state"}
    assert (waiting["under_way"], waiting["waiting"]) == (1, 2)
    assert (await root.get(PATH, params={"state": "done"})).status_code == 422


async def test_what_has_failed_is_skipped_until_it_is_named_or_a_time_is(stale: World, root: httpx.AsyncClient) -> None:
    [begun] = (await root.post(PATH, json={})).json()["begun"]
    stale.builder.finish(begun, Reason.BUILD_FAILED)
    told: dict[str, Any] = (await root.get(PATH, params={"state": "skipped"})).json()
    [skipped] = told["items"]
    assert (skipped["why_skipped"], skipped["build_id"]) == ("Its last build failed: build-failed.", begun)
    assert (told["under_way"], told["waiting"], told["skipped"]) == (0, 2, 1)

    [again] = (await root.post(PATH, json={"images": [skipped["image"]["id"]]})).json()["begun"]
    stale.builder.finish(again, Reason.BUILD_FAILED)
    later = (await root.get(PATH)).json()["as_of"]
    assert (await root.post(PATH, json={"failed_before": later})).json()["skipped"] == 0


@pytest.mark.parametrize("body", [{"images": "all"}, {"failed_before": "2026-01-01T00:00:00"}, {"limit": 3}])
async def test_what_is_not_understood_begins_nothing(stale: World, root: httpx.AsyncClient, body: object) -> None:
    assert (await root.post(PATH, json=body)).status_code == 422
    assert await stale.builder.list() == []


@pytest.mark.parametrize(
    ("time", "problem"),
    [
        ("soon", "This must be a time, such as 2026-01-31T12:00:00Z."),
        (["soon"], "This must be a time, such as 2026-01-31T12:00:00Z."),
        ("2026-01-01T00:00:00", "This must tell its time zone, as 2026-01-31T12:00:00Z does."),
    ],
)
async def test_how_a_time_is_written_is_told(root: httpx.AsyncClient, time: object, problem: str) -> None:
    answer = await root.post(PATH, json={"failed_before": time})

    assert answer.json()["errors"] == [{"field": "failed_before", "problem": problem}]


async def test_where_not_all_images_are_known_that_is_told(
    stale: World, root: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await root.get(PATH)).json()["partial"] is False
    known = replace(await stale.registry.list(), partial=True)

    async def some() -> ImageList:
        return known

    monkeypatch.setattr(stale.registry, "list", some)

    assert (await root.get(PATH)).json()["partial"] is True
    assert (await root.get("api/v1/admin/summary")).json()["images"]["partial"] is True


async def test_an_image_that_is_not_there_is_missing(stale: World, root: httpx.AsyncClient) -> None:
    assert (await root.post(PATH, json={"images": ["0" * 24]})).status_code == 404
    named = image_id(str(put(stale, 4).name))
    assert (await root.post(PATH, json={"images": [named]})).status_code == 202
