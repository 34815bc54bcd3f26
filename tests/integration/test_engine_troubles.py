"""An engine that stops, or whose disk is full: builds end with the reason, and all goes on by itself afterwards."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tools.parts import repo2docker_image
from tools.parts.docker_api import answers
from tools.parts.engine import OwnEngine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.parts.small_disk import no_files, no_space, small_disk
from tools.service import build, follow, running_service

from repo2docker_service.domain.advice import ADVICE
from repo2docker_service.domain.models import Reason

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="An engine is started by root only")

SIZE, FILES = 1000 << 20, 16_000
"""Of the disk: the image takes half of it, and 13,700 files."""
SETTINGS = f"c.DockerImageBuilder.min_free_disk = {64 << 20}\nc.DockerImageBuilder.concurrency = 1\n"
WRITES = "echo begun; while mkdir /d$((n=n+1)) && head -c 9999 /dev/zero > /d$n/f; do sleep 0.02; done; exit 1"

Filled = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def own_engine(image: str) -> Iterator[OwnEngine]:
    """Start an engine that a test may stop, and whose disk it may fill."""
    own = OwnEngine(Path(tempfile.mkdtemp(prefix="r2d-")), own_bridge=True)
    root = own.folder / "root"
    root.mkdir()
    with small_disk(root, SIZE, FILES):
        try:
            own.start()
            repo2docker_image.ensure(own.url)
            yield own
        finally:
            own.stop()
    own.erase()


def repository(git: GitServer, image: str, command: str) -> str:
    """Make a repository whose only step runs a command, and give its address."""
    made = Repository(git.root, f"{secrets.token_hex(4)}/example.git")
    made.commit({"Dockerfile": f"FROM {image}\nRUN {command}\n"}, "The only one")
    return f"{git.url.rstrip('/')}/{made.name}"


@pytest.mark.parametrize("filled", [no_space, no_files])
def test_a_full_disk_fails_builds_with_the_reason_and_the_service_recovers(
    own_engine: OwnEngine, image: str, git: GitServer, service_settings: str, tmp_path: Path, filled: Filled
) -> None:
    settings = f"{service_settings}{SETTINGS}c.DockerImageBuilder.url = {own_engine.url!r}\n"
    with running_service(tmp_path, settings) as service, service.client as client:
        running = client.post("builds", json={"repo": repository(git, image, WRITES)}).json()["id"]
        with client.stream("GET", f"builds/{running}/log", headers={"Accept": "text/event-stream"}) as lines:
            next(line for line in lines.iter_lines() if "begun" in line.rpartition("#")[2])
        queued = client.post("builds", json={"repo": repository(git, image, "true")}).json()["id"]
        with filled(own_engine.folder / "root"):
            refused = client.post("builds", json={"repo": repository(git, image, "true")})
            log = follow(client, running)
            started_full = follow(client, queued).end
            ready = client.get(f"{service.url}health/ready")
        after = build(client, repo=repository(git, image, "echo after"))

    assert (refused.status_code, refused.json()["type"]) == (507, "urn:repo2docker-service:disk-low")
    assert (log.end["reason"], log.end["cause"]["kind"]) == ("out-of-resources", "disk-full")
    assert "No space left on device" in log.end["cause"]["text"]
    assert log.lines[-1] == "The disk of the engine was full while it built."
    assert (started_full["reason"], started_full["cause"]["kind"]) == ("out-of-resources", "disk-full")
    assert ready.status_code == 200
    assert after["state"] == "succeeded"


def test_an_engine_that_stops_loses_the_build_and_the_service_recovers(
    own_engine: OwnEngine, image: str, git: GitServer, service_settings: str, tmp_path: Path
) -> None:
    settings = f"{service_settings}{SETTINGS}c.DockerImageBuilder.url = {own_engine.url!r}\n"
    with running_service(tmp_path, settings) as service, service.client as client:
        started = client.post("builds", json={"repo": repository(git, image, "sleep 60")}).json()
        with client.stream("GET", f"builds/{started['id']}/log", headers={"Accept": "text/event-stream"}) as log:
            next(line for line in log.iter_lines() if "sleep 60" in line)

        own_engine.stop()
        down = client.post("builds", json={"repo": repository(git, image, "true")})
        own_engine.start()
        assert answers(own_engine.url)
        lost = client.get(f"builds/{started['id']}").json()
        after = build(client, repo=repository(git, image, "echo after it stopped"))

    assert down.status_code == 503
    assert int(down.headers["retry-after"]) > 0
    assert (lost["state"], lost["reason"]) == ("failed", "builder-lost")
    assert lost["message"] == ADVICE[Reason.BUILDER_LOST]
    assert after["state"] == "succeeded"
