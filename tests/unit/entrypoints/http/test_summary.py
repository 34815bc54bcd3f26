"""The whole service at a glance, over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import REPO, Make, World

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.errors import BuilderUnavailable, RegistryUnavailable
from repo2docker_service.domain.models import Build, ImageList, Reason

PATH = "api/v1/admin/summary"


class Weak(InMemoryImageBuilder):
    """Has something that an administrator should change."""

    async def warnings(self) -> Sequence[str]:
        return ["Its socket is open to all."]


@pytest.fixture
def busy(make_world: Make) -> World:
    world = make_world(builder=Weak, builds_per_owner=4, quotas={"group:team": {"builds": 3, "images": 2}})
    world.builder.build_settings = "new"
    world.builder.free_space, world.builder.min_free_disk = 900, 100
    return world


async def told(world: World) -> dict[str, Any]:
    answer = await world.client("root").get(PATH)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def start(client: httpx.AsyncClient, ref: str) -> str:
    return str((await client.post("api/v1/builds", json={"repo": REPO, "ref": ref})).json()["id"])


async def test_builds_are_told_by_state_reason_and_what_is_known_of_their_logs(busy: World) -> None:
    ada = busy.client("ada")
    failed, succeeded = await start(ada, "main"), await start(ada, "other")
    busy.builder.write(failed, "E: Unable to locate package nosuch")
    busy.builder.finish(failed, Reason.BUILD_FAILED)
    busy.builder.finish(succeeded)
    await start(ada, "c" * 40)

    builds = (await told(busy))["builds"]

    assert (builds["queued"], builds["building"], builds["pushing"]) == (1, 0, 0)
    assert builds["ended"] == {"succeeded": 1, "failed": 1, "cancelled": 0}
    assert (builds["durations"]["count"], builds["waits"]["count"]) == (1, 2)
    assert (builds["reasons"], builds["causes"]) == ({"build-failed": 1}, {})
    kind = (await ada.get(f"api/v1/builds/{failed}")).json()["cause"]["kind"]
    assert (await told(busy))["builds"]["causes"] == {kind: 1}


async def test_what_builds_fail_for_most_is_told_first(busy: World) -> None:
    ada, ends = busy.client("ada"), (Reason.BUILD_FAILED, Reason.TIMED_OUT, Reason.TIMED_OUT)
    for ref, reason in zip("abc", ends, strict=True):
        busy.builder.finish(await start(ada, ref * 40), reason)

    assert list((await told(busy))["builds"]["reasons"].items()) == [("timed-out", 2), ("build-failed", 1)]


async def test_images_owners_space_parts_and_warnings_are_told(busy: World) -> None:
    busy.put_image("user:ada", tag="a", size=5, digest="sha256:a", settings="old")
    busy.put_image("group:team", tag="b", size=9, digest="sha256:b", settings="new")

    found = await told(busy)

    images = found["images"]
    assert (images["count"], images["size"], images["partial"]) == (2, 14, False)
    assert [each["size"] for each in images["biggest"]] == [9, 5]
    assert images["outdated"] == {"Since it was built, settings that shape images have changed.": 1}
    limits = {"builds_limit": 3, "images_limit": 2}
    assert found["usage"][0] == {"owner": "group:team", "builds": 0, "images": 1, "size": 9, **limits}
    assert found["disk"] == {"free": 900, "reserve": 100}
    assert found["parts"]["builder"]["ok"] is True
    assert found["warnings"] == [{"part": "builder", "message": "Its socket is open to all."}]


async def test_while_it_is_not_known_how_images_are_built_now_none_is_said_to_be_up_to_date(busy: World) -> None:
    busy.builder.build_settings = ""
    busy.put_image("user:ada", settings="old")

    assert (await told(busy))["images"]["outdated"] is None


async def test_what_cannot_be_found_out_is_null(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_builds() -> Sequence[Build]:
        raise BuilderUnavailable("engine", "off")

    async def no_images() -> ImageList:
        raise RegistryUnavailable("registry", "off")

    monkeypatch.setattr(busy.builder, "list", no_builds)
    monkeypatch.setattr(busy.registry, "list", no_images)

    found = await told(busy)

    assert (found["builds"], found["images"], found["usage"]) == (None, None, None)
