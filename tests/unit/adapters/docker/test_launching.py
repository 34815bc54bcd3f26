"""A container that the engine cannot start ends its build with the reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from tests.unit.adapters.docker.cards import OURS, card_of, inspection
from tests.unit.adapters.docker.served_engine import crew_on, served

from repo2docker_service.adapters.builders.docker import crew as module
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.states import read_container
from repo2docker_service.domain.models import Reason

CARD = card_of()
CONTAINER = inspection(CARD)


@dataclass
class Stubborn:
    """An engine that has a container and starts it after so many refusals."""

    refusals: list[str] = field(default_factory=list)
    started: int = 0
    names: list[str] = field(default_factory=list)
    """Those that it was told to give to the container."""

    async def inspect(self, _: web.Request) -> web.Response:
        return web.json_response(CONTAINER)

    async def look(self, _: web.Request) -> web.Response:
        return web.Response()

    async def start(self, _: web.Request) -> web.Response:
        if self.refusals:
            return web.json_response({"message": self.refusals.pop(0)}, status=500)
        self.started += 1
        return web.Response(status=204)

    async def rename(self, request: web.Request) -> web.Response:
        self.names.append(request.query["name"])
        return web.Response(status=204)


@pytest.fixture
def stubborn() -> Stubborn:
    return Stubborn()


@pytest.fixture
async def crew(stubborn: Stubborn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crew]:
    monkeypatch.setattr(module, "_TRIES", 2)
    container = "/{version}/containers/{id}"
    routes = (
        web.get(f"{container}/json", stubborn.inspect, allow_head=False),
        web.head(f"{container}/archive", stubborn.look),
        web.post(f"{container}/start", stubborn.start),
        web.post(f"{container}/rename", stubborn.rename),
    )
    async with served(tmp_path / "e.sock", *routes) as connection:
        yield crew_on(connection)


async def launch(crew: Crew) -> None:
    container = read_container(OURS, CONTAINER)
    assert container is not None
    await crew.launch(container, container)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("error creating overlay mount to /a/merged: no space left on device", Reason.OUT_OF_RESOURCES),
        ("cannot join network of a non running container", Reason.INTERNAL),
    ],
)
async def test_what_the_engine_refuses_to_start_again_and_again_fails_with_the_reason(
    crew: Crew, stubborn: Stubborn, says: str, reason: Reason
) -> None:
    stubborn.refusals = [says] * 100

    await launch(crew)

    assert stubborn.names == [CARD.marked(reason)]


async def test_what_the_engine_starts_in_the_end_is_not_marked(crew: Crew, stubborn: Stubborn) -> None:
    stubborn.refusals = ["no space left on device"]

    await launch(crew)

    assert (stubborn.started, stubborn.names) == (1, [])
