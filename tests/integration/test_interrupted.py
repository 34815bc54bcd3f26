# ruff: noqa: ASYNC110  # nobody tells of changes where no process sees to builds
"""Wherever a process stops, another one brings every build to an end that is true."""

from __future__ import annotations

import asyncio
import re
import secrets
from pathlib import Path

import pytest
from tests.integration.conftest import MakeRepository, address
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.reliability.engine_facts import remove_everything
from tools.service import follow, running_service

from repo2docker_service.adapters.builders.containers.cards import Kind, Mark
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker import crew as crew_module
from repo2docker_service.adapters.builders.docker import store as store_module
from repo2docker_service.adapters.builders.docker.cancelling import cancel_work
from repo2docker_service.adapters.builders.docker.containers import container
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.domain.errors import BuildActive, BuildFinished
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState

SLOW = "sleep 300"


@pytest.fixture
def another(engine: Engine, image: str, installation: Installation) -> DockerImageBuilder:
    """Give the process that comes after."""
    return docker_builder(engine, image, installation)


async def ended(builder: DockerImageBuilder, build_id: str) -> Build:
    async with asyncio.timeout(60):
        async for _ in builder.read_log(build_id, follow=True):
            pass
        while not (build := await builder.get(build_id)).state.ended:
            await asyncio.sleep(0.05)
    return build


async def work_of(builder: DockerImageBuilder, build_id: str) -> Work:
    return await builder._view.work(build_id)


async def started(builder: DockerImageBuilder, build_id: str) -> Work:
    """Start a build's container by hand, and wait until repo2docker says something."""
    work = await work_of(builder, build_id)
    await builder._reconciler.chores.settled(f"fill {build_id}")
    await builder._store.start(work.builder.id)
    async with asyncio.timeout(30):
        async for _ in builder.read_log(build_id, follow=True):
            break
    return await work_of(builder, build_id)


async def exited(builder: DockerImageBuilder, build_id: str) -> Work:
    """Start a build's container by hand, and wait until it has ended."""
    await started(builder, build_id)
    async with asyncio.timeout(60):
        while not (work := await work_of(builder, build_id)).builder.exited:
            await asyncio.sleep(0.05)
    return work


async def claim(builder: DockerImageBuilder, work: Work) -> None:
    await builder._crew.create(builder._crew.pusher_card(work.builder.card, Kind.CLAIM))


async def test_a_container_without_its_files_is_filled_and_started(
    stopped: DockerImageBuilder, another: DockerImageBuilder, repositories: Repositories
) -> None:
    plan, destination = repositories.script("true")
    crew = stopped._crew
    card = await crew.builder_card(plan, destination)
    await stopped._store.create(card, container(card, crew.installation, crew.limits))

    async with another:
        assert (await ended(another, plan.id)).state is BuildState.SUCCEEDED


async def test_files_that_an_engine_takes_long_for_are_sent_once(
    another: DockerImageBuilder, repositories: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = store_module.ContainerStore.put
    filled: list[str] = []

    async def slowly(self: store_module.ContainerStore, identifier: str, content: bytes) -> None:
        filled.append(identifier)
        await asyncio.sleep(0.3)
        await put(self, identifier, content)

    monkeypatch.setattr(store_module.ContainerStore, "put", slowly)
    monkeypatch.setattr(crew_module, "_OTHERS_FILL", 0.1)
    async with another:
        build = await another.start(*repositories.script("true"))
        assert (await ended(another, build.id)).state is BuildState.SUCCEEDED

    assert filled
    assert len(filled) == len(set(filled))


async def test_an_image_that_was_built_is_delivered(
    stopped: DockerImageBuilder, another: DockerImageBuilder, repositories: Repositories
) -> None:
    build = await stopped.start(*repositories.script("true"))
    await exited(stopped, build.id)

    async with another:
        assert (await ended(another, build.id)).state is BuildState.SUCCEEDED


async def test_a_pusher_that_was_created_is_filled_and_started(
    stopped: DockerImageBuilder, another: DockerImageBuilder, repositories: Repositories
) -> None:
    build = await stopped.start(*repositories.script("true"))
    work = await exited(stopped, build.id)
    card = stopped._crew.pusher_card(work.builder.card, Kind.PUSHER)
    await stopped._store.create(card, container(card, stopped._crew.installation, stopped._crew.limits))

    async with another:
        assert (await ended(another, build.id)).state is BuildState.SUCCEEDED


@pytest.mark.parametrize("marked", [None, BuildState.CANCELLED])
async def test_a_cancel_that_was_begun_is_brought_to_its_end(
    stopped: DockerImageBuilder, another: DockerImageBuilder, repositories: Repositories, marked: Mark | None
) -> None:
    build = await stopped.start(*repositories.script(SLOW))
    work = await started(stopped, build.id)
    await claim(stopped, work)
    if marked:
        await stopped._store.mark(work.builder, marked)
    with pytest.raises(BuildActive):
        await stopped.forget(build.id)

    async with another:
        async with asyncio.timeout(20):
            while (await work_of(another, build.id)).builder.running:
                await asyncio.sleep(0.05)
        assert (await another.get(build.id)).state is BuildState.CANCELLED


async def test_cancelling_again_ends_what_still_runs(stopped: DockerImageBuilder, repositories: Repositories) -> None:
    build = await stopped.start(*repositories.script(SLOW))
    work = await started(stopped, build.id)
    await claim(stopped, work)
    await stopped._store.mark(work.builder, BuildState.CANCELLED)

    await stopped.cancel(build.id)

    assert not (await work_of(stopped, build.id)).builder.running


async def test_a_signal_that_is_lost_is_sent_again(
    stopped: DockerImageBuilder, repositories: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = await stopped.start(*repositories.script(SLOW))
    await started(stopped, build.id)
    sent: list[str] = []
    send = store_module.ContainerStore._signal

    async def lossy(self: store_module.ContainerStore, identifier: str, signal: str) -> None:
        sent.append(signal)
        if len(sent) > 2:
            await send(self, identifier, signal)

    monkeypatch.setattr(store_module.ContainerStore, "_signal", lossy)
    assert (await stopped.cancel(build.id)).state is BuildState.CANCELLED
    assert sent == ["SIGUSR1"] * 3


async def test_a_build_that_failed_before_it_could_be_cancelled_stays_failed(
    stopped: DockerImageBuilder, repositories: Repositories
) -> None:
    build = await stopped.start(*repositories.script("exit 3"))
    before = await started(stopped, build.id)
    await exited(stopped, build.id)

    with pytest.raises(BuildFinished):
        await cancel_work(stopped._crew, before)

    assert (await stopped.get(build.id)).state is BuildState.FAILED
    assert not (await work_of(stopped, build.id)).ending


@pytest.mark.parametrize("milliseconds", [0, 2, 4, 6, 8, 12])
async def test_a_cancel_while_the_pusher_is_made_says_what_is_true(
    stopped: DockerImageBuilder,
    repositories: Repositories,
    engine: Engine,
    installation: Installation,
    milliseconds: int,
) -> None:
    build = await stopped.start(*repositories.script("true"))
    work = await exited(stopped, build.id)
    delivering = asyncio.create_task(stopped._delivery.go_on(work))
    await asyncio.sleep(milliseconds / 1000)
    try:
        told = (await stopped.cancel(build.id)).state
    except BuildFinished:
        told = BuildState.SUCCEEDED
    await delivering

    async with DockerDaemonRegistry(installation=installation, url=engine.url) as registry:
        image = await registry.find(build.plan.image)
    assert (await stopped.get(build.id)).state is told
    assert (image is not None) is (told is BuildState.SUCCEEDED)


def test_a_service_that_is_killed_loses_no_build_and_no_line(
    engine: Engine,
    git: GitServer,
    image: str,
    make_repository: MakeRepository,
    service_settings: str,
    tmp_path: Path,
) -> None:
    repository = make_repository()
    instance = f"t{secrets.token_hex(6)}"
    script = "for i in $(seq 1 40); do echo line $i; sleep 0.25; done"
    repository.commit({"Dockerfile": f"FROM {image}\nRUN {script} # {instance}\n"}, "Slow")
    settings = f"c.Repo2DockerService.instance = {instance!r}\n{service_settings}"
    with running_service(tmp_path, settings) as service, service.client as client:
        build = client.post("builds", json={"repo": address(git, repository)}).json()
        seen = follow(client, build["id"], most_lines=25)
        service.process.kill()
    with running_service(tmp_path, settings) as service, service.client as client:
        again = client.post("builds", json={"repo": address(git, repository)}).json()
        rest = follow(client, build["id"], after=seen.ids[-1])
        whole = client.get(f"builds/{build['id']}/log").text.splitlines()
        listed = client.get("builds").json()["items"]

    assert again["joined"]
    assert again["id"] == build["id"]
    assert rest.end["state"] == "succeeded"
    assert seen.lines + rest.lines == whole
    assert [int(line.split()[-1]) for line in whole if re.fullmatch(r"#\d+ [0-9.]+ line \d+", line)] == list(
        range(1, 41)
    )
    assert [each["id"] for each in listed] == [build["id"]]
    remove_everything(DockerApi(engine.url), instance)
