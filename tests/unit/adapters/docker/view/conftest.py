"""A live view of an engine that tells of its containers."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.adapters.docker.cards import OURS, card_of
from tests.unit.adapters.docker.listing_engine import ListingEngine

from repo2docker_service.adapters.builders.containers.cards import Card, Kind
from repo2docker_service.adapters.builders.docker import view as view_module
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.adapters.builders.docker.view import LiveView
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.models import BuildState

ANOTHER = 10**9
"""Seconds that no test lasts."""


@dataclass
class Watched:
    """A view, how to keep it, and how often it told of a change."""

    view: LiveView
    told: int = 0

    def tell(self) -> None:
        self.told += 1

    @contextlib.asynccontextmanager
    async def kept(self, engine: ListingEngine) -> AsyncIterator[LiveView]:
        keeping = asyncio.create_task(self.view.keep())
        await engine.until(lambda: self.view.live)
        try:
            yield self.view
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ListingEngine]:
    # Lists come only where a test wants them.
    monkeypatch.setattr(view_module, "_LIST_SOON", ANOTHER)
    monkeypatch.setattr(view_module, "_LIST_AGAIN", ANOTHER)
    monkeypatch.setattr(view_module, "_RECONNECT", 0.01)
    async with ListingEngine(str(tmp_path / "engine")).listening() as engine:
        yield engine


@pytest.fixture
async def watched(engine: ListingEngine) -> AsyncIterator[Watched]:
    connection = EngineConnection(f"unix://{engine.path}")
    store = ContainerStore(connection, OURS)
    watched = Watched(LiveView(connection, store, OURS, logging.getLogger("view")))
    watched.view.tell = watched.tell
    yield watched
    await connection.close()


def of_pusher(card: Card, kind: Kind = Kind.PUSHER) -> Card:
    return card_of(card.plan, kind)


def state_of(view: LiveView, card: Card) -> BuildState | None:
    build = view.builds.get(card.plan.id)
    assert (build is None) is (card.plan.id not in view.works)
    assert build is None or build.state is view.works[card.plan.id].state
    return build.state if build else None
