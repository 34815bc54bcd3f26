"""The engine's build cache is cut to a limit that an administrator has set, and else left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.unit.adapters.docker.served_engine import served

from repo2docker_service.adapters.builders.docker.cache import BuildCache

Open = Callable[[int], AbstractAsyncContextManager[BuildCache]]


def step(size: int, day: int = 1, *, shared: bool = False, used: bool = True) -> dict[str, Any]:
    made = f"2026-01-{day:02}T10:00:00.123456789Z"
    return {"Size": size, "Shared": shared, "CreatedAt": made, "LastUsedAt": made if used else None}


@dataclass
class CachingEngine:
    """An engine that remembers steps, and all that it was asked."""

    steps: list[dict[str, Any]] | None = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    recent: bool = False
    """Whether it answers as since version 1.53 of its interface: with the steps where details are asked for."""

    async def tell(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        assert request.query["type"] == "build-cache"
        if self.recent:
            wanted = request.query.get("verbose") in ("1", "true") and self.steps
            return web.json_response({"BuildCacheUsage": {"TotalSize": 60} | ({"Items": self.steps} if wanted else {})})
        return web.json_response({"BuildCache": self.steps})

    async def prune(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        return web.json_response({"CachesDeleted": ["a"], "SpaceReclaimed": 7})


@pytest.fixture
def engine() -> CachingEngine:
    return CachingEngine()


@pytest.fixture
def cache(engine: CachingEngine, tmp_path: Path) -> Open:
    routes = (web.get("/{version}/system/df", engine.tell), web.post("/{version}/build/prune", engine.prune))

    @asynccontextmanager
    async def opened(limit: int) -> AsyncIterator[BuildCache]:
        async with served(tmp_path / "e.sock", *routes) as connection:
            yield BuildCache(connection, limit)

    return opened


@pytest.mark.parametrize("recent", [False, True])
async def test_what_is_beyond_the_limit_is_told_with_when_it_was_used_last(
    engine: CachingEngine, cache: Open, recent: bool
) -> None:
    engine.recent = recent
    engine.steps = [step(30, 5), step(20, 3), step(10, 4, used=False)]

    async with cache(25) as limited:
        spare = await limited.spare()

    assert spare is not None
    assert spare.size == 35
    assert spare.since.replace(microsecond=0) == datetime(2026, 1, 3, 10, tzinfo=UTC)


async def test_what_images_share_does_not_count(engine: CachingEngine, cache: Open) -> None:
    engine.steps = [step(30, shared=True), step(20)]

    async with cache(20) as limited:
        assert await limited.spare() is None


@pytest.mark.parametrize("recent", [False, True])
async def test_an_engine_without_any_has_nothing_to_spare(engine: CachingEngine, cache: Open, recent: bool) -> None:
    engine.recent = recent
    engine.steps = None

    async with cache(1) as limited:
        assert await limited.spare() is None


async def test_without_a_limit_the_engine_is_not_even_asked(cache: Open, engine: CachingEngine) -> None:
    engine.steps = [step(2**40)]

    async with cache(0) as unlimited:
        assert await unlimited.spare() is None
        assert await unlimited.prune() == 0
    assert engine.asked == []


async def test_the_engine_is_asked_to_keep_as_much_as_the_limit_by_its_old_name_and_its_new_one(
    engine: CachingEngine, cache: Open
) -> None:
    async with cache(25) as limited:
        assert await limited.prune() == 7

    assert engine.asked == [{"keep-storage": "25", "reserved-space": "25"}]
