"""What tests of private builds share: repositories that want a password, and ways to look for it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from aiodocker.exceptions import DockerError
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.reliability.engine_facts import told_of

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.containers import SEALED
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination

PASSWORD = f"p:wörd'\"%&$-{secrets.token_hex(8)}"
OPENS = Credentials("ada", PASSWORD)
FROM_NOTHING = {"Dockerfile": "FROM scratch\nCOPY . /all/\n", "proof": "This is private."}


def forms_of(password: str) -> Iterator[bytes]:
    """Give all forms that a password has on its way to a server."""
    yield password.encode()
    yield quote(password).encode()
    yield json.dumps(password)[1:-1].encode()
    yield json.dumps(password, ensure_ascii=False)[1:-1].encode()
    yield base64.b64encode(f"ada:{password}".encode())


def is_in(*places: bytes) -> bool:
    return any(form in place for place in places for form in forms_of(PASSWORD))


@dataclass
class Private:
    """Repositories that want a password, and builders for them."""

    repositories: Repositories
    engine: Engine
    git: GitServer

    def plan(self, files: Mapping[str, str], name: str = "") -> tuple[BuildPlan, Destination]:
        """Plan a build of a new repository with these files."""
        repository = Repository(self.git.root, name or f"{secrets.token_hex(4)}/example.git")
        commit = repository.commit(files, "The only one")
        address = f"{self.git.url}/{repository.name}"
        plan, destination = self.repositories.plan_of(address, commit, private=True)
        self.git.passwords[self.path(plan)] = ("ada", PASSWORD)
        return plan, destination

    def path(self, plan: BuildPlan) -> str:
        return plan.source.address.removeprefix(self.git.url)

    def asked(self, path: str) -> set[bool]:
        """Say with what was asked for a repository: with a password, without, or both."""
        return {"authorization" in each.headers for each in self.git.requests if each.path.startswith(f"{path}/")}

    def builder(self, **traits: object) -> DockerImageBuilder:
        return docker_builder(self.engine, self.repositories.image, self.repositories.installation, **traits)

    def told_of(self, container: str) -> bytes:
        return told_of(DockerApi(self.engine.url), container)


async def queued(stopped: DockerImageBuilder, plan: BuildPlan, destination: Destination) -> str:
    """Put a build into the queue, and give the id of its container."""
    build = await stopped.start(plan, destination, credentials=OPENS)
    assert build.state is BuildState.QUEUED
    container = (await stopped._view.work(plan.id)).builder.id
    assert await stopped._store.read(container, SEALED)
    return container


async def what_is_kept(builder: DockerImageBuilder, container: str) -> list[bytes]:
    """Read what opens the repository, in either form, as far as it is still in a container."""
    found = []
    for path in (SEALED, SEALED.replace("sealed", "config.json")):
        with suppress(DockerError):  # the launcher has put a file in the folder's place
            found.append(await builder._store.read(container, path) or b"")
    return [each for each in found if each not in (b"", b"{}")]
