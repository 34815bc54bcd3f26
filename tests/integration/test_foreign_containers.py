"""What merely looks like a build is not taken for one."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer

from repo2docker_service.adapters.builders.containers.cards import BUILD, CARD, INSTANCE, SIGNATURE
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build
from repo2docker_service.domain.records import canonical
from repo2docker_service.domain.signing import Signer


@pytest.fixture
async def built(builder: DockerImageBuilder, git: GitServer, image: str, installation: Installation) -> Build:
    started = await builder.start(*Repositories(git, image, installation).script("true"))
    async with asyncio.timeout(60):
        async for _ in builder.read_log(started.id, follow=True):
            pass
    return await builder.get(started.id)


def of_build(docker: DockerApi, build: Build) -> list[dict[str, Any]]:
    filters = {"label": [f"{BUILD}={build.id}"]}
    listed: list[dict[str, Any]] = docker.ask("GET", "/containers/json", {"all": "1", "filters": json.dumps(filters)})
    return listed


def container_of(docker: DockerApi, build: Build) -> dict[str, Any]:
    builder = next(each["Id"] for each in of_build(docker, build) if each["Command"].endswith(" build"))
    found: dict[str, Any] = docker.ask("GET", f"/containers/{builder}/json")
    return found


def create(docker: DockerApi, name: str, **description: Any) -> str:
    created: str = docker.ask("POST", "/containers/create", {"name": name}, description)["Id"]
    return created


async def test_a_container_started_from_a_built_image_is_no_build(
    builder: DockerImageBuilder, built: Build, docker: DockerApi
) -> None:
    name = f"server-{secrets.token_hex(4)}"
    container = create(docker, name, Image=str(built.plan.image), Cmd=["sleep", "60"])
    docker.ask("POST", f"/containers/{container}/start")

    seen = await builder.list()
    docker.ask("DELETE", f"/containers/{container}", {"force": "1"})

    assert [build.id for build in seen] == [built.id]


@pytest.mark.parametrize("entrypoint", ["ours", "another"])
async def test_copied_labels_make_no_build(
    builder: DockerImageBuilder, built: Build, docker: DockerApi, image: str, entrypoint: str
) -> None:
    config = container_of(docker, built)["Config"]
    command = config["Entrypoint"] if entrypoint == "ours" else ["sleep", "60"]
    name = f"copy-{secrets.token_hex(4)}"
    container = create(docker, name, Image=image, Labels=config["Labels"], Entrypoint=command, Cmd=["build"])

    seen = await builder.list()
    await builder.forget(built.id)
    with pytest.raises(BuildNotFound):
        await builder.get(built.id)
    left = docker.ask("GET", f"/containers/{container}/json")["State"]["Status"]
    docker.ask("DELETE", f"/containers/{container}", {"force": "1"})

    assert [build.id for build in seen] == [built.id]
    assert left == "created"


@pytest.mark.parametrize("signed", [True, False])
async def test_a_forgotten_build_takes_along_what_another_release_has_signed_for_it(
    builder: DockerImageBuilder, built: Build, docker: DockerApi, installation: Installation, signed: bool
) -> None:
    labels = container_of(docker, built)["Config"]["Labels"]
    card = canonical({**json.loads(labels[CARD]), "kind": "a kind of a later release"})
    signer = installation.signer if signed else Signer([secrets.token_bytes(32)])
    labels |= {CARD: card, SIGNATURE: signer.sign(f"container/{installation.instance}", card)}
    name = f"r2d-{installation.instance}-{secrets.token_hex(4)}"
    create(docker, name, Image=str(built.plan.image), Labels=labels, Cmd=["never"])

    seen = await builder.list()
    await builder.forget(built.id)

    assert [build.id for build in seen] == [built.id]
    assert [f"/{name}" in each["Names"] for each in of_build(docker, built)] == [True] * (not signed)


async def test_copied_labels_under_the_lock_name_make_no_build_of_another_image(
    builder: DockerImageBuilder, built: Build, docker: DockerApi
) -> None:
    """After the real one was forgotten its name is free, and its labels are known."""
    original = container_of(docker, built)
    await builder.forget(built.id)
    container = create(
        docker,
        original["Name"].removeprefix("/"),
        Image=str(built.plan.image),
        Labels=original["Config"]["Labels"],
        Entrypoint=original["Config"]["Entrypoint"],
        Cmd=["build"],
    )

    seen = await builder.list()
    docker.ask("DELETE", f"/containers/{container}", {"force": "1"})

    assert seen == []


async def test_labels_signed_with_another_key_make_no_build(
    builder: DockerImageBuilder, docker: DockerApi, image: str, installation: Installation
) -> None:
    labels = {INSTANCE: installation.instance, "repo2docker-service.build.card": "{}", BUILD: "a" * 32}
    container = create(docker, f"forged-{secrets.token_hex(4)}", Image=image, Labels=labels)

    seen = await builder.list()
    docker.ask("DELETE", f"/containers/{container}", {"force": "1"})

    assert seen == []


async def test_an_image_that_inherits_our_labels_is_not_one_of_ours(
    engine: Engine, built: Build, docker: DockerApi, installation: Installation
) -> None:
    repository, tag = f"localhost/{installation.image_prefix}/heir", "latest"
    docker.ask("POST", f"/images/{built.plan.image}/tag", {"repo": repository, "tag": tag})
    async with DockerDaemonRegistry(installation=installation, url=engine.url) as registry:
        listed = await registry.list()

        found = await registry.find(registry.destination(f"{installation.image_prefix}/heir", tag).image)

    assert found is None
    assert [str(image.name) for image in listed.images] == [str(built.plan.image)]


async def test_another_installation_sees_nothing_of_it(
    engine: Engine, image: str, built: Build, installation: Installation
) -> None:
    other = Installation(f"{installation.instance}b", installation.signer, installation.data_dir)
    async with docker_builder(engine, image, other) as builder:
        assert await builder.list() == []
        with pytest.raises(BuildNotFound):
            await builder.get(built.id)
