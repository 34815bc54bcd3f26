"""A service as BinderHub's clients see it, and BinderHub's own client."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.integration.conftest import MakeRepository, address
from tools.parts import npm
from tools.parts.git_server import GitServer
from tools.service import PRETENDED, RunningService, configured, running_service

CLIENT = Path(__file__).with_name("client.mjs")
DOCKERFILE = "FROM scratch\nCOPY . /\n"


@dataclass(frozen=True)
class Binder:
    """A service, as those clients see it."""

    service: RunningService

    @property
    def endpoint(self) -> str:
        return f"{self.service.url}build/"

    def npm(self, spec: str, *, token: str | None = None, most: int = 0) -> subprocess.Popen[str]:
        """Start BinderHub's own client."""
        folder = npm.installed("@jupyterhub/binderhub-client", "0.5.0")
        words = [spec, self.endpoint, self.service.token if token is None else token, str(most)]
        return subprocess.Popen([npm.node(), CLIENT, folder, *words], stdout=subprocess.PIPE, text=True)

    def told(self, spec: str, **more: Any) -> list[dict[str, Any]]:
        """Give what that client is told until the end."""
        output, _ = self.npm(spec, **more).communicate(timeout=100)
        return given(output)

    def get(self, path: str, **headers: str) -> list[dict[str, Any]]:
        """Ask as a program does, and give what was told."""
        headers = {"Authorization": f"Bearer {self.service.token}", **headers}
        answer = httpx.get(f"{self.endpoint}{path}", headers=headers, timeout=100)
        return events(answer)

    def builds(self) -> int:
        """Count the builds on record."""
        with self.service.client as client:
            return len(client.get("builds", params={"limit": 100}).json()["items"])

    def watchers(self) -> float:
        """Count the streams that are open."""
        with self.service.client as client:
            families = text_string_to_metric_families(client.get(f"{self.service.url}metrics").text)
        [streams] = [each for each in families if each.name == "repo2docker_service_streams_open"]
        return sum(sample.value for sample in streams.samples)


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """Read what an answer told."""
    assert answer.status_code == 200
    return [json.loads(line.removeprefix("data:")) for line in answer.text.splitlines() if line.startswith("data:")]


def given(output: str) -> list[dict[str, Any]]:
    """Read what the program printed of events."""
    return [json.loads(line.removeprefix("event ")) for line in output.splitlines() if line.startswith("event ")]


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Binder]:
    """Run a service whose builds only pretend, for two seconds."""
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "authorizer": "token", "binder_api": True},
        "InMemoryImageBuilder": {"lines": 10, "pace": 0.2},
    }
    with running_service(tmp_path_factory.mktemp("pretending"), configured(settings)) as service:
        yield Binder(service)


@pytest.fixture
def binder(service: RunningService) -> Binder:
    return Binder(service)


def spec_of(git: GitServer, make_repository: MakeRepository, dockerfile: str = DOCKERFILE) -> str:
    """Give the specification of a new repository."""
    repository = make_repository()
    repository.commit({"Dockerfile": dockerfile}, "The only one")
    return f"git/{quote(address(git, repository), safe='')}/HEAD"
