"""A repository that is larger than anybody wants ends with a reason, and leaves its disk to others."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import ended, log_of
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Reason

BUILD = {"Dockerfile": "FROM scratch\nCOPY Dockerfile /it\n"}
MEGABYTE = 1 << 20
ONE_FILE = {"zeros": "\0" * (64 * MEGABYTE)}  # some 60 kB of history
MANY_FILES = {f"{number % 50}/{number}": "" for number in range(5000)}


def written(docker: DockerApi, container: str) -> int:
    """Give the bytes that a container has written and still keeps."""
    return int(docker.ask("GET", f"/containers/{container}/json", {"size": "1"}).get("SizeRw", 0))


@pytest.mark.parametrize(
    ("files", "limit"),
    [(ONE_FILE, {"max_repository_bytes": 16 * MEGABYTE}), (MANY_FILES, {"max_repository_files": 1000})],
    ids=["one large file", "many files"],
)
async def test_a_repository_that_is_too_large_is_given_up_and_leaves_nothing(
    engine: Engine,
    image: str,
    installation: Installation,
    docker: DockerApi,
    repositories: Repositories,
    files: dict[str, str],
    limit: dict[str, Any],
) -> None:
    plan, destination = repositories.plan(BUILD | files)

    async with docker_builder(engine, image, installation, **limit) as builder:
        build = await ended(builder, (await builder.start(plan, destination)).id)
        log = await log_of(builder, plan.id)
        container = (await builder._view.work(plan.id)).builder.id

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.OUT_OF_RESOURCES), log
    # git may say how far it is until it is ended too.
    assert "The repository is larger than what is built here: it has more than " in "\n".join(log)
    assert written(docker, container) < MEGABYTE


async def test_nothing_of_a_repository_stays_after_a_build_that_was_cancelled(
    builder: DockerImageBuilder, docker: DockerApi, repositories: Repositories
) -> None:
    content = os.urandom(8 * MEGABYTE).hex()
    plan, destination = repositories.plan({"Dockerfile": "FROM {image}\nRUN echo begun; sleep 300\n", "x": content})
    await builder.start(plan, destination)
    container = (await builder._view.work(plan.id)).builder.id
    async with asyncio.timeout(60):
        async for chunk in builder.read_log(plan.id, follow=True):
            if any(line.endswith(" begun") for line in chunk.lines):
                break
    assert await asyncio.to_thread(written, docker, container) > 16 * MEGABYTE

    build = await builder.cancel(plan.id)

    assert build.state is BuildState.CANCELLED
    assert await asyncio.to_thread(written, docker, container) < MEGABYTE
