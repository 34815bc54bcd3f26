"""A service as BinderHub's clients see it, and BinderHub's own client."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.integration.conftest import address
from tools.parts import npm
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.service import PRETENDED, RunningService, configured, running_service

CLIENT: Final = Path(__file__).with_name("client.mjs")
PAGE: Final = Path(__file__).parents[3] / "docs" / "how-to" / "answer-binderhub-clients.md"
DOCKERFILE: Final = "FROM scratch\nCOPY . /\n"
LONG_NAME: Final = "-".join(["long"] * 12)
"""Of a repository: with so long a name, repo2docker's own check of image names never ends where a tag is wrong."""
FAILING: Final = "https://example.org/failing"
TOO_SLOW: Final = "https://example.org/too-slow"
"""What is asked for again after it has run out of time is built again, unlike what has failed by its own fault."""


@dataclass(frozen=True)
class Binder:
    """A service, as those clients see it."""

    url: str
    token: str

    @classmethod
    def of(cls, service: RunningService) -> Binder:
        """Give a service as who may do everything there sees it."""
        return cls(service.url, service.token)

    @property
    def endpoint(self) -> str:
        return f"{self.url}build/"

    @property
    def headers(self) -> dict[str, str]:
        """What says who is asking."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def client(self) -> httpx.Client:
        """Give a client of the service's own API."""
        return httpx.Client(base_url=f"{self.url}api/v1/", headers=self.headers, timeout=60)

    def npm(self, spec: str, *, most: int = 0) -> subprocess.Popen[str]:
        """Start BinderHub's own client."""
        folder = npm.installed("@jupyterhub/binderhub-client", "0.5.0")
        words = [spec, self.endpoint, self.token, str(most)]
        return subprocess.Popen([npm.node(), CLIENT, folder, *words], stdout=subprocess.PIPE, text=True)

    def told(self, spec: str, *, most: int = 0) -> list[dict[str, Any]]:
        """Give what that client is told until the end."""
        output, _ = self.npm(spec, most=most).communicate(timeout=100)
        return given(output)

    def get(self, path: str, **headers: str) -> list[dict[str, Any]]:
        """Ask as a program does, and give what was told."""
        return events(httpx.get(f"{self.endpoint}{path}", headers=self.headers | headers, timeout=100))

    def builds(self) -> int:
        """Count the builds on record."""
        with self.client as client:
            return len(client.get("builds", params={"limit": 100}).json()["items"])

    def watchers(self) -> float:
        """Count the streams that are open."""
        with self.client as client:
            families = text_string_to_metric_families(client.get(f"{self.url}metrics").text)
        [streams] = [each for each in families if each.name == "repo2docker_service_streams_open"]
        return sum(sample.value for sample in streams.samples)


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """Read what an answer told."""
    assert answer.status_code == 200
    return [json.loads(line.removeprefix("data:")) for line in answer.text.splitlines() if line.startswith("data:")]


def given(output: str) -> list[dict[str, Any]]:
    """Read what the program printed of events."""
    return [json.loads(line.removeprefix("event ")) for line in output.splitlines() if line.startswith("event ")]


@pytest.fixture(scope="session")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Binder]:
    """Run a service whose builds only pretend, for two seconds."""
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "authorizer": "token", "binder_api": True},
        "InMemoryImageBuilder": {
            "lines": 10,
            "pace": 0.2,
            "scripts": {
                FAILING: {"lines": 1, "reason": "build-failed"},
                TOO_SLOW: {"lines": 1, "reason": "timed-out"},
            },
        },
    }
    with running_service(tmp_path_factory.mktemp("pretending"), configured(settings)) as service:
        yield Binder.of(service)


@pytest.fixture(scope="session")
def looking(git: GitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Binder]:
    """Run a service that looks refs up for real, refuses one folder, and pretends to build."""
    rules = [{"match": f"{git.url.rstrip('/')}/banned", "allow": False}]
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "source_resolver": "git", "authorizer": "token", "binder_api": True},
        "GitSourceResolver": {"rules": rules, "allow_private_networks": True},
        "InMemoryImageBuilder": {"lines": 1},
    }
    with running_service(tmp_path_factory.mktemp("looking"), configured(settings)) as service:
        yield Binder.of(service)


@pytest.fixture
def binder(service: RunningService) -> Binder:
    return Binder.of(service)


def encoded(git: GitServer, repository: Repository) -> str:
    """Give a repository as a specification without its ref."""
    return f"git/{quote(address(git, repository), safe='')}"


def spec_of(git: GitServer, dockerfile: str = DOCKERFILE) -> str:
    """Give the specification of a new repository with a long name."""
    repository = Repository(git.root, f"{secrets.token_hex(4)}/{LONG_NAME}.git")
    repository.commit({"Dockerfile": dockerfile}, "The only one")
    return f"{encoded(git, repository)}/HEAD"
