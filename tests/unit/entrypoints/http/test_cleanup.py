"""Collecting what nobody needs any more, over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import REPO, World

from repo2docker_service.domain.retention.retention import LocalCopy

LONG_AGO = datetime.now(UTC) - timedelta(days=40)


@pytest.fixture
def root(world: World) -> httpx.AsyncClient:
    world.builder.local_copy_days = world.builder.retention_days = 30
    world.registry.push = True
    for tag, build, days in (("old", "ab", 0), ("new", "ef", 10)):
        image = world.put_image(tag=tag, build_id=build * 16, digest=f"sha256:{build * 32}")
        made = LONG_AGO + timedelta(days=days)
        world.builder.keep_copy(LocalCopy(image.name, image.digest, image.plan, made, 5, in_use=False))
    return world.client("root")


async def test_what_would_go_is_told_with_all_that_is_known_of_it_and_goes_when_it_is_asked_for(
    world: World, root: httpx.AsyncClient
) -> None:
    expected = {
        "kind": "copy",
        "name": "localhost/r2d/github.com--binder-examples--requirements:old",
        "repo": REPO,
        "since": LONG_AGO.isoformat().replace("+00:00", "Z"),
        "size": 5,
        "why": "It was made more than 30 days ago; the registry has it.",
    }

    told = (await root.get("api/v1/admin/cleanup")).json()
    assert told == {"items": [expected]}
    assert len(await world.builder.copies()) == 2

    assert (await root.post("api/v1/admin/cleanup")).json() == told
    assert len(await world.builder.copies()) == 1
    assert (await root.post("api/v1/admin/cleanup")).json() == {"items": []}


async def test_what_is_collected_over_the_api_stays_among_the_images(root: httpx.AsyncClient) -> None:
    await root.post("api/v1/admin/cleanup")

    assert (await root.get("api/v1/images")).json()["total"] == 2
