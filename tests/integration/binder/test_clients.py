"""Clients of BinderHub that were never told of this service: its own, and requests as others send them."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.integration.conftest import MakeRepository, address
from tools.parts import npm
from tools.parts.git_server import GitServer
from tools.service import PRETENDED, RunningService, configured, running_service

CLIENT = Path(__file__).with_name("client.mjs")
REPOSITORY = "https://example.org/a/b"
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
        assert answer.status_code == 200
        return [json.loads(line.removeprefix("data:")) for line in answer.text.splitlines() if line.startswith("data:")]

    def builds(self) -> int:
        """Count the builds on record."""
        with self.service.client as client:
            return len(client.get("builds", params={"limit": 100}).json()["items"])


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


def test_its_own_client_builds_an_image_and_has_it_at_once_the_second_time(
    binder: Binder, git: GitServer, make_repository: MakeRepository
) -> None:
    spec = spec_of(git, make_repository)

    first, second = binder.told(spec), binder.told(spec)

    assert [each["phase"] for each in (first[0], first[-1])] == ["waiting", "ready"]
    assert {each["phase"] for each in first} <= {"waiting", "building", "pushing", "ready"}
    assert any("COPY" in each["message"] for each in first)
    (ready,) = second
    assert ready["phase"] == "ready"
    assert ready["imageName"] == first[-1]["imageName"]
    assert ":" in ready["imageName"].rpartition("/")[2]


def test_a_build_that_fails_is_told_to_its_own_client_again_and_not_done_again(
    binder: Binder, git: GitServer, make_repository: MakeRepository
) -> None:
    spec = spec_of(git, make_repository, "FROM scratch\nCOPY missing /\n")

    first, before, second = binder.told(spec), binder.builds(), binder.told(spec)

    assert first[-1]["phase"] == second[-1]["phase"] == "failed"
    assert any("missing" in each["message"] for each in first)
    assert binder.builds() == before


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("git/https%3A%2F%2Fexample.org%2Fa/", "HEAD"),
        ("zenodo/10.5281/zenodo.1", "zenodo"),
        ("git/ext%3A%3Ash%20-c%20id/HEAD", "https"),
    ],
)
def test_its_own_client_is_told_what_is_wrong(pretending: Binder, spec: str, words: str) -> None:
    told = pretending.told(spec)

    assert told[-1]["phase"] == "failed"
    assert words in told[-1]["message"]


def test_its_own_client_is_told_that_it_is_not_let_in(pretending: Binder) -> None:
    told = pretending.told(f"git/{quote(REPOSITORY, safe='')}/HEAD", token="wrong")

    assert (told[-1]["phase"], told[-1]["status_code"]) == ("failed", 401)


def test_a_client_that_leaves_ends_no_build(pretending: Binder) -> None:
    spec = f"git/{quote(f'{REPOSITORY}-left', safe='')}/HEAD"

    pretending.told(spec, most=3)

    assert pretending.told(spec)[-1]["phase"] == "ready"


def test_who_comes_while_it_is_built_is_told_all_of_it(pretending: Binder) -> None:
    spec = f"git/{quote(f'{REPOSITORY}-shared', safe='')}/HEAD"
    first = pretending.npm(spec)
    time.sleep(1)
    second = pretending.told(spec)
    output, _ = first.communicate(timeout=60)

    lines = [[each["message"] for each in told if each["phase"] == "building"] for told in (second, given(output))]
    assert lines[0] == lines[1]
    assert len(lines[0]) >= 10


def test_a_service_that_stops_ends_each_stream_with_a_word(tmp_path: Path) -> None:
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "authorizer": "token", "binder_api": True},
        "InMemoryImageBuilder": {"lines": 1000, "pace": 0.1},
    }
    with running_service(tmp_path, configured(settings)) as service:
        binder = Binder(service)
        client = binder.npm(f"git/{quote(REPOSITORY, safe='')}/HEAD")
        assert client.stdout is not None
        while "event " not in client.stdout.readline():
            pass
        service.process.terminate()
        output, _ = client.communicate(timeout=30)

    last = given(output)[-1]
    assert (last["phase"], last["status_code"]) == ("failed", 503)
    assert "The build goes on" in last["message"]


def test_a_request_as_that_of_tljh_is_answered(pretending: Binder) -> None:
    told = pretending.get(f"git/{quote(REPOSITORY, safe='')}/main?build_only=true", Accept="*/*")

    assert told[-1]["phase"] == "ready"


@pytest.mark.parametrize("repository", ["a/b", "a%2Fb"])
def test_a_request_of_fancy_profiles_or_of_tljh_for_github_is_answered(pretending: Binder, repository: str) -> None:
    told = pretending.get(f"gh/{repository}/HEAD?build_only=true", Accept="text/event-stream")

    assert told[-1]["phase"] == "ready"
    with pretending.service.client as client:
        built = client.get("images", params={"name": told[-1]["imageName"]}).json()["items"]
    assert built[0]["repo"] == "https://github.com/a/b"
