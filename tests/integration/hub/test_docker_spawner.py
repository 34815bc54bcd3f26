"""How what the service offers gets to a real engine when DockerSpawner starts it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from docker.errors import APIError, NotFound
from dockerspawner import DockerSpawner
from tools.parts.docker_api import DockerApi, EngineError
from tools.parts.engine import Engine
from tools.parts.registry import RunningRegistry, running_registry
from tools.parts.registry_content import put_image
from traitlets.config import Config

from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner


@contextmanager
def in_registry(docker: DockerApi, folder: Path) -> Iterator[tuple[RunningRegistry, str]]:
    """Run a registry with an image that the engine does not have, and give what a spawner would start."""
    repository = f"r2d/{secrets.token_hex(4)}"
    with running_registry(folder) as registry:
        digest = put_image(registry.url, repository, "one", {"made-for": repository})
        reference = f"{registry.host}/{repository}@{digest}"
        try:
            yield registry, reference
        finally:
            with suppress(EngineError):
                docker.ask("DELETE", f"/images/{reference}")


def spawner(kind: type[DockerSpawner], engine: Engine, policy: str) -> DockerSpawner:
    settings = {"client_kwargs": {"base_url": engine.url}, "pull_policy": policy}
    # The client is one for all spawners of a class.
    own = type(kind.__name__, (kind,), {"_client": None, "_executor": None})
    user = SimpleNamespace(name="alice", settings={})
    return own(user=user, config=Config({"DockerSpawner": settings}))


@pytest.mark.parametrize("policy", ["ifnotpresent", "always"])
async def test_an_image_that_is_named_by_its_digest_is_pulled(engine: Engine, tmp_path: Path, policy: str) -> None:
    docker = DockerApi(engine.url)
    with in_registry(docker, tmp_path) as (registry, reference):
        ours = spawner(Repo2DockerSpawner, engine, policy)
        with pytest.raises(EngineError):
            docker.ask("GET", f"/images/{reference}/json")
        await ours.pull_image(reference)
        there = docker.ask("GET", f"/images/{reference}/json")
        registry.stop()
        await ours.pull_image(reference)
        ours.client.close()

    assert reference in there["RepoDigests"]


@pytest.mark.parametrize("policy", ["ifnotpresent", "always"])
async def test_an_image_of_the_engines_own_store_is_asked_of_no_registry(engine: Engine, policy: str) -> None:
    ours = spawner(Repo2DockerSpawner, engine, policy)

    with pytest.raises(NotFound, match="No such image"):
        await ours.pull_image(f"sha256:{secrets.token_hex(32)}")

    ours.client.close()


async def test_dockerspawner_itself_takes_a_digest_for_a_tag(engine: Engine, tmp_path: Path) -> None:
    docker = DockerApi(engine.url)
    with in_registry(docker, tmp_path) as (_, reference):
        plain = spawner(DockerSpawner, engine, "ifnotpresent")
        with pytest.raises(APIError, match="manifest unknown"):
            await plain.pull_image(reference)
        plain.client.close()
