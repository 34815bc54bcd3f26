"""A build that only the archive has is answered as any other, for who may see it."""

from __future__ import annotations

import httpx
import pytest
from tests.unit.domain.archives import Shelf
from tests.unit.entrypoints.http.conftest import REPO, Event, Make, World, read_events
from tests.unit.entrypoints.http.test_metrics import figures, key

from repo2docker_service.domain.models import Reason

LOG = "one\nERROR: No matching distribution found for nosuchpackage\n"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def world(make_world: Make, shelf: Shelf) -> World:
    return make_world(log_archive=shelf, authenticate_prometheus=False)


async def failed(world: World, ada: httpx.AsyncClient) -> str:
    build_id: str = (await ada.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    world.builder.begin(build_id)
    world.builder.write(build_id, *LOG.splitlines())
    world.builder.finish(build_id, Reason.BUILD_FAILED)
    return build_id


async def test_its_page_its_log_and_its_stream_are_as_before(
    world: World, ada: httpx.AsyncClient, shelf: Shelf
) -> None:
    address = f"api/v1/builds/{await failed(world, ada)}"
    before = (await ada.get(address)).json()
    await world.services.archiver.sweep()
    await world.builder.forget(before["id"])

    assert (await ada.get(address)).json() == before
    assert before["cause"]
    assert (await ada.get(f"{address}/log")).text == LOG
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "1"}
    async with ada.stream("GET", f"{address}/log", headers=headers) as stream:
        events: list[Event] = [event async for event in read_events(stream) if event.name != "comment"]
    assert [event.data["lines"] for event in events if event.name == "log"] == [LOG.splitlines()[1:]]
    assert (events[-1].name, events[-1].data) == ("end", before)
    assert (await ada.post(f"{address}/cancel")).status_code == 409

    assert (await ada.delete(address)).status_code == 204
    assert [(await ada.get(path)).status_code for path in (address, f"{address}/log")] == [404, 404]
    assert shelf.kept == {}


async def test_an_archive_that_is_away_is_told_to_readers_administrators_and_prometheus(
    world: World, ada: httpx.AsyncClient, shelf: Shelf
) -> None:
    gone = await failed(world, ada)
    await world.services.archiver.sweep()
    await world.builder.forget(gone)
    waiting = (await ada.post("api/v1/builds", json={"repo": REPO, "force": True})).json()["id"]
    world.builder.begin(waiting)
    world.builder.finish(waiting, Reason.BUILD_FAILED)
    shelf.away = True

    assert not await world.services.archiver.may_go(await world.builder.get(waiting))

    assert (await ada.get(f"api/v1/builds/{gone}/log")).status_code == 503
    summary = (await world.client("root").get("api/v1/admin/summary")).json()
    assert "archived" in str(summary)
    found = await figures(world)
    assert (found[key("logs_to_archive")], found[key("part_warnings", part="archive")]) == (1, 1)
