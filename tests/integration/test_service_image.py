"""The service's own image: built here from what this machine has, and run as the documentation tells."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tests.integration.conftest import MakeRepository, address
from tests.pages import COMMANDS, blocks
from tools.parts import service_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.packages import require
from tools.parts.ports import free_port
from tools.reliability.engine_facts import remove_everything
from tools.service import build

DEPLOY = Path(__file__).parents[2] / "deploy"
GUIDE = "docs/how-to/run-in-a-container.md"
DATA = "/var/lib/repo2docker-service"
SECOND = 10**9
Start = Callable[[], AbstractContextManager[dict[str, Any]]]


@pytest.fixture(scope="module")
def service_image_name(engine: Engine) -> str:
    """Build the image."""
    return service_image.build(engine.url)


@pytest.fixture
def token() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(
    engine: Engine, docker: DockerApi, service_image_name: str, image: str, token: str, port: int
) -> Iterator[Start]:
    """Start containers of one installation, one after the other, whose data are in one volume."""
    instance = f"t{secrets.token_hex(6)}"
    socket = Path(engine.url.removeprefix("unix://"))
    body = {
        "Image": service_image_name,
        "Cmd": [
            f"--port={port}",
            f"--Repo2DockerService.instance={instance}",
            f"--Repo2DockerService.image_prefix=r2d-{instance}",
            f"--DockerImageBuilder.socket={socket}",
            f"--DockerImageBuilder.repo2docker_image={image}",
            "--DockerImageBuilder.network=host",
            "--GitSourceResolver.allow_private_networks=True",
        ],
        "Env": [f"REPO2DOCKER_SERVICE_TOKEN={token}", f"REPO2DOCKER_SERVICE_URL=http://127.0.0.1:{port}/"],
        "Healthcheck": {"Interval": SECOND},
        "HostConfig": {
            "NetworkMode": "host",
            "Binds": [f"{socket}:/var/run/docker.sock", f"{instance}:{DATA}"],
            "GroupAdd": [str(socket.stat().st_gid)],
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
        },
    }
    yield lambda: healthy(docker, body)
    remove_everything(docker, instance)
    docker.ask("DELETE", f"/volumes/{instance}")


@contextmanager
def healthy(docker: DockerApi, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Run a container until it says that it is well, and remove it; give what the engine tells of it."""
    path = f"/containers/{docker.ask('POST', '/containers/create', None, body)['Id']}"
    try:
        docker.ask("POST", f"{path}/start")
        until = time.monotonic() + 60
        while (told := docker.ask("GET", f"{path}/json"))["State"].get("Health", {}).get("Status") != "healthy":
            assert told["State"]["Running"], logs(docker, path)
            assert time.monotonic() < until, repr(told["State"])
            time.sleep(0.1)
        yield told
    finally:
        docker.ask("DELETE", path, {"force": "1"})


def logs(docker: DockerApi, path: str) -> str:
    with docker.open("GET", f"{path}/logs", {"stdout": "1", "stderr": "1"}) as answer:
        return answer.read().decode(errors="replace")


@pytest.mark.slow
def test_a_container_without_rights_builds_and_the_next_one_on_its_volume_knows_of_it(
    start: Start, make_repository: MakeRepository, git: GitServer, image: str, token: str, port: int
) -> None:
    repository = make_repository()
    repository.commit({"Dockerfile": f"FROM {image}\n"}, "The only one")
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", headers={"Authorization": f"Bearer {token}"})

    with client:
        with start() as container:
            user = Path(f"/proc/{container['State']['Pid']}").stat().st_uid
            ended = build(client, repo=address(git, repository))
        with start():
            known = client.get(f"builds/{ended['id']}").json()

    assert (user, ended["state"], known["state"]) == (10101, "succeeded", "succeeded"), ended


def test_the_service_of_the_compose_file_is_well_before_hub_and_registry_are_there(
    engine: Engine, docker: DockerApi, service_image_name: str, tmp_path: Path
) -> None:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["service"]
    socket = Path(engine.url.removeprefix("unix://"))
    volume = f"t{secrets.token_hex(6)}"
    for name in told["secrets"]:
        (tmp_path / name).write_text(secrets.token_hex(32))
        (tmp_path / name).chmod(0o644)
    config = "repo2docker_service_config.py"
    body = {
        "Image": service_image_name,
        "Cmd": told["command"],
        "Env": [f"{name}={value}" for name, value in told["environment"].items()],
        "Healthcheck": {"Interval": SECOND},
        "HostConfig": {
            "Binds": [
                f"{socket}:/var/run/docker.sock",
                f"{volume}:{DATA}",
                f"{DEPLOY / config}:/etc/repo2docker-service/{config}:ro",
                *(f"{tmp_path / name}:/run/secrets/{name}:ro" for name in told["secrets"]),
            ],
            "GroupAdd": [str(socket.stat().st_gid)],
            "ReadonlyRootfs": told["read_only"],
            "CapDrop": told["cap_drop"],
            "SecurityOpt": told["security_opt"],
        },
    }

    try:
        with healthy(docker, body) as container:
            printed = logs(docker, f"/containers/{container['Id']}")
    finally:
        docker.ask("DELETE", f"/volumes/{volume}")

    assert "/services/repo2docker/" in printed
    assert "Other machines can connect" in printed


def test_a_container_is_started_and_asked_as_the_page_tells(
    engine: Engine, service_image_name: str, port: int, tmp_path: Path
) -> None:
    """What the page names is here under names of this test's own."""
    require("docker")
    name = f"t{secrets.token_hex(6)}"
    shown = {block.script.partition(" ")[0]: block.script for block in blocks(*COMMANDS, page=GUIDE)}
    start, ask = (shown[first].replace("environments", name) for first in ("docker", "export"))
    start = start.replace("repo2docker-service:latest", service_image_name).replace(":10101:", f":{port}:")
    start = re.sub(r"(?<= )/var/run/docker.sock", engine.url.removeprefix("unix://"), start)
    ask = ask.replace("…", f"$(docker logs {name} | sed -n 's/.*#token=//p')")
    wait = f"timeout 60 bash -c \"until docker logs {name} | grep '#token='; do sleep 0.2; done\""
    tidy = f"docker rm --force --volumes {name}; docker volume rm {name}-data; docker network rm {name}"
    (tmp_path / "repo2docker_service_config.py").write_text(f"c.Repo2DockerService.instance = {name!r}\n")

    done = subprocess.run(
        ["bash", "-ec", f"trap '{tidy}' EXIT\n{start}\n{wait}\n{ask}"],
        cwd=tmp_path,
        env=os.environ | {"DOCKER_HOST": engine.url},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "repo2docker-service is ready: http://" in done.stdout
    assert re.search(r"^address +http://127\.0\.0\.1:10101/", done.stdout, re.MULTILINE), done.stdout


def test_a_container_is_not_well_when_nothing_answers(docker: DockerApi, service_image_name: str) -> None:
    healthcheck = docker.ask("GET", f"/images/{service_image_name}/json")["Config"]["Healthcheck"]["Test"]
    body = {
        "Image": service_image_name,
        "Entrypoint": healthcheck[1:],
        "Env": [f"REPO2DOCKER_SERVICE_URL=http://127.0.0.1:{free_port()}/"],
    }
    path = f"/containers/{docker.ask('POST', '/containers/create', None, body)['Id']}"
    try:
        docker.ask("POST", f"{path}/start")
        status = docker.ask("POST", f"{path}/wait")["StatusCode"]
        printed = logs(docker, path)
    finally:
        docker.ask("DELETE", path, {"force": "1", "v": "1"})

    assert (status, "Connection refused" in printed) == (1, True), printed


def test_the_image_keeps_nothing_of_the_settings_with_which_it_was_built(
    docker: DockerApi, service_image_name: str
) -> None:
    config = docker.ask("GET", f"/images/{service_image_name}/json")["Config"]
    steps = " ".join(each["CreatedBy"] for each in docker.ask("GET", f"/images/{service_image_name}/history"))

    lent = {value for name, value in os.environ.items() if name.startswith("PIP_") and "/" in value}
    assert [each for each in config["Env"] if each.startswith(("PIP_", "SSL_", "REQUESTS_"))] == []
    assert [value for value in lent if value in steps] == []
