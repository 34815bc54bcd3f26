"""A repository that prints without end gets a log of bounded size, which tells its end and what was left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Reason

LIMIT = 2**18
FLOOD = "seq 1 50000"


@pytest.fixture
async def limited(engine: Engine, image: str, installation: Installation) -> AsyncIterator[DockerImageBuilder]:
    async with docker_builder(engine, image, installation, log_limit=LIMIT) as builder:
        yield builder


async def test_a_flood_is_cut_and_the_end_of_the_build_is_told(
    limited: DockerImageBuilder, repositories: Repositories, docker: DockerApi
) -> None:
    started = await limited.start(*repositories.script(FLOOD, "echo the last words; exit 3"))
    async with asyncio.timeout(90):
        lines = [line async for chunk in limited.read_log(started.id, follow=True) for line in chunk.lines]
    build = await limited.get(started.id)
    mark = lines.index(f"[This log is longer than the {LIMIT} bytes that it may take. Its end follows.]")

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.BUILD_FAILED)
    assert lines[mark + 1].endswith(" bytes were left out here.]")
    assert any("the last words" in line for line in lines[mark:])
    assert lines[-1] == "A step of the build failed."
    assert len("\n".join(lines)) < LIMIT + 2**18
