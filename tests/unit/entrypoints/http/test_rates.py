"""One person neither asks nor reads at the cost of all others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from tests.unit.entrypoints.http.conftest import REPO, Live, Make, World, until

Serve = Callable[[World], Awaitable[Live]]


async def test_who_asks_too_often_is_told_when_to_ask_again(make_world: Make) -> None:
    world = make_world(requests_per_person=3)
    ada = world.client("ada")
    answers = [await ada.get("api/v1/me") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.json()["type"] == "urn:repo2docker-service:too-many-requests"
    assert 15 <= int(refused.headers["Retry-After"]) <= 20
    assert "user:ada may send 3 requests in a minute." in refused.json()["detail"]
    assert "Content-Security-Policy" in refused.headers


async def test_whatever_is_asked_counts_and_nothing_is_begun_by_what_is_too_much(make_world: Make) -> None:
    world = make_world(requests_per_person=3)
    ada = world.client("ada")
    await ada.get("api/v1/builds")
    await ada.get("api/v1/images/nothing")
    await ada.post("api/v1/source", json={"repo": REPO})
    refused = await ada.post("api/v1/builds", json={"repo": REPO})

    assert refused.status_code == 429
    assert await world.builder.list() == []


async def test_others_programs_and_administrators_are_answered_meanwhile(make_world: Make) -> None:
    world = make_world(requests_per_person=2)
    program = {"name": "program", "kind": "service", "scopes": ["images:read"]}
    world.services.authorizer.tokens["program-token"] = program  # type: ignore[attr-defined]
    for _ in range(5):
        await world.client("ada").get("api/v1/me")

    assert (await world.client("bob").get("api/v1/me")).status_code == 200
    for name in ("root", "program"):
        assert {(await world.client(name).get("api/v1/me")).status_code for _ in range(5)} == {200}


async def test_who_is_nobody_is_told_that_first(make_world: Make) -> None:
    world = make_world(requests_per_person=1)

    assert {(await world.client().get("api/v1/me")).status_code for _ in range(5)} == {401}


async def test_health_is_told_however_often_somebody_asks(make_world: Make) -> None:
    world = make_world(requests_per_person=1)

    assert {(await world.client("ada").get("health/live")).status_code for _ in range(5)} == {200}


@pytest.mark.served
async def test_one_person_reads_only_so_many_streams_at_once(make_world: Make, serve: Serve) -> None:
    world = make_world(streams_per_person=3)
    live = await serve(world)
    build = (await live.client.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    places = ("api/v1/events", f"api/v1/builds/{build}/log", "api/v1/events")
    readers = world.app.state.readers._reading
    async with AsyncExitStack() as stack:
        for place in places:
            await stack.enter_async_context(live.events(place))
        refused = await live.client.get(f"api/v1/builds/{build}/log")
        theirs = await stack.enter_async_context(
            live.client.stream("GET", "api/v1/events", headers={"Authorization": "Bearer bob-token"})
        )

        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "10"
        assert theirs.status_code == 200
        assert sorted(readers.values()) == [1, 3]
    await until(lambda: not readers)

    async with live.events("api/v1/events"):
        pass


@pytest.mark.served
async def test_a_stream_that_could_not_begin_takes_no_place(make_world: Make, serve: Serve) -> None:
    world = make_world(streams_per_person=1)
    live = await serve(world)
    for _ in range(3):
        assert (await live.client.get(f"api/v1/builds/{'0' * 32}/log")).status_code == 404

    async with live.events("api/v1/events"):
        pass


@pytest.mark.served
async def test_many_who_come_at_once_do_not_pass_the_limit(make_world: Make, serve: Serve) -> None:
    world = make_world(streams_per_person=3)
    live = await serve(world)

    found: list[int] = []

    async def read_on() -> None:
        async with live.client.stream("GET", "api/v1/events") as answer:
            found.append(answer.status_code)
            await until(lambda: len(found) == 20)

    await asyncio.gather(*(read_on() for _ in range(20)))

    assert found.count(200) == 3
    assert found.count(429) == 17
