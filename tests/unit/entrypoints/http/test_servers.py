"""The routes about servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import Live, Make, World, until

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.errors import LauncherUnavailable, RegistryUnavailable, ServerNotFound, TooManyServers
from repo2docker_service.domain.models import Identity, Image, ImageList
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.servers import Launch, Server, ServerProgress, ServerState

Serve = Callable[[World], Awaitable[Live]]


class PlayedLauncher:
    """Does what a test says, and remembers with whose token it was asked."""

    named_servers = True

    def __init__(self, *steps: ServerProgress | Exception) -> None:
        self.steps = steps
        self.tokens: list[str] = []
        self.error: Exception | None = None
        self.servers: list[Server] = []
        self.closed = False

    async def offered(self) -> bool:
        return True

    async def list(self, who: Identity, token: str) -> Sequence[Server]:
        self._ask(who, token)
        return self.servers

    async def start(self, who: Identity, token: str, launch: Launch) -> Server:
        self._ask(who, token)
        reference = launch.image.launch_reference
        return Server(launch.server_name, ServerState.STARTING, image=reference, path=launch.path)

    async def stop(self, who: Identity, token: str, name: str) -> None:
        self._ask(who, token)
        raise ServerNotFound(name)

    async def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:
        self._ask(who, token)
        try:
            for step in self.steps:
                if isinstance(step, Exception):
                    raise step
                yield step
            await asyncio.Event().wait()
        finally:
            self.closed = True

    def _ask(self, who: Identity, token: str) -> None:
        assert who.name == token.removesuffix("-token")
        self.tokens.append(token)
        if self.error:
            raise self.error


class LostRegistry(InMemoryRegistry):
    """Answers no more."""

    asked = 0

    async def list(self) -> ImageList:
        self.asked += 1
        raise RegistryUnavailable("registry", "it is away")


def launches(world: World, launcher: PlayedLauncher) -> PlayedLauncher:
    """Let an application start servers with this."""
    object.__setattr__(world.services.servers, "launcher", launcher)
    return launcher


def wish(image: Image, **more: str) -> dict[str, str]:
    return {"image": image_id(str(image.name)), **more}


async def test_a_server_is_started_from_an_image_by_its_id(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image(launchable=True)
    launcher = launches(world, PlayedLauncher())

    answer = await ada.post("api/v1/servers", json=wish(image, path="a b.ipynb"))

    assert answer.status_code == 202
    server = answer.json()
    assert answer.headers["Location"] == f"/api/v1/servers/{server['name']}/progress"
    assert server == {
        "name": server["name"],
        "state": "starting",
        "url": "",
        "open_url": "",
        "title": "",
        "image": image.launch_reference,
        "image_id": image_id(str(image.name)),
        "profile": "",
        "path": "a b.ipynb",
    }
    assert launcher.tokens == ["ada-token"]


async def test_one_that_runs_already_is_the_answer(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image()

    answers = [await ada.post("api/v1/servers", json=wish(image, server_name="mine", path=path)) for path in "ab"]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json()["name"] == "mine"
    assert answers[1].json()["open_url"] == "/user/ada/mine/lab/tree/b"


async def test_an_image_can_be_named_in_full(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image()

    assert (await ada.post("api/v1/servers", json={"image": str(image.name)})).status_code == 200


async def test_servers_are_listed_with_the_images_that_they_were_started_from(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    image = world.put_image()
    await ada.post("api/v1/servers", json=wish(image, server_name="mine", path="/rstudio"))

    mine, others = (await ada.get("api/v1/servers")).json(), (await bob.get("api/v1/servers")).json()

    assert others == {"items": []}
    (server,) = mine["items"]
    assert server["image_id"] == image_id(str(image.name))
    assert server["open_url"] == "/user/ada/mine/rstudio"
    assert server["started_at"].endswith("Z")


async def test_servers_of_unknown_images_are_listed_too_and_stopped_ones_come_last(
    world: World, ada: httpx.AsyncClient
) -> None:
    launcher = launches(world, PlayedLauncher())
    launcher.servers = [
        Server("b", ServerState.STOPPED),
        Server("", ServerState.READY, "/user/ada/", last_activity=datetime(2026, 1, 31, tzinfo=UTC)),
        Server("a", ServerState.STOPPING, "/user/ada/a/"),
    ]

    items = (await ada.get("api/v1/servers")).json()["items"]

    assert [(item["name"], item["state"]) for item in items] == [("", "ready"), ("a", "stopping"), ("b", "stopped")]
    assert "image_id" not in items[0]
    assert items[0]["last_activity"] == "2026-01-31T00:00:00Z"


async def test_a_registry_that_is_away_hides_no_server(world: World, ada: httpx.AsyncClient) -> None:
    launcher = launches(world, PlayedLauncher())
    lost = LostRegistry(installation=world.services.installation)
    object.__setattr__(world.services.images.curated, "registry", lost)

    assert (await ada.get("api/v1/servers")).json()["items"] == []
    assert lost.asked == 0, "there is nothing to tell of images"
    launcher.servers = [Server("a", ServerState.READY, "/user/ada/a/", image="sha256:12")]
    answer = await ada.get("api/v1/servers")

    assert lost.asked == 1
    assert answer.status_code == 200
    assert answer.json()["items"][0]["image"] == "sha256:12"


async def test_a_server_is_stopped_and_is_gone(world: World, ada: httpx.AsyncClient) -> None:
    await ada.post("api/v1/servers", json=wish(world.put_image(), server_name="mine"))

    answers = [await ada.delete("api/v1/servers/mine") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert answers[1].json()["detail"] == "You have no server mine."


async def test_the_server_without_a_name_is_a_hyphen_in_addresses(world: World, ada: httpx.AsyncClient) -> None:
    launches(world, PlayedLauncher())

    assert (await ada.delete("api/v1/servers/-")).json()["detail"] == "You have no server without a name."


@pytest.mark.parametrize("name", ["%2e%2e", "a%2fb", "a%00b", "%E2%80%AEb", "a" * 256])
async def test_what_can_be_no_name_of_a_server_is_missing(world: World, ada: httpx.AsyncClient, name: str) -> None:
    launcher = launches(world, PlayedLauncher())

    assert (await ada.delete(f"api/v1/servers/{name}")).status_code == 404
    assert launcher.tokens == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"server_name": "Mine!"}, "server_name"),
        ({"profile": "huge"}, "profile"),
        ({"path": "../etc"}, "path"),
        ({"path": "https://example.org/"}, "path"),
        ({"path": "//example.org/"}, "path"),
        ({"path": "a" * 1001}, "path"),
        ({"name": "x"}, "name"),
    ],
)
async def test_what_cannot_be_used_is_told_by_field(
    world: World, ada: httpx.AsyncClient, more: dict[str, Any], field: str
) -> None:
    answer = await ada.post("api/v1/servers", json=wish(world.put_image(), **more))

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_an_image_without_a_notebook_server_is_refused_with_what_to_do(
    world: World, ada: httpx.AsyncClient
) -> None:
    answer = await ada.post("api/v1/servers", json=wish(world.put_image(launchable=False)))

    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":launch-refused")
    assert "Add jupyterhub to" in answer.json()["detail"]


async def test_a_service_has_no_servers(world: World) -> None:
    tokens = {"robot-token": {"name": "robot", "kind": "service", "scopes": ["images:read"]}}
    world.services.authorizer.tokens = tokens  # type: ignore[attr-defined]
    image, robot = world.put_image(), world.client("robot")

    refused = await robot.post("api/v1/servers", json=wish(image))

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:repo2docker-service:launch-refused")
    assert (await robot.get("api/v1/servers")).json() == {"items": []}
    assert (await robot.get("api/v1/servers/-/progress")).status_code == 404
    assert (await robot.delete("api/v1/servers/-")).status_code == 404


async def test_a_hub_that_is_away_or_full_is_told_as_that(world: World, ada: httpx.AsyncClient) -> None:
    launcher, image = launches(world, PlayedLauncher()), world.put_image()
    launcher.error = LauncherUnavailable("hub", "it is away")
    away = await ada.get("api/v1/servers")
    launcher.error = TooManyServers("The hub starts no more servers now.", retry_after=7)
    full = await ada.post("api/v1/servers", json=wish(image))

    assert (away.status_code, away.json()["part"], away.headers["Retry-After"]) == (503, "hub", "5")
    assert (full.status_code, full.headers["Retry-After"]) == (429, "7")


async def test_a_body_that_is_no_json_starts_nothing(world: World, ada: httpx.AsyncClient) -> None:
    launcher = launches(world, PlayedLauncher())
    answer = await ada.post("api/v1/servers", content='{"image": "x"}', headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415
    assert launcher.tokens == []


@pytest.mark.served
async def test_the_progress_of_a_start_ends_with_what_to_open(world: World, serve: Serve) -> None:
    steps = (ServerProgress(0, "Server requested"), ServerProgress(100, ready=True, url="/user/ada/mine/"))
    launcher = launches(world, PlayedLauncher(*steps))
    launcher.servers = [Server("mine", ServerState.READY, "/user/ada/mine/", path="notebooks/a b.ipynb")]
    live = await serve(world)

    async with asyncio.timeout(20), live.events("api/v1/servers/mine/progress") as events:
        first, last = await anext(events), await anext(events)

    assert (first.name, first.data) == ("progress", {"percent": 0, "message": "Server requested"})
    opened = "/user/ada/mine/lab/tree/notebooks/a%20b.ipynb"
    assert (last.name, last.data) == ("ready", {"url": "/user/ada/mine/", "open_url": opened})


@pytest.mark.served
async def test_a_failed_start_and_a_lost_hub_are_told_in_the_stream(make_world: Make, serve: Serve) -> None:
    begun = ServerProgress(10, "Pulling")
    failed, lost = make_world(), make_world()
    launches(failed, PlayedLauncher(begun, ServerProgress(100, "The image is gone.", failed=True)))
    launches(lost, PlayedLauncher(begun, LauncherUnavailable("hub", "it is away")))
    told = []
    for world in (failed, lost):
        live = await serve(world)
        async with asyncio.timeout(20), live.events("api/v1/servers/-/progress") as events:
            await anext(events)
            told.append(await anext(events))

    assert (told[0].name, told[0].data) == ("failed", {"message": "The image is gone."})
    assert (told[1].name, told[1].data["status"], told[1].data["part"]) == ("error", 503, "hub")


@pytest.mark.served
async def test_who_leaves_ends_the_asking(world: World, serve: Serve) -> None:
    launcher = launches(world, PlayedLauncher(ServerProgress(10, "Pulling")))
    live = await serve(world)
    async with asyncio.timeout(20), live.events("api/v1/servers/-/progress") as events:
        await anext(events)
    await until(lambda: launcher.closed)


async def test_a_start_that_is_not_there_is_a_status(world: World, ada: httpx.AsyncClient) -> None:
    answer = await ada.get("api/v1/servers/mine/progress")

    assert answer.status_code == 404
    assert answer.json()["server"] == "mine"
