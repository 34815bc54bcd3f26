"""Real parts for every integration test: an engine, the repo2docker image, a git server."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.integration.browser import CHROMIUM, PATIENCE
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.private_builds import Private
from tests.integration.push_places import Place, place_to_push_to
from tools.parts import repo2docker_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine, running_engine
from tools.parts.git_server import GitServer, git_server
from tools.parts.repository import Repository
from tools.reliability.engine_facts import remove_everything
from tools.reliability.rig import Rig
from tools.service import RunningService, running_service
from xdist.scheduler import LoadFileScheduling

from repo2docker_service.adapters.builders.containers.cards import INSTANCE
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer

MakeRepository = Callable[[], Repository]
SLOW_ONE = 10
"""So many other tests take as long as one that is marked as slow."""
TOGETHER = tuple(f"tests/integration/{folder}/" for folder in ("binder", "hub/browser", "page/real", "page"))
"""Folders whose files share a Hub, a browser or services, which one process starts once for all of them."""


def together_with(test: str) -> str:
    """Give the file of a test, or the folder whose files go to one process."""
    file = test.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give each file, or all that share something large, to one process, where files are to be divided."""
    if config.getoption("dist") != "loadfile":
        return None
    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = together_with
    return scheduling


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take longest be the first, so that none of them is left alone at the end."""
    weight = Counter[str]()
    for item in items:
        weight[together_with(item.nodeid)] += SLOW_ONE if item.get_closest_marker("slow") else 1
    items.sort(key=lambda item: -weight[together_with(item.nodeid)])


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Find an engine, or start ours for as long as the tests run."""
    with running_engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def image(engine: Engine) -> str:
    """Give the name of the repo2docker image, which is also what test repositories are based on."""
    return repo2docker_image.ensure(engine.url)


@pytest.fixture(scope="session")
def git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """Serve the repositories of all tests."""
    with git_server(tmp_path_factory.mktemp("repositories")) as server:
        yield server


@pytest.fixture
def rig(engine: Engine, image: str, git: GitServer, tmp_path: Path) -> Rig:
    """Give the parts to a trial of what is promised."""
    return Rig(engine.url, image, git, tmp_path)


@pytest.fixture
def make_repository(git: GitServer) -> MakeRepository:
    """Make repositories of this test's own on the server."""
    return lambda: Repository(git.root, f"{secrets.token_hex(4)}/example.git")


def address(git: GitServer, repository: Repository) -> str:
    """Give the address of a repository."""
    return f"{git.url.rstrip('/')}/{repository.name}"


@pytest.fixture
def installation(engine: Engine, tmp_path: Path) -> Iterator[Installation]:
    """Give an installation of this test's own, of which nothing is left on the engine afterwards."""
    name = f"t{secrets.token_hex(6)}"
    yield Installation(name, Signer([secrets.token_bytes(32)]), tmp_path, f"r2d-{name}")
    remove_everything(DockerApi(engine.url), name)


@pytest.fixture
def repositories(git: GitServer, image: str, installation: Installation) -> Repositories:
    """Plan builds of new repositories."""
    return Repositories(git, image, installation)


@pytest.fixture
def docker(engine: Engine) -> DockerApi:
    """Ask the engine past all that is tested."""
    return DockerApi(engine.url)


@pytest.fixture
def network(docker: DockerApi) -> Iterator[str]:
    """Make a network that leads to this machine's address in it, and nowhere else."""
    name = f"t{secrets.token_hex(6)}"
    docker.ask("POST", "/networks/create", None, {"Name": name, "Internal": True})
    yield name
    docker.ask("DELETE", f"/networks/{name}")


@pytest.fixture
async def builder(engine: Engine, image: str, installation: Installation) -> AsyncIterator[DockerImageBuilder]:
    """Run a builder with nothing special about it."""
    async with docker_builder(engine, image, installation) as builder:
        yield builder


@pytest.fixture
async def stopped(engine: Engine, image: str, installation: Installation) -> AsyncIterator[DockerImageBuilder]:
    """Give a builder that sees to nothing in the background: one whose process was killed after what a test does."""
    builder = docker_builder(engine, image, installation)
    yield builder
    await builder._engine.close()


@pytest.fixture
def private(repositories: Repositories, engine: Engine, git: GitServer) -> Private:
    """Make repositories that want a password."""
    return Private(repositories, engine, git)


@pytest.fixture
def place(tmp_path: Path, repositories: Repositories, engine: Engine) -> Iterator[Place]:
    """Run a registry to which builders push."""
    with place_to_push_to(tmp_path / "registry", repositories, engine) as place:
        yield place


@pytest.fixture(scope="session")
def instance() -> str:
    """Name the installation of the one service for many tests."""
    return f"t{secrets.token_hex(6)}"


def containers(engine: Engine, instance: str) -> set[str]:
    """Give the ids of all containers of an installation; others share the engine."""
    query = {"all": "1", "filters": json.dumps({"label": [f"{INSTANCE}={instance}"]})}
    return {each["Id"] for each in DockerApi(engine.url).ask("GET", "/containers/json", query)}


@pytest.fixture(scope="session")
def service_settings(engine: Engine, image: str) -> str:
    """Give the configuration of a service that uses the real parts of these tests."""
    return (
        f"c.DockerImageBuilder.url = {engine.url!r}\n"
        f"c.DockerImageBuilder.repo2docker_image = {image!r}\n"
        "c.DockerImageBuilder.network = 'host'\n"
        "c.DockerImageBuilder.concurrency = 2\n"
        "c.GitSourceResolver.allow_private_networks = True\n"
    )


@pytest.fixture(scope="session")
def service(
    engine: Engine, instance: str, service_settings: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """Run one service for many tests, and leave nothing of it on the engine."""
    settings = f"c.Repo2DockerService.instance = {instance!r}\nc.Repo2DockerService.image_prefix = 'r2d-{instance}'\n"
    settings += "c.Repo2DockerService.binder_api = True\n"
    with running_service(tmp_path_factory.mktemp("service"), settings + service_settings) as running:
        yield running
    remove_everything(DockerApi(engine.url), instance)


@pytest.fixture(scope="module")
def chromium() -> Browser:
    """Give a browser, which other modules have too; while it runs, no other event loop can: no test is ``async``."""
    expect.set_options(timeout=PATIENCE)
    return CHROMIUM.browser()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the browser after a module, unless the next one begins with it."""
    wanted = nextitem.fixturenames if isinstance(nextitem, pytest.Function) else ()
    if nextitem is None or (nextitem.path != item.path and "chromium" not in wanted):
        CHROMIUM.end()


@pytest.fixture
def client(service: RunningService) -> Iterator[httpx.Client]:
    """Give a client of the service that may do everything."""
    with service.client as client:
        yield client
