"""What went wrong in builds that really failed is found in their logs: each kind that can be made to happen here."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tools.parts.engine import Engine

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.causes import CauseKind as Kind
from repo2docker_service.domain.explaining import Explainer
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, Destination

Planned = tuple[BuildPlan, Destination]
PIP: Final = "python3 -m pip --isolated install --break-system-packages --no-index"

Mistake = tuple[dict[str, str], Kind, str]
"""Files of a repository, what goes wrong with them, and something of the line that tells it."""


def run(command: str) -> dict[str, str]:
    """Give a repository that runs a command, in a step that no cache answers for."""
    return {"Dockerfile": f"FROM {{image}}\nRUN {command} # {secrets.token_hex(8)}\n"}


IN_STEPS: Final[Mapping[str, Mistake]] = {
    "an unknown package": (run(f"{PIP} numpi"), Kind.PACKAGE_NOT_FOUND, "numpi"),
    "an address nobody answers at": (run("git clone http://127.0.0.1:9/a"), Kind.NETWORK, "127.0.0.1"),
    "too little memory": (run("python3 -c 'bytearray(1 << 60)'"), Kind.OUT_OF_MEMORY, "MemoryError"),
    "a full disk": (run("dd if=/dev/zero of=/dev/full count=1"), Kind.DISK_FULL, "No space left on device"),
    "a step that lies": (run("echo 'ERROR: dockerfile parse error'; exit 3"), Kind.STEP_FAILED, "parse error"),
}
BESIDE_STEPS: Final[Mapping[str, Mistake]] = {
    "an unknown instruction": ({"Dockerfile": "FROM {image}\nRUNN true\n"}, Kind.DOCKERFILE, "RUNN"),
    "a file that is not there": ({"Dockerfile": "FROM {image}\nCOPY a.csv /\n"}, Kind.FILE_MISSING, "a.csv"),
    "an environment that is no YAML": ({"environment.yml": "name: a\n b: c: d\n"}, Kind.ENVIRONMENT_FILE, "Error"),
    "a Python that is not to be had": (
        {"runtime.txt": "python-3.99", "requirements.txt": ""},
        Kind.LANGUAGE_VERSION,
        "3.99",
    ),
}


class _Nothing(BaseHTTPRequestHandler):
    """Answers like a registry that is empty."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v2/" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def empty_registry() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Nothing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
async def builder(engine: Engine, image: str, installation: Installation) -> AsyncIterator[DockerImageBuilder]:
    async with docker_builder(engine, image, installation, concurrency=4) as builder:
        yield builder


async def require_told(builder: DockerImageBuilder, mistakes: Mapping[str, tuple[Planned, Kind, str]]) -> None:
    """Make all these mistakes, and see that each is told."""
    builds = await asyncio.gather(*(explained(builder, planned) for planned, _, _ in mistakes.values()))

    for (name, (_, kind, words)), (build, lines) in zip(mistakes.items(), builds, strict=True):
        assert build.cause is not None, (name, lines)
        assert (name, build.cause.kind) == (name, kind), (build.cause, lines)
        assert words in build.cause.text, (name, lines)
        assert build.cause.text[-40:] in lines[build.cause.line - 1], name


async def explained(builder: DockerImageBuilder, planned: Planned) -> tuple[Build, list[str]]:
    """Build to the end; give the build with its cause, and its log."""
    started = await builder.start(*planned)
    async with asyncio.timeout(100):
        lines = [line async for chunk in builder.read_log(started.id, follow=True) for line in chunk.lines]
    return await Explainer(builder, patience=20).explained(await builder.get(started.id)), lines


async def test_a_mistake_in_a_step_is_told_with_the_line_that_says_so(
    builder: DockerImageBuilder, repositories: Repositories
) -> None:
    mistakes = {name: (repositories.plan(files), kind, words) for name, (files, kind, words) in IN_STEPS.items()}

    await require_told(builder, mistakes)


async def test_a_mistake_beside_the_steps_is_told_with_the_line_that_says_so(
    builder: DockerImageBuilder, repositories: Repositories
) -> None:
    gone = repositories.plan_of(f"{repositories.git.url}/none/here.git", "a" * 40)
    mistakes = {name: (repositories.plan(files), kind, words) for name, (files, kind, words) in BESIDE_STEPS.items()}
    mistakes["no such repository"] = (gone, Kind.REPOSITORY_CLOSED, "none/here")
    with empty_registry() as registry:
        baseless = repositories.plan({"Dockerfile": f"FROM {registry}/nothere:1\n"})
        mistakes["no such base image"] = (baseless, Kind.BASE_IMAGE_MISSING, "nothere:1")

        await require_told(builder, mistakes)
