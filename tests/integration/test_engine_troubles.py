"""An engine that stops, or is out of disk or memory: builds end with the reason, and all goes on by itself."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import quantiles

import httpx
import pytest
from tools.parts import repo2docker_image
from tools.parts.docker_api import answers
from tools.parts.engine import OwnEngine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.parts.small_disk import no_files, no_space, small_disk
from tools.parts.small_group import small_group
from tools.service import RunningService, build, follow, running_service

from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.models import Reason

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="An engine is started by root only")

SIZE, FILES = 1000 << 20, 16_000
"""Of the disk: the image takes half of it, and 13,700 files."""
MEMORY = 300 << 20
"""For all builds, with what repo2docker needs for itself."""
PROCESSES = 300
"""Of steps and of repo2docker, which needs some fifty."""
SETTINGS = f"c.DockerImageBuilder.min_free_disk = {64 << 20}\nc.DockerImageBuilder.concurrency = 1\n"
WRITES = "echo begun; while mkdir /d$((n=n+1)) && head -c 9999 /dev/zero > /d$n/f; do sleep 0.02; done; exit 1"

FORKS = "f() { f & f; }; f"
GREEDY = "[bytearray(1 << 20) for _ in range(1000)]"
PARENT = f'python3 -c \'import subprocess as s; s.run(["python3", "-c", "{GREEDY}"], check=True)\''

MakeRepository = Callable[[str], str]
Filled = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def own_engine(image: str) -> Iterator[OwnEngine]:
    """Start an engine that a test may stop, and whose disk it may fill."""
    folder = Path(tempfile.mkdtemp(prefix="r2d-"))
    (folder / "root").mkdir()
    with small_disk(folder / "root", SIZE, FILES), small_group(folder.name, MEMORY, PROCESSES) as group:
        own = OwnEngine(folder, control_group=group)
        try:
            own.start()
            repo2docker_image.ensure(own.url)
            yield own
        finally:
            own.stop()
    own.erase()


@pytest.fixture(scope="module")
def one_service(
    own_engine: OwnEngine, service_settings: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """Run one service through all these troubles."""
    settings = f"{service_settings}{SETTINGS}c.DockerImageBuilder.url = {own_engine.url!r}\n"
    with running_service(tmp_path_factory.mktemp("service"), settings) as running:
        yield running


@pytest.fixture
def client(one_service: RunningService) -> Iterator[httpx.Client]:
    """Give a client of that service."""
    with one_service.client as client:
        yield client


@pytest.fixture
def repository(git: GitServer, image: str) -> MakeRepository:
    """Make repositories whose only step runs a command, and give their addresses."""

    def made(command: str) -> str:
        repository = Repository(git.root, f"{secrets.token_hex(4)}/example.git")
        repository.commit({"Dockerfile": f"FROM {image}\nRUN {command} # {secrets.token_hex(8)}\n"}, "The only one")
        return f"{git.url.rstrip('/')}/{repository.name}"

    return made


@pytest.mark.parametrize("filled", [no_space, no_files])
def test_a_full_disk_fails_builds_with_the_reason_and_the_service_recovers(
    client: httpx.Client, one_service: RunningService, own_engine: OwnEngine, repository: MakeRepository, filled: Filled
) -> None:
    running = client.post("builds", json={"repo": repository(WRITES)}).json()["id"]
    with client.stream("GET", f"builds/{running}/log", headers={"Accept": "text/event-stream"}) as lines:
        next(line for line in lines.iter_lines() if "begun" in line.rpartition("#")[2])
    queued = client.post("builds", json={"repo": repository("true")}).json()["id"]
    with filled(own_engine.folder / "root"):
        refused = client.post("builds", json={"repo": repository("true")})
        log = follow(client, running)
        follow(client, queued)  # as far as the engine lets it be read
        ready = client.get(f"{one_service.url}health/ready")
    after = build(client, repo=repository("true"))
    meanwhile = follow(client, queued).end

    assert (refused.status_code, refused.json()["type"]) == (507, "urn:repo2docker-service:disk-low")
    assert (log.end["reason"], log.end["cause"]["kind"]) == ("out-of-resources", "disk-full")
    assert "No space left on device" in log.end["cause"]["text"]
    assert log.lines[-1] == "The disk of the engine was full while it built."
    # What the first one gave back may just be enough to build, or even to store what was built.
    assert meanwhile.get("reason") in {None, "out-of-resources", "push-failed"}
    assert ready.status_code == 200
    assert after["state"] == "succeeded"


@pytest.mark.parametrize(
    ("command", "reason", "line"),
    [(f"python3 -c '{GREEDY}'", "out-of-resources", "exit code: 137"), (PARENT, "build-failed", "SIGKILL")],
    ids=["a step", "a program that a step started"],
)
def test_what_the_kernel_kills_was_out_of_memory(
    client: httpx.Client, repository: MakeRepository, command: str, reason: str, line: str
) -> None:
    failed = build(client, repo=repository(command))

    assert (failed["reason"], failed["cause"]["kind"]) == (reason, "out-of-memory")
    assert line in failed["cause"]["text"]


def test_what_starts_processes_without_end_gets_no_more_of_them_and_all_else_goes_on(
    client: httpx.Client, one_service: RunningService, repository: MakeRepository
) -> None:
    def took() -> float:
        begun = time.monotonic()
        assert client.get(f"{one_service.url}health/live", timeout=5).status_code == 200
        return time.monotonic() - begun

    idle = [took() for _ in range(100)]
    started = client.post("builds", json={"repo": repository(FORKS)}).json()["id"]
    give_up = time.monotonic() + 90
    beside = []
    while client.get(f"builds/{started}").json()["state"] in {"queued", "building"}:
        beside += [took() for _ in range(10)]
        assert time.monotonic() < give_up
        time.sleep(0.1)
    log = follow(client, started)
    after = build(client, repo=repository("true"))

    assert log.end["reason"] in {"build-failed", "out-of-resources"}
    assert any("fork" in line for line in log.lines)
    # Five times as long as before; of some milliseconds that is less than other tests that run meanwhile take.
    assert quantiles(beside, n=100)[98] < max(5 * quantiles(idle, n=100)[98], 0.25)
    assert after["state"] == "succeeded"


def test_an_engine_that_stops_loses_the_build_and_the_service_recovers(
    client: httpx.Client, own_engine: OwnEngine, repository: MakeRepository
) -> None:
    started = client.post("builds", json={"repo": repository("sleep 60")}).json()
    with client.stream("GET", f"builds/{started['id']}/log", headers={"Accept": "text/event-stream"}) as log:
        next(line for line in log.iter_lines() if "sleep 60" in line)

    own_engine.stop()
    down = client.post("builds", json={"repo": repository("true")})
    own_engine.start()
    assert answers(own_engine.url)
    lost = client.get(f"builds/{started['id']}").json()
    after = build(client, repo=repository("true"))

    assert down.status_code == 503
    assert int(down.headers["retry-after"]) > 0
    assert (lost["state"], lost["reason"]) == ("failed", "builder-lost")
    assert lost["message"] == ADVICE[Reason.BUILDER_LOST]
    assert after["state"] == "succeeded"
