"""The whole web application over in-memory adapters."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.catalogs.memory import InMemoryCatalog
from repo2docker_service.adapters.launchers.memory import InMemoryServerLauncher
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.bootstrap import Services, bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE, LogArchive
from repo2docker_service.domain.models import BuildPlan, Image, ImageName, Owner, Source
from repo2docker_service.entrypoints.http.app import create_app
from repo2docker_service.entrypoints.http.event_stream import Pace
from repo2docker_service.plugins import Plugins, catalogue

REPO = "https://github.com/binder-examples/requirements"
COMMIT = "6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70"
OWN = ["builds:create!user", "builds:cancel!user", "images:delete!user", "images:read", "builds:read"]
PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {"scopes": OWN, "groups": ["team"]},
    "bob": {"scopes": OWN},
    "carl": {"scopes": OWN, "groups": ["team"]},
    "viewer": {"scopes": ["images:read"]},
    "nobody": {"scopes": []},
    "root": {"scopes": ["admin"]},
}

QUICK = Pace(flush=0.01)


@dataclass
class World:
    """An application, and what stands behind it."""

    app: FastAPI
    services: Services
    builder: Any
    registry: InMemoryRegistry
    catalog: InMemoryCatalog
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, name: str = "") -> httpx.AsyncClient:
        """A program that sends this person's token, or none."""
        headers = {"Authorization": f"Bearer {name}-token"} if name else {}
        base = f"http://test{self.services.settings.base_url}"
        transport = httpx.ASGITransport(self.app)
        # Without the environment no certificates are read, which takes longer than most tests.
        client = httpx.AsyncClient(transport=transport, base_url=base, headers=headers, trust_env=False, verify=False)
        self.clients.append(client)
        return client

    def put_image(self, owner: str = "user:ada", tag: str = COMMIT, **more: Any) -> Image:
        """Put an image into the registry, as if it had been built."""
        plan = BuildPlan(
            id=more.pop("build_id", "ab" * 16),
            source=Source(REPO),
            commit=COMMIT,
            image=self.registry.destination("r2d/github.com--binder-examples--requirements", tag).image,
            owner=Owner.parse(owner),
            requested_by=Owner.parse(more.pop("requested_by", owner)),
            private=more.pop("private", False),
            title="Requirements",
        )
        digest = more.pop("digest", "sha256:" + "cd" * 32)
        names: list[ImageName] = more.pop("names", [])
        created = more.pop("created_at", datetime(2026, 1, 31, 12, tzinfo=UTC))
        image = Image(plan.image, digest, created, more.pop("size", 5), plan, launch_reference=digest, **more)
        self.registry.put(image, *names)
        return image


Make = Callable[..., World]


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes applications, each with settings and parts of its own."""
    made: list[World] = []

    def make(
        builder: type[InMemoryImageBuilder] = InMemoryImageBuilder,
        pace: Pace = QUICK,
        authorizer: type[InMemoryAuthorizer] = InMemoryAuthorizer,
        plugins: Mapping[str, object] = {},
        log_archive: LogArchive = NO_ARCHIVE,
        **settings: Any,
    ) -> World:
        chosen = Repo2DockerService(data_dir=str(tmp_path), secret=["s" * 32], **settings)
        manager = Plugins()
        for name, plugin in plugins.items():
            manager.register(plugin, name)
        chosen.catalogue = catalogue(manager)
        installation = chosen.installation()
        # Tests may change them for themselves.
        tokens = {f"{name}-token": {"name": name, **deepcopy(person)} for name, person in PEOPLE.items()}
        parts: dict[str, Any] = {
            "image_builder": builder(installation=installation, manual=True),
            "registry": InMemoryRegistry(installation=installation),
            "catalog": InMemoryCatalog(),
            "log_archive": log_archive,
            "server_launcher": InMemoryServerLauncher(installation=installation, start_seconds=0.0),
            "authorizer": authorizer(installation=installation, tokens=tokens),
            "source_resolver": InMemorySourceResolver(
                installation=installation,
                accept_any=False,
                repositories={REPO: {"HEAD": COMMIT, "main": COMMIT, "other": "f" * 40}},
            ),
        }
        services = bootstrap(chosen, **parts)
        app = create_app(services, pace=pace)
        world = World(app, services, parts["image_builder"], parts["registry"], parts["catalog"])
        made.append(world)
        return world

    yield make
    for world in made:
        for client in world.clients:
            await client.aclose()


@pytest.fixture
def world(make_world: Make) -> World:
    return make_world()


@pytest.fixture
def ada(world: World) -> httpx.AsyncClient:
    return world.client("ada")


@pytest.fixture
def bob(world: World) -> httpx.AsyncClient:
    return world.client("bob")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@dataclass
class Event:
    """An event as a browser reads it."""

    name: str
    data: Any
    id: str = ""


async def read_events(response: httpx.Response) -> AsyncIterator[Event]:
    """Read a stream by the rules of the HTML standard; comments count as events called "comment"."""
    text = ""
    async for piece in response.aiter_text():
        text += piece
        *whole, text = text.split("\n\n")
        for block in whole:
            values: dict[str, list[str]] = {}
            for line in block.splitlines():
                name, _, value = line.partition(":")
                values.setdefault(name or "comment", []).append(value.removeprefix(" "))
            if "data" in values:
                yield Event(values["event"][0], json.loads("\n".join(values["data"])), values.get("id", [""])[0])
            elif "comment" in values:
                yield Event("comment", None)


@dataclass
class Live:
    """A web server on this machine."""

    client: httpx.AsyncClient
    server: uvicorn.Server
    port: int

    @asynccontextmanager
    async def events(self, path: str, **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
        """Open a stream, and leave it in the end."""
        headers = {"Accept": "text/event-stream"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200
            yield read_events(response)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[World], Awaitable[Live]]]:
    """Serves an application for real, on a free port, until the test ends."""
    running: list[tuple[uvicorn.Server, asyncio.Task[None], httpx.AsyncClient]] = []

    async def start(world: World) -> Live:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(world.app, log_level="warning", timeout_graceful_shutdown=1, ws="none")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        port = listener.getsockname()[1]
        client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}{world.services.settings.base_url}",
            headers={"Authorization": "Bearer ada-token"},
            timeout=10,
            trust_env=False,
            verify=False,
        )
        running.append((server, task, client))
        return Live(client, server, port)

    yield start
    for server, task, client in running:
        await client.aclose()
        server.should_exit = True
        await asyncio.wait_for(task, 10)
