"""What most repositories are: a conda environment, built by repo2docker's own image, for which it takes a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.conftest import MakeRepository, address
from tools.parts import image_store
from tools.parts.containers import container
from tools.parts.docker_api import DockerApi
from tools.parts.git_server import GitServer
from tools.parts.repo2docker_image import OFFICIAL
from tools.reliability.engine_facts import remove_everything
from tools.service import RunningService, build, running_service

INSTANCE = "conda"
ENVIRONMENT = "channels: [conda-forge]\ndependencies: [python=3.12, numpy]\n"
SETTINGS = f"""
c.Repo2DockerService.instance = {INSTANCE!r}
c.DockerImageBuilder.repo2docker_image = {OFFICIAL!r}
c.DockerImageBuilder.network = "host"
c.GitSourceResolver.allow_private_networks = True
"""


@pytest.fixture
def official_service(docker: DockerApi, tmp_path: Path) -> Iterator[RunningService]:
    """Run a service that builds with the official image."""
    assert image_store.pull(docker, OFFICIAL)
    with running_service(tmp_path, f"{SETTINGS}c.DockerImageBuilder.url = {docker.url!r}\n") as service:
        yield service
    remove_everything(docker, INSTANCE)


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_conda_repository_becomes_an_image_with_its_packages(
    official_service: RunningService, docker: DockerApi, git: GitServer, make_repository: MakeRepository
) -> None:
    repository = make_repository()
    repository.commit({"environment.yml": ENVIRONMENT}, "The only one")

    with official_service.client as client:
        ended = build(client, repo=address(git, repository))

    assert ended["state"] == "succeeded", ended
    with container(docker, ended["image"], ["python", "-c", "import numpy; print(numpy.arange(3).sum())"]) as running:
        assert running.run().strip() == "3"
