"""What DockerSpawner starts on a real engine of what the service offers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, NotFound
from dockerspawner import DockerSpawner
from tests.integration.hub.conftest import CONFIGURE
from tests.integration.hub.seeded_registry import REFERENCE
from tests.integration.hub.test_spawn_page import managed
from tools.parts import singleuser_image
from tools.parts.docker_api import DockerApi, EngineError
from tools.parts.docker_hub import hub_containers
from tools.parts.engine import Engine
from tools.parts.hub import RunningHub, running_hub
from tools.parts.registry import RunningRegistry, running_registry
from tools.parts.registry_content import put_image
from traitlets.config import Config

from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner

SPAWNER = """
from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner
c.JupyterHub.spawner_class = Repo2DockerSpawner
"""


def ready(hub: RunningHub, user: str) -> dict[str, Any]:
    """Wait until the server of somebody answers, or is there no more, and give what the Hub says of it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        server: dict[str, Any] = hub.ask("GET", f"/users/{user}").body["servers"].get("", {})
        if not server or server["ready"]:
            return server
        time.sleep(0.2)
    raise AssertionError(hub.log[-4000:])


def test_a_container_of_an_offered_image_has_the_limits_of_its_profile(engine: Engine, tmp_path: Path) -> None:
    image = singleuser_image.ensure(engine.url)
    docker = DockerApi(engine.url)
    known = docker.ask("GET", f"/images/{image}/json")["Id"]
    with hub_containers(engine.url) as containers:
        lines = f"{containers.lines()}{SPAWNER}{CONFIGURE}{managed(tmp_path, **{REFERENCE: known})}"
        with running_hub(tmp_path, lines, base_url="/jhub/", api_ip=containers.gateway) as hub:
            hub.wait_for_service("repo2docker")
            refused = hub.ask("POST", "/users/vera/server", {"user_options": {"image": image}})
            left = containers.running()
            hub.ask("POST", "/users/vera/server", {"user_options": {"image": known}})
            server = ready(hub, "vera")
            [name] = containers.running()
            container = docker.ask("GET", f"/containers/{name}/json")

    # What is on the engine, and no image of the service, is nobody's.
    assert (refused.status, left) == (400, [])
    assert server["ready"]
    assert container["Image"] == known
    limits = container["HostConfig"]
    assert (limits["Memory"], limits["CpuQuota"] / limits["CpuPeriod"]) == (1024**3, 0.5)


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
