"""The small routes."""

from __future__ import annotations

import httpx
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, World

from repo2docker_service import __version__


async def test_a_source_is_resolved_with_its_refs_and_image(world: World, ada: httpx.AsyncClient) -> None:
    before = (await ada.post("api/v1/source", json={"repo": f"{REPO}/", "ref": "main"})).json()
    image = world.put_image()
    after = (await ada.post("api/v1/source", json={"repo": REPO})).json()

    assert before == {
        "repo": REPO,
        "ref": "main",
        "resolved_ref": "refs/heads/main",
        "commit": COMMIT,
        "subdir": "",
        "private": False,
        "refs": [
            {"name": "main", "kind": "branch", "commit": COMMIT},
            {"name": "other", "kind": "branch", "commit": "f" * 40},
        ],
        "image": None,
        "estimated_seconds": None,
    }
    assert after["image"]["name"] == str(image.name)
    assert await world.builder.list() == []


async def test_a_source_is_looked_up_only_for_those_who_build(world: World) -> None:
    answer = await world.client("viewer").post("api/v1/source", json={"repo": REPO})

    assert answer.status_code == 403


async def test_me_says_who_and_what_is_allowed(world: World, ada: httpx.AsyncClient) -> None:
    root = (await world.client("root").get("api/v1/me")).json()

    assert (await ada.get("api/v1/me")).json() == {
        "name": "ada",
        "kind": "user",
        "owner": "user:ada",
        "groups": ["team"],
        "owners": ["user:ada"],
        "permissions": ["builds:read", "builds:create", "builds:cancel", "images:read", "images:delete"],
        "admin": False,
        "login": "",
        "home": "",
        "limits": {"builds": 50, "images": 0},
    }
    assert root["admin"] is True


async def test_info_says_what_this_service_can_do(ada: httpx.AsyncClient) -> None:
    info = (await ada.get("api/v1/info")).json()

    assert info["version"] == __version__
    assert info["capabilities"]["credentials"] is True
    assert info["capabilities"]["servers"] is info["capabilities"]["named_servers"] is True
    assert info["profiles"] == []
    assert info["capabilities"]["force"] is True
    assert info["limits"]["repo"] == 2048
    assert info["after_delete"] == ""
