"""A build is on record as soon as the engine has its container."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from tests.unit.adapters.docker.cards import IMAGE, IMAGE_ID, OURS, card_of, inspection
from tests.unit.adapters.docker.served_engine import served
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.containers import READY
from repo2docker_service.domain.models import BuildState, Destination

PLAN = plan_of()


@dataclass
class Filling:
    """An engine that makes one container, and takes its files when it may."""

    may_fill: asyncio.Event = field(default_factory=asyncio.Event)
    description: dict[str, object] | None = None
    filled: bytes = b""
    gone: bool = False

    async def list(self, _: web.Request) -> web.Response:
        return web.json_response([])

    async def image(self, _: web.Request) -> web.Response:
        return web.json_response({"Id": IMAGE_ID})

    async def create(self, request: web.Request) -> web.Response:
        self.description = await request.json()
        return web.json_response({"Id": inspection(card_of(PLAN))["Id"]}, status=201)

    async def inspect(self, _: web.Request) -> web.Response:
        if self.description is None:
            return web.json_response({"message": "No such container"}, status=404)
        config = {"Config": {**inspection(card_of(PLAN))["Config"], "Labels": self.description["Labels"]}}
        return web.json_response(inspection(card_of(PLAN)) | config)

    async def fill(self, request: web.Request) -> web.Response:
        await self.may_fill.wait()
        if self.gone:
            return web.json_response({"message": "No such container"}, status=404)
        self.filled += await request.read()
        return web.Response()


@pytest.fixture
def filling() -> Filling:
    return Filling()


@pytest.fixture
async def builder(filling: Filling, tmp_path: Path) -> AsyncIterator[DockerImageBuilder]:
    container = "/{version}/containers"
    routes = (
        web.get(f"{container}/json", filling.list),
        web.get("/{version}/images/{name}/json", filling.image),
        web.post(f"{container}/create", filling.create),
        web.get(f"{container}/{{id}}/json", filling.inspect),
        web.put(f"{container}/{{id}}/archive", filling.fill),
    )
    async with served(tmp_path / "e.sock", *routes) as connection:
        builder = DockerImageBuilder(url=connection.url, repo2docker_image=IMAGE, installation=OURS)
        yield builder
        filling.may_fill.set()
        await filled(builder)
        await builder._engine.close()


async def filled(builder: DockerImageBuilder) -> None:
    await builder._reconciler.chores.settled(f"fill {PLAN.id}")


async def test_a_build_is_answered_before_its_files_are_in_and_then_gets_them(
    builder: DockerImageBuilder, filling: Filling
) -> None:
    async with asyncio.timeout(5):
        build = await builder.start(PLAN, Destination(PLAN.image, push=False))

    assert (build.state, build.joined, filling.filled) == (BuildState.QUEUED, False, b"")
    filling.may_fill.set()
    await filled(builder)
    assert READY.removeprefix("/run/").encode() in filling.filled


async def test_the_files_of_a_build_that_is_gone_meanwhile_trouble_nobody(
    builder: DockerImageBuilder, filling: Filling, caplog: pytest.LogCaptureFixture
) -> None:
    await builder.start(PLAN, Destination(PLAN.image, push=False))
    filling.gone = True
    filling.may_fill.set()
    await filled(builder)

    assert not caplog.records
