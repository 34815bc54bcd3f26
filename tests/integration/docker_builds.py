"""What tests of the Docker builder share: builders with test settings, and repositories that build as wanted."""

from __future__ import annotations

import io
import secrets
import tarfile
from dataclasses import dataclass, replace
from typing import Any

from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.registries.docker_daemon import HOST
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, Destination, ImageName, Owner, OwnerKind, Source
from repo2docker_service.testing.driving import Outcome

ADA = Owner(OwnerKind.USER, "ada")


def docker_builder(engine: Engine, image: str, installation: Installation, **traits: Any) -> DockerImageBuilder:
    """Make a builder whose containers reach the servers of the tests."""
    chosen = {"url": engine.url, "repo2docker_image": image, "network": "host", "concurrency": 1} | traits
    return DockerImageBuilder(installation=installation, **chosen)


def inside(docker: DockerApi, image: str, path: str) -> str:
    """Read a file of an image without running anything of it."""
    created = docker.ask("POST", "/containers/create", None, {"Image": image, "Cmd": ["none"]})["Id"]
    with docker.open("GET", f"/containers/{created}/archive", {"path": path}) as answer:
        packed = io.BytesIO(answer.read())
    docker.ask("DELETE", f"/containers/{created}")
    with tarfile.open(fileobj=packed) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        assert file is not None
        return file.read().decode()


@dataclass(frozen=True)
class Repositories:
    """Makes repositories, and the plans to build them, for one installation."""

    git: GitServer
    image: str
    installation: Installation

    def plan(self, files: dict[str, str], **fields: Any) -> tuple[BuildPlan, Destination]:
        """Plan a build of a new repository with these files; ``{image}`` in them is the base image."""
        repository = Repository(self.git.root, f"{secrets.token_hex(4)}/example.git")
        filled = {path: text.replace("{image}", self.image) for path, text in files.items()}
        commit = repository.commit(filled, "The only one")
        return self.plan_of(f"{self.git.url.rstrip('/')}/{repository.name}", commit, **fields)

    def plan_of(self, address: str, commit: str, **fields: Any) -> tuple[BuildPlan, Destination]:
        """Plan a build of a commit."""
        name = ImageName(HOST, f"{self.installation.image_prefix}/example-{secrets.token_hex(4)}", commit)
        plan = BuildPlan(secrets.token_hex(16), Source(address), commit, name, owner=ADA, requested_by=ADA)
        return replace(plan, **fields), Destination(name, push=False)

    def script(self, *commands: str) -> tuple[BuildPlan, Destination]:
        """Plan a build that runs these commands, each as a step that no cache answers for."""
        steps = "".join(f"RUN {command} # {secrets.token_hex(8)}\n" for command in commands)
        return self.plan({"Dockerfile": f"FROM {{image}}\n{steps}"})

    def __call__(self, outcome: Outcome, lines: int = 5) -> tuple[BuildPlan, Destination]:
        """Plan a build as the contract suite asks for it."""
        write = f'for i in $(seq 1 {lines}); do echo "line $i of {lines}"; done'
        last = {Outcome.SUCCEEDS: "true", Outcome.FAILS: "exit 3", Outcome.RUNS_LONG: "sleep 300"}
        return self.script(write, last[outcome])
