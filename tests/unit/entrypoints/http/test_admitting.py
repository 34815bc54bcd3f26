"""Who may build now, who has to wait, and how long it may take: as the API tells it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import REPO, Make, World, until

from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.models import Reason


async def post(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await client.post("api/v1/builds", json={"repo": REPO} | more)


async def begun(client: httpx.AsyncClient, **more: Any) -> str:
    answer = await post(client, **more)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def get(client: httpx.AsyncClient, build: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(f"api/v1/builds/{build}")).json()
    return answer


async def turns() -> None:
    """Let everybody do what they have to do now."""
    for _ in range(100):
        await asyncio.sleep(0)


def take(world: World, build: str, seconds: float) -> None:
    """Have a build succeed after so long."""
    world.builder.finish(build)
    run = world.builder._engine.runs[build]
    run.build = replace(run.build, finished_at=run.build.started_at + timedelta(seconds=seconds))


# --- what has just failed ---------------------------------------------------------------------


async def test_a_build_that_has_just_failed_is_the_answer_and_nothing_is_built(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    failed = await begun(ada)
    world.builder.finish(failed, Reason.BUILD_FAILED)

    answers = [await post(client) for client in (ada, bob)]

    told = await get(ada, failed)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json() for answer in answers] == [told, told]
    assert answers[0].headers["Location"] == answers[1].headers["Location"] == f"/api/v1/builds/{failed}"
    assert (told["id"], told["state"], told["reason"]) == (failed, "failed", "build-failed")
    assert told["message"] == ADVICE[Reason.BUILD_FAILED]
    assert (told["reused"], told["joined"]) == (False, False)
    assert len(await world.builder.list()) == 1


async def test_what_has_just_failed_is_built_again_when_somebody_insists(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    failed = await begun(ada)
    world.builder.finish(failed, Reason.BUILD_FAILED)

    again = await post(bob, force=True)

    assert (again.status_code, again.json()["state"], again.json()["owner"]) == (202, "queued", "user:bob")
    assert again.json()["id"] != failed


@pytest.mark.parametrize("reason", [Reason.OUT_OF_RESOURCES, Reason.BUILDER_LOST, Reason.INTERNAL])
async def test_what_failed_by_no_fault_of_its_own_is_built_again(
    world: World, ada: httpx.AsyncClient, reason: Reason
) -> None:
    failed = await begun(ada)
    world.builder.finish(failed, reason)

    assert await begun(ada) != failed


# --- quotas -----------------------------------------------------------------------------------


async def test_an_owner_with_too_many_builds_is_told_the_rule_and_when_to_try_again(make_world: Make) -> None:
    world = make_world(builds_per_owner=2)
    ada = world.client("ada")
    await begun(ada, subdir="one")
    await begun(ada, subdir="two")

    answer = await post(ada, subdir="three")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["detail"] == (
        "user:ada has 2 builds queued or running, and may have 2."
        " Try again in about 60 seconds, when one may have ended."
    )
    assert (told["title"], told["retry_after"]) == ("Quota exceeded", 60)
    assert len(await world.builder.list()) == 2


async def test_a_quota_is_each_owners_own_and_ends_nobodys_joining(make_world: Make) -> None:
    world = make_world(builds_per_owner=1)
    ada, bob = world.client("ada"), world.client("bob")
    of_ada = await begun(ada, subdir="one")
    await begun(bob, subdir="two")

    joined = await post(bob, subdir="one")
    of_team = await post(ada, subdir="three", owner="user:ada")

    assert (joined.status_code, joined.json()["id"], joined.json()["joined"]) == (202, of_ada, True)
    assert of_team.status_code == 429


async def test_requests_that_come_together_do_not_pass_the_quota(make_world: Make) -> None:
    world = make_world(builds_per_owner=3)
    ada = world.client("ada")

    answers = await asyncio.gather(*(post(ada, subdir=f"folder{number}") for number in range(8)))

    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 5


async def test_an_owner_with_too_many_images_has_to_delete_one(make_world: Make) -> None:
    world = make_world(images_per_owner=1)
    ada = world.client("ada")
    world.put_image(tag="another")

    answer = await post(ada)

    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers
    assert answer.json()["detail"] == (
        "user:ada has 1 image, and may keep 1. Delete one that is not needed any more, then try again."
    )
    assert (await post(world.client("bob"))).status_code == 202


async def test_an_existing_image_is_the_answer_to_an_owner_without_room_and_may_be_replaced(make_world: Make) -> None:
    world = make_world(images_per_owner=1, builds_per_owner=1)
    ada = world.client("ada")
    world.put_image()

    assert (await post(ada)).status_code == 200
    assert (await post(ada, force=True)).status_code == 202


# --- turns and times --------------------------------------------------------------------------


async def test_places_in_the_queue_are_by_turns(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    of_ada = [await begun(ada, subdir=f"folder{number}") for number in range(3)]
    of_bob = [await begun(bob, subdir=f"other{number}") for number in range(2)]

    places = [(await get(ada, build))["queue_position"] for build in [*of_ada, *of_bob]]

    assert places == [1, 3, 5, 2, 4]
    listed = {each["id"]: each["queue_position"] for each in (await ada.get("api/v1/builds")).json()["items"]}
    assert [listed[build] for build in [*of_ada, *of_bob]] == places


async def test_nothing_is_told_of_how_long_it_takes_before_anybody_knows(ada: httpx.AsyncClient) -> None:
    answer = await post(ada)

    assert "estimated_seconds" not in answer.json()
    assert "estimated_seconds" not in await get(ada, answer.json()["id"])


async def test_a_build_is_told_with_how_long_those_of_its_repository_took(world: World, ada: httpx.AsyncClient) -> None:
    for number, seconds in enumerate((50, 70, 400)):
        take(world, await begun(ada, subdir=f"folder{number}"), seconds)

    answer = await post(ada)
    build = answer.json()["id"]
    world.builder.begin(build)
    listed = {each["id"]: each for each in (await ada.get("api/v1/builds")).json()["items"]}

    assert answer.json()["estimated_seconds"] == 70
    assert (await get(ada, build))["estimated_seconds"] == 70
    assert listed[build]["estimated_seconds"] == 70
    assert [key for key, each in listed.items() if "estimated_seconds" in each] == [build]
    world.builder.finish(build)
    assert "estimated_seconds" not in await get(ada, build)


async def test_before_a_build_begins_it_is_told_how_long_one_takes_as_far_as_one_may_know(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    async def asked(client: httpx.AsyncClient) -> float | None:
        seconds: float | None = (await client.post("api/v1/source", json={"repo": REPO})).json()["estimated_seconds"]
        return seconds

    take(world, await begun(ada, subdir="one"), 50)
    assert await asked(ada) is None
    take(world, await begun(ada, subdir="two"), 70)
    assert (await asked(ada), await asked(bob)) == (60, 60)

    for run in world.builder._engine.runs.values():
        run.build = replace(run.build, plan=replace(run.build.plan, private=True))
    assert (await asked(ada), await asked(bob)) == (60, None)


async def test_who_follows_a_build_is_told_how_long_it_may_take(world: World, ada: httpx.AsyncClient) -> None:
    for folder in ("before", "earlier"):
        take(world, await begun(ada, subdir=folder), 70)
    build = await begun(ada)
    headers = {"Accept": "text/event-stream"}
    following = asyncio.create_task(ada.get(f"api/v1/builds/{build}/log", headers=headers))
    await until(lambda: len(world.services.builds.feeds) == 1)
    for number in range(1, 4):
        await turns()
        world.builder.write(build, f"#5 [{number}/3] RUN true")
    await turns()
    world.builder.finish(build)

    states, _, end = (await following).text.partition("event: end")

    assert '"step":2' in states
    assert states.count("event: state") == states.count('"estimated_seconds":70.0') > 2
    assert '"estimated_seconds"' not in end
