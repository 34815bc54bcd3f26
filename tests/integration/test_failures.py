"""Each end of a build is told by its reason: the launcher's exit codes decide, on either userland."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts import repo2docker_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.errors import BuilderImageMissing
from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, Reason

Planned = tuple[BuildPlan, Destination]


@pytest.fixture(params=["debian", "busybox"])
def userland(request: pytest.FixtureRequest, engine: Engine, image: str) -> str:
    """Give the name of a repo2docker image with this userland."""
    return image if request.param == "debian" else repo2docker_image.ensure_busybox(engine.url)


@pytest.fixture
async def builder(engine: Engine, userland: str, installation: Installation) -> AsyncIterator[DockerImageBuilder]:
    async with docker_builder(engine, userland, installation) as builder:
        yield builder


async def ended(builder: DockerImageBuilder, planned: Planned) -> tuple[Build, list[str]]:
    """Build to the end; give the build and its log."""
    started = await builder.start(*planned)
    async with asyncio.timeout(60):
        lines = [line async for chunk in builder.read_log(started.id, follow=True) for line in chunk.lines]
    return await builder.get(started.id), lines


def exit_code(engine: Engine, build: Build) -> int:
    """Give the code that the builder container ended with."""
    filters = f'{{"label":["{BUILD}={build.id}"]}}'
    docker = DockerApi(engine.url)
    listed = docker.ask("GET", "/containers/json", {"all": "1", "filters": filters})
    builder = next(each for each in listed if each["Command"].endswith(" build"))
    code: int = docker.ask("GET", f"/containers/{builder['Id']}/json")["State"]["ExitCode"]
    return code


def is_told(build: Build, reason: Reason) -> bool:
    """Whether a build failed for this reason, with a sentence that says what to do."""
    return (build.state, build.reason, build.message) == (BuildState.FAILED, reason, ADVICE[reason])


async def test_a_build_that_works_succeeds(
    builder: DockerImageBuilder, engine: Engine, repositories: Repositories
) -> None:
    build, lines = await ended(builder, repositories.script("echo fine"))

    assert (build.state, build.reason, exit_code(engine, build)) == (BuildState.SUCCEEDED, None, codes.OK)
    assert lines[-1] == f"Stored as {build.plan.image}"


async def test_a_repository_that_cannot_be_cloned_is_unreachable(
    builder: DockerImageBuilder, engine: Engine, repositories: Repositories, git: GitServer
) -> None:
    build, lines = await ended(builder, repositories.plan_of(f"{git.url}/none/here.git", "a" * 40))

    assert is_told(build, Reason.SOURCE_UNREACHABLE)
    assert exit_code(engine, build) == codes.UNREACHABLE
    assert lines[-1] == "The repository could not be fetched."
    assert not any("Traceback" in line for line in lines)


async def test_a_commit_that_is_not_there_is_a_ref_not_found(
    builder: DockerImageBuilder, engine: Engine, repositories: Repositories
) -> None:
    planned = repositories.script("true")
    gone = repositories.plan_of(planned[0].source.address, "b" * 40)

    build, lines = await ended(builder, gone)

    assert is_told(build, Reason.REF_NOT_FOUND)
    assert exit_code(engine, build) == codes.REF_NOT_FOUND
    assert lines[-1] == "The commit is not in the repository."


@pytest.mark.parametrize("says", ["no", "fatal: repository not found", "exit code: 137"])
async def test_a_step_that_fails_is_a_failed_build_whatever_it_prints(
    builder: DockerImageBuilder, engine: Engine, repositories: Repositories, says: str
) -> None:
    build, lines = await ended(builder, repositories.script(f'echo "{says}"; exit 3'))

    assert is_told(build, Reason.BUILD_FAILED)
    assert exit_code(engine, build) == codes.BUILD_FAILED
    assert lines[-1] == "A step of the build failed."


async def test_a_subdirectory_that_is_not_there_is_a_failed_build(
    builder: DockerImageBuilder, repositories: Repositories
) -> None:
    plan, destination = repositories.script("true")
    missing = repositories.plan_of(plan.source.address, plan.commit)[0]
    source = type(plan.source)(plan.source.address, "HEAD", "not/there")

    build, _ = await ended(builder, (type(plan)(**fields_of(missing) | {"source": source}), destination))

    assert is_told(build, Reason.BUILD_FAILED)


def fields_of(plan: BuildPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__slots__}


async def test_a_step_that_the_kernel_killed_ran_out_of_resources(
    builder: DockerImageBuilder, engine: Engine, repositories: Repositories
) -> None:
    build, lines = await ended(builder, repositories.script("sh -c 'kill -9 $$'"))

    assert is_told(build, Reason.OUT_OF_RESOURCES)
    assert exit_code(engine, build) == codes.OUT_OF_RESOURCES
    assert lines[-1] == "A step of the build ran out of memory or disk."


async def test_a_builder_that_needs_more_memory_than_it_may_ran_out_of_resources(
    engine: Engine, userland: str, installation: Installation, repositories: Repositories
) -> None:
    async with docker_builder(engine, userland, installation, builder_memory_limit=2**25) as builder:
        build, _ = await ended(builder, repositories.script("true"))

    assert is_told(build, Reason.OUT_OF_RESOURCES)


async def test_progress_never_goes_back(builder: DockerImageBuilder, repositories: Repositories) -> None:
    loud = "for i in $(seq 1 400); do echo $i; done; sleep 2"
    started = await builder.start(*repositories.script("true", loud, "true"))
    steps = []
    async with asyncio.timeout(60):
        async for _ in builder.read_log(started.id, follow=True):
            steps += [(await builder.get(started.id)).progress.step]
    steps.append((await builder.get(started.id)).progress.step)

    assert steps == sorted(steps)
    assert steps[-1] > 1


async def test_a_build_that_takes_too_long_is_stopped(
    engine: Engine, userland: str, installation: Installation, repositories: Repositories
) -> None:
    async with docker_builder(engine, userland, installation, timeout=3) as builder:
        build, lines = await ended(builder, repositories.script("sleep 60"))

    assert is_told(build, Reason.TIMED_OUT)
    assert exit_code(engine, build) == codes.TIMED_OUT
    assert build.started_at is not None
    assert build.finished_at is not None
    assert 3 <= (build.finished_at - build.started_at).total_seconds() < 5
    assert lines[-1] == "The build took longer than 3 seconds and was stopped."


async def test_a_builder_that_is_started_again_does_nothing_and_says_the_same(
    builder: DockerImageBuilder, engine: Engine, repositories: Repositories
) -> None:
    build, lines = await ended(builder, repositories.script("exit 3"))
    filters = f'{{"label":["{BUILD}={build.id}"]}}'
    docker = DockerApi(engine.url)
    container = docker.ask("GET", "/containers/json", {"all": "1", "filters": filters})[0]["Id"]

    docker.ask("POST", f"/containers/{container}/start")
    docker.ask("POST", f"/containers/{container}/wait", {"condition": "not-running"})

    assert exit_code(engine, build) == codes.BUILD_FAILED
    assert [line async for chunk in builder.read_log(build.id) for line in chunk.lines] == lines


async def test_a_builder_that_the_engine_cannot_start_is_an_internal_failure(
    engine: Engine, image: str, installation: Installation, repositories: Repositories
) -> None:
    async with docker_builder(engine, image, installation, network="container:none") as builder:
        changes = builder.watch()
        started = await builder.start(*repositories.script("true"))
        async with asyncio.timeout(30):
            build = await anext(change async for change in changes if change.id == started.id and change.state.ended)

    assert is_told(build, Reason.INTERNAL)


async def test_an_image_that_nobody_has_is_told_at_once(
    engine: Engine, installation: Installation, repositories: Repositories
) -> None:
    async with docker_builder(engine, "localhost/none:0", installation) as builder:
        with pytest.raises(BuilderImageMissing, match="no image localhost/none:0 and cannot fetch it"):
            await builder.start(*repositories.script("true"))
