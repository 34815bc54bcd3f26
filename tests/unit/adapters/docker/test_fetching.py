"""The image that builds run in is fetched once, and nobody waits for it in a request."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.unit.adapters.docker.served_engine import crew_on, served

from repo2docker_service.adapters.builders.docker import builder_image
from repo2docker_service.adapters.builders.docker import crew as module
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.domain.errors import BuilderImageMissing


class SlowEngine:
    """An engine that has no image until somebody lets it."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.has = False
        self.refuses = False
        self.pulls = 0

    async def pull(self, _: web.Request) -> web.StreamResponse:
        self.pulls += 1
        if self.refuses:
            return web.json_response({"message": "no such host"}, status=500)
        await self.let.wait()
        self.has = True
        return web.Response(text='{"status":"done"}\r\n', content_type="application/json")

    async def inspect(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"Id": "sha256:1"} if self.has else {"message": "none"}, status=200 if self.has else 404
        )


@pytest.fixture
def slow() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
async def crew(slow: SlowEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crew]:
    monkeypatch.setattr(builder_image, "_PATIENCE", 0.05)
    routes = web.post("/{version}/images/create", slow.pull), web.get("/{version}/images/{name:.+}/json", slow.inspect)
    async with served(tmp_path / "e.sock", *routes) as connection:
        yield crew_on(connection)


async def test_a_request_does_not_wait_long_while_the_image_is_fetched_once(slow: SlowEngine, crew: Crew) -> None:
    for _ in range(3):
        with pytest.raises(BuilderImageMissing, match="is fetching the image"):
            await crew.builder_image.id()
    slow.let.set()
    await crew.builder_image.fetch()

    assert await crew.builder_image.id() == "sha256:1"
    assert slow.pulls == 1


async def test_an_image_that_cannot_be_fetched_is_told_and_tried_again_later(slow: SlowEngine, crew: Crew) -> None:
    slow.refuses = True
    with pytest.raises(BuilderImageMissing, match=r"cannot fetch it: .*no such host"):
        await crew.builder_image.id()
    slow.refuses = False
    slow.let.set()

    assert await crew.builder_image.id() == "sha256:1"


async def test_the_settings_are_told_when_the_image_is_there_and_nobody_is_kept_waiting_before(
    slow: SlowEngine, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KNOWN_FOR", 0.0)
    assert await crew.known_settings() == ""

    slow.has = True

    assert await crew.known_settings() == crew.written_settings("sha256:1")
    assert slow.pulls == 0


async def test_settings_that_were_known_stay_known_while_the_engine_is_away(
    slow: SlowEngine, tmp_path: Path, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KNOWN_FOR", 0.0)
    slow.has = True
    known = await crew.known_settings()

    (tmp_path / "e.sock").unlink()
    await crew.engine.close()

    assert await crew.known_settings() == known != ""
