"""A repository that is larger than anybody wants ends with a reason, and leaves its disk to others."""

from __future__ import annotations

import asyncio
import os

import pytest
from tests.integration.conftest import MakeRepository, address
from tests.integration.docker_builds import Repositories, docker_builder, inside
from tests.integration.push_places import ended, log_of
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.repository import Repository, Tree

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Reason

BUILD = "FROM scratch\nCOPY Dockerfile /it\n"
MEGABYTE = 1 << 20
ZEROS = "\0" * (32 * MEGABYTE)  # some 30 kB of history
TOO_LARGE = "The repository is larger than what is built here: it has more than "
TOO_MUCH_MEMORY = "The build was killed because it used more memory than it may."


def tree_of(repository: Repository, *widths: int) -> Tree:
    """Make folders in folders, of which each has so many, and empty files in the last: but a kilobyte of history."""
    inner = ""
    for level, width in enumerate(reversed(widths)):
        commit = repository.commit(dict.fromkeys(map(str, range(width)), inner), "Much of it", f"level-{level}")
        inner = repository.tree(commit)
    return Tree(inner)


@pytest.mark.parametrize(
    ("zeros", "widths", "limit", "told"),
    [
        (ZEROS, [1], {"max_repository_bytes": 8 * MEGABYTE}, TOO_LARGE),
        ("", [100, 1000], {"max_repository_files": 10_000}, TOO_LARGE),
        # Of these, git could not even make a list: it is killed long before it writes the first one.
        ("", [10] * 9, {"builder_memory_limit": 160 * MEGABYTE}, TOO_MUCH_MEMORY),
    ],
    ids=["one large file", "a hundred thousand files", "a thousand million files"],
)
async def test_a_repository_that_is_too_large_is_given_up_and_leaves_nothing(
    engine: Engine,
    image: str,
    installation: Installation,
    docker: DockerApi,
    repositories: Repositories,
    make_repository: MakeRepository,
    zeros: str,
    widths: list[int],
    limit: dict[str, int],
    told: str,
) -> None:
    repository = make_repository()
    files = {"Dockerfile": BUILD, "zeros": zeros, "all": tree_of(repository, *widths)}
    plan, destination = repositories.plan_of(address(repositories.git, repository), repository.commit(files, "All"))

    async with docker_builder(engine, image, installation, **limit) as builder:
        build = await ended(builder, (await builder.start(plan, destination)).id)
        log = await log_of(builder, plan.id)
        container = (await builder._view.work(plan.id)).builder.id

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.OUT_OF_RESOURCES), log
    # git may say how far it is until it is ended too.
    assert told in "\n".join(log)
    assert written(docker, container) < MEGABYTE


@pytest.mark.slow
async def test_a_hundred_thousand_files_are_no_hindrance(
    builder: DockerImageBuilder, docker: DockerApi, repositories: Repositories, make_repository: MakeRepository
) -> None:
    repository = make_repository()
    files = {"Dockerfile": "FROM scratch\nCOPY all/42 /some\n", "all": tree_of(repository, 100, 1000)}
    plan, destination = repositories.plan_of(address(repositories.git, repository), repository.commit(files, "All"))

    await builder.start(plan, destination)
    log = await log_of(builder, plan.id)
    container = (await builder._view.work(plan.id)).builder.id

    assert (await ended(builder, plan.id)).state is BuildState.SUCCEEDED, log
    assert inside(docker, str(plan.image), "/some/999") == ""
    assert written(docker, container) < MEGABYTE


def written(docker: DockerApi, container: str) -> int:
    """Give the bytes that a container has written and still keeps."""
    return int(docker.ask("GET", f"/containers/{container}/json", {"size": "1"}).get("SizeRw", 0))


async def test_nothing_of_a_repository_stays_after_a_build_that_was_cancelled(
    builder: DockerImageBuilder, docker: DockerApi, repositories: Repositories
) -> None:
    content = os.urandom(2 * MEGABYTE).hex()
    plan, destination = repositories.plan({"Dockerfile": "FROM {image}\nRUN echo begun; sleep 300\n", "x": content})
    await builder.start(plan, destination)
    container = (await builder._view.work(plan.id)).builder.id
    async with asyncio.timeout(60):
        async for chunk in builder.read_log(plan.id, follow=True):
            if any(line.endswith(" begun") for line in chunk.lines):
                break
    assert await asyncio.to_thread(written, docker, container) > 4 * MEGABYTE

    build = await builder.cancel(plan.id)

    assert build.state is BuildState.CANCELLED
    assert await asyncio.to_thread(written, docker, container) < MEGABYTE
