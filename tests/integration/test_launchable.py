# ruff: noqa: ASYNC110  # nobody tells when a container is removed
"""Whether a hub can start an image is seen by its files, whatever the repository does; nothing of the image is run."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.integration.conftest import containers
from tests.integration.docker_builds import Repositories
from tests.integration.push_places import Place, built_by_hand, ended, log_of, until
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

from repo2docker_service.adapters.builders.containers.cards import look_name
from repo2docker_service.adapters.builders.containers.in_container.looking import FOUND, MISSING, NEVER_RUN
from repo2docker_service.adapters.builders.containers.plans import temporary_name
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.tidying import remove_lookers
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination, Image
from repo2docker_service.domain.records import LAUNCHABLE_LABEL

PROGRAM = "/usr/local/bin/jupyterhub-singleuser"
CLAIM = f"LABEL {LAUNCHABLE_LABEL}=yes"
WRITE = f"RUN printf '#!/bin/sh\\n' > {PROGRAM}"
EXECUTABLE = f"{WRITE} && chmod 755 {PROGRAM}"


@pytest.fixture
async def registry(engine: Engine, installation: Installation) -> AsyncIterator[DockerDaemonRegistry]:
    async with DockerDaemonRegistry(installation=installation, url=engine.url) as registry:
        yield registry


def plan_of(repositories: Repositories, *steps: str) -> tuple[BuildPlan, Destination]:
    """Plan a build of a Dockerfile with these lines."""
    return repositories.plan({"Dockerfile": "\n".join(["FROM {image}", *steps, ""])})


async def image_with(
    builder: DockerImageBuilder, registry: DockerDaemonRegistry, repositories: Repositories, *steps: str
) -> tuple[Image, list[str]]:
    """Build an image by a Dockerfile with these lines, and give it with the lines of the build's log."""
    build = await builder.start(*plan_of(repositories, *steps))
    log = await log_of(builder, build.id)
    image = await registry.find(build.plan.image)
    assert image is not None, log
    return image, log


@pytest.mark.parametrize(
    ("steps", "launchable"),
    [
        ([EXECUTABLE], True),
        ([f"{EXECUTABLE} && mv {PROGRAM} /srv/tool && ln -s ../../../srv/tool {PROGRAM}"], True),
        (["ENV PATH=/opt/tools:$PATH", f"{EXECUTABLE} && mkdir /opt/tools && mv {PROGRAM} /opt/tools"], True),
        ([], False),
        ([CLAIM], False),
        ([WRITE], False),
        ([f"RUN ln -s /srv/nothing {PROGRAM}"], False),
        ([f"RUN mkfifo -m 755 {PROGRAM}"], False),
        ([f"RUN mkdir {PROGRAM}"], False),
        ([EXECUTABLE, "ENV PATH=/opt/tools"], False),
        ([EXECUTABLE, "ENV PATH="], False),
    ],
    ids=[
        "a program",
        "a link to one",
        "a program elsewhere on the path",
        "nothing",
        "a label that says so",
        "a plain file",
        "a link to nothing",
        "a pipe",
        "a folder",
        "a program that is not on the path",
        "no path",
    ],
)
async def test_an_image_is_launchable_when_the_program_is_on_its_path(
    builder: DockerImageBuilder,
    registry: DockerDaemonRegistry,
    repositories: Repositories,
    steps: list[str],
    launchable: bool,
) -> None:
    image, log = await image_with(builder, registry, repositories, *steps)

    assert image.launchable is launchable
    assert (await registry.list()).images == [image]
    assert log[-2] == (FOUND if launchable else MISSING)


async def test_a_loop_of_links_is_no_program_and_fails_no_build(
    builder: DockerImageBuilder, registry: DockerDaemonRegistry, repositories: Repositories
) -> None:
    image, _ = await image_with(builder, registry, repositories, f"RUN ln -s {PROGRAM} {PROGRAM}")

    assert not image.launchable


async def test_an_image_is_otherwise_the_one_that_was_built(
    builder: DockerImageBuilder, registry: DockerDaemonRegistry, repositories: Repositories, docker: DockerApi
) -> None:
    settings = [
        'SHELL ["/bin/bash", "-c"]',
        "ENV A=b",
        "WORKDIR /srv/new",
        "EXPOSE 8888/tcp",
        "RUN mkdir -p /data/below && echo kept > /data/below/file",
        'VOLUME ["/data", "/not/there/yet"]',
        "ONBUILD RUN false",
        "STOPSIGNAL SIGINT",
        "HEALTHCHECK --interval=5s CMD true",
        'ENTRYPOINT ["/bin/echo"]',
        'CMD ["hello"]',
        "USER 1000:1000",
    ]
    plan, destination = plan_of(repositories, *settings)
    work = await built_by_hand(builder, plan, destination)
    temporary = temporary_name(work.builder.card)
    built = docker.ask("GET", f"/images/{temporary}/json")
    # Another name, so that it can be looked at when it is delivered.
    mine = f"localhost/{repositories.installation.image_prefix}/kept"
    docker.ask("POST", f"/images/{temporary}/tag", {"repo": mine, "tag": "1"})

    await ended(builder, plan.id)
    found = await registry.find(plan.image)

    assert found is not None
    delivered = docker.ask("GET", f"/images/{found.digest}/json")
    assert delivered["RootFS"] == built["RootFS"]
    labels = delivered["Config"].pop("Labels")
    assert {key for key, value in built["Config"].pop("Labels").items() if labels[key] != value} == {LAUNCHABLE_LABEL}
    assert delivered["Config"] == built["Config"]
    assert delivered["Config"]["OnBuild"] == ["RUN false"]
    assert (delivered["Size"], delivered["Architecture"]) == (built["Size"], built["Architecture"])


async def test_nothing_of_an_image_is_run_and_no_container_is_left(
    builder: DockerImageBuilder,
    registry: DockerDaemonRegistry,
    repositories: Repositories,
    engine: Engine,
    docker: DockerApi,
) -> None:
    began = time.time()
    image, _ = await image_with(
        builder, registry, repositories, EXECUTABLE, f'ENTRYPOINT ["{PROGRAM}"]', "VOLUME /data", "HEALTHCHECK CMD true"
    )

    name = look_name(repositories.installation, image.plan.id)
    assert happened_to(docker, name, began) == ["create", "commit", "destroy"]
    assert len(containers(engine, repositories.installation.instance)) == 2, "builder and pusher"


def happened_to(docker: DockerApi, name: str, since: float) -> list[str]:
    """Give what the engine did with a container, each once in a row."""
    filters = {"type": ["container"], "container": [name]}
    query = {"since": f"{since:.6f}", "until": f"{time.time():.6f}", "filters": json.dumps(filters)}
    with docker.open("GET", "/events", query, timeout=30) as answer:
        actions = [str(json.loads(line)["Action"]) for line in answer.read().splitlines()]
    return [action for number, action in enumerate(actions) if action not in actions[:number][-1:]]


async def test_an_image_that_cannot_be_looked_into_is_delivered_and_its_own_word_does_not_count(
    builder: DockerImageBuilder, registry: DockerDaemonRegistry, repositories: Repositories, docker: DockerApi
) -> None:
    plan, destination = plan_of(repositories, EXECUTABLE, CLAIM)
    name = look_name(repositories.installation, plan.id)
    other = docker.ask("POST", "/containers/create", {"name": name}, {"Image": repositories.image, "Cmd": ["none"]})

    build = await builder.start(plan, destination)
    log = await log_of(builder, build.id)
    docker.ask("DELETE", f"/containers/{other['Id']}")
    image = await registry.find(plan.image)

    assert image is not None
    assert image.launchable is None
    assert log[-2].startswith("It is not known whether a hub can start this image;")
    assert docker.ask("GET", f"/images/{image.digest}/json")["Config"]["Labels"][LAUNCHABLE_LABEL] == "unknown"


async def test_a_pushed_image_says_in_its_registry_whether_it_can_be_started(place: Place) -> None:
    content = {"Dockerfile": f"FROM scratch\nCOPY --chmod=755 token {PROGRAM}\n", "token": secrets.token_hex(8)}
    async with place.builder() as builder:
        plan, _ = place.repositories.plan(content)
        image = place.plan()[1].image
        plan = replace(plan, image=image)
        build = await ended(builder, (await builder.start(plan, Destination(image, push=True))).id)

    assert build.state is BuildState.SUCCEEDED
    assert config_of(place, plan)["Labels"][LAUNCHABLE_LABEL] == "yes"
    assert len(place.stored(image).json()["layers"]) == 1


def config_of(place: Place, plan: BuildPlan) -> dict[str, Any]:
    """Read the settings of an image from its registry."""
    digest = place.stored(plan.image).json()["config"]["digest"]
    answer = httpx.get(f"{place.registry.url}/v2/{plan.image.repository}/blobs/{digest}").raise_for_status()
    config: dict[str, Any] = answer.json()["config"]
    return config


async def test_what_a_later_build_only_pushes_is_looked_into_then(place: Place) -> None:
    place.registry.stop()
    async with place.builder() as builder:
        failed = await ended(builder, (await builder.start(*place.plan())).id)
        place.registry.start()
        again = replace(failed.plan, id=secrets.token_hex(16))
        build = await builder.start(again, Destination(again.image, push=True))
        log = await log_of(builder, build.id)

    assert log[0].startswith(f"Build {failed.id} made this image")
    assert MISSING in log
    assert config_of(place, again)["Labels"][LAUNCHABLE_LABEL] == "no"


async def test_what_a_killed_pusher_was_looking_at_is_removed_and_what_one_looks_at_is_not(
    place: Place, docker: DockerApi
) -> None:
    place.registry.stop()
    async with place.builder(push_patience=120) as builder:
        build = await builder.start(*place.plan())
        await until(builder, build.id, BuildState.PUSHING)
        pusher = await running_pusher(builder, build.id)
        image = temporary_name((await builder._view.work(build.id)).builder.card)
        name = look_name(place.repositories.installation, build.id)
        description = {"Image": image, "Entrypoint": [NEVER_RUN]}
        await gone(docker, name)  # the pusher's own
        docker.ask("POST", "/containers/create", {"name": name}, description)

        await remove_lookers(builder._crew)
        kept = exists(docker, name)
        docker.ask("POST", f"/containers/{pusher}/kill")
        await ended(builder, build.id)
        await remove_lookers(builder._crew)

    assert kept
    assert not exists(docker, name)


async def running_pusher(builder: DockerImageBuilder, build_id: str) -> str:
    async with asyncio.timeout(30):
        while True:
            pusher = (await builder._view.work(build_id)).pusher
            if pusher is not None and pusher.running:
                return pusher.id
            await asyncio.sleep(0.05)


async def gone(docker: DockerApi, name: str) -> None:
    async with asyncio.timeout(30):
        await asyncio.sleep(1)
        while exists(docker, name):
            await asyncio.sleep(0.05)


def exists(docker: DockerApi, name: str) -> bool:
    return bool(docker.ask("GET", "/containers/json", {"all": "1", "filters": json.dumps({"name": [f"^/{name}$"]})}))
