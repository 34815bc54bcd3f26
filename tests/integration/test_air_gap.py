"""Installed, configured and used by the words of the documentation, where no way leads out."""

from __future__ import annotations

import asyncio
import io
import os
import re
import secrets
import subprocess
import sysconfig
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.raw_servers import Relay
from tests.pages import COMMANDS, ROOT, blocks
from tools.parts import certificates, service_image
from tools.parts.containers import container
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.packages import program, require
from tools.parts.repository import Repository
from tools.reliability.engine_facts import remove_everything

PAGE = "docs/how-to/run-without-the-internet.md"
AUTHORITY = "docs/how-to/use-your-own-authority-and-proxy.md"
GATHER, INSTALL, SAVE, LOAD = (block.script for block in blocks(*COMMANDS, page=PAGE))
[BUILD] = (block.script for block in blocks(*COMMANDS, page=AUTHORITY))
OUTSIDE = """
pip() { python -m pip "$@"; }
docker() { if [ "$1" = pull ]; then "$DOCKER" tag "$HERE" "$2"; else "$DOCKER" "$@"; fi; }
"""
"""No registry can be counted on: what is pulled is an image that is here."""
INSIDE = """
set -e
cd /carried
! python3 -c 'import socket; socket.create_connection(("1.1.1.1", 443), 1)' 2>/dev/null || exit 9
python3 -m venv r2d && . r2d/bin/activate
{install}
repo2docker-service >service.log 2>&1 &
trap 'cat service.log' EXIT
timeout 60 sh -c 'until grep -q http:// service.log; do sleep 0.1; done'
{build}
repo2docker-service images | cat
"""


@pytest.fixture
def registry(docker: DockerApi) -> Iterator[str]:
    """Name a registry that nobody finds; what is kept under its name is removed."""
    host = f"registry-{secrets.token_hex(4)}.example.org"
    yield host
    for image in docker.ask("GET", "/images/json"):
        for tag in image["RepoTags"] or ():
            if tag.startswith(host):
                docker.ask("DELETE", f"/images/{tag}", {"noprune": "1"})


def run(script: str, folder: Path, **variables: str) -> None:
    """Run what a page shows, on the machine that everything is carried from or on that of the engine."""
    command = ["bash", "-ec", OUTSIDE + script]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def gathered(folder: Path, docker: DockerApi, image: str) -> None:
    """Put all wheels into a folder: those of the dependencies are fetched once, as the image's Python wants them."""
    with tarfile.open(service_image.wheels(docker, image)) as fetched:
        fetched.extractall(folder, filter="data")
    (folder / "repo2docker-service").symlink_to(ROOT)
    run(
        GATHER,
        folder,
        PIP_NO_DEPS="1",
        PIP_NO_INDEX="1",
        PIP_NO_BUILD_ISOLATION="0",  # pip reads it the other way round
        PYTHONPATH=sysconfig.get_path("purelib"),  # where it finds what the package is built with
        R2D_SKIP_PAGE="1",
    )


def settings(registry: str, git: str) -> str:
    """Give the configuration that the pages show, with the names of this test's registry and git server."""
    shown = [*blocks("python", page=PAGE), blocks("python", page=AUTHORITY)[0]]
    text = "".join(each.text for each in shown).replace("https://git.example.org/", git)
    return text.replace("registry.example.org", registry)


def packed(carried: Path, authority: Path) -> bytes:
    """Pack all that is carried over, and the authority as the pages name it."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        tar.add(carried, "carried")
        tar.add(authority, "etc/ssl/our-authority.pem")
    return target.getvalue()


def carry_images(folder: Path, engine: Engine, image: str, registry: str) -> None:
    """Save images under names of a registry, forget these names, and load them again."""
    require("docker")
    named = SAVE.replace("quay.io", registry)
    named = re.sub(r"(?<= )buildpack-deps", f"{registry}/buildpack-deps", named)
    forget = " ".join(re.findall(r"docker pull (.*)", named))
    variables = {"DOCKER": program("docker") or "docker", "DOCKER_HOST": engine.url, "HERE": image}
    run(f"{named}\ndocker rmi {forget}\n{LOAD}", folder, **variables)


@pytest.mark.slow
async def test_it_is_installed_and_builds_where_no_way_leads_out(
    engine: Engine, docker: DockerApi, image: str, git: GitServer, network: str, registry: str, tmp_path: Path
) -> None:
    gateway = docker.ask("GET", f"/networks/{network}")["IPAM"]["Config"][0]["Gateway"]
    authority = certificates.authority(tmp_path, "our-authority")
    shown = certificates.issue(authority, tmp_path, "git", f"IP:{gateway}")
    course = Repository(git.root, "team/course")
    course.commit({"Dockerfile": f"FROM {registry}/buildpack-deps:24.04\nCOPY . /course\n"}, "The course")
    carried = tmp_path / "carried"
    carried.mkdir()
    gathered(carried, docker, image)
    carry_images(tmp_path, engine, image, registry)
    relay = Relay(int(git.url.rpartition(":")[2]))

    try:
        async with await asyncio.start_server(relay.talk, gateway, 0, ssl=shown.context) as server:
            address = f"https://{gateway}:{server.sockets[0].getsockname()[1]}/"
            config = (
                f"c.Repo2DockerService.instance = {network!r}\n"
                f"c.Repo2DockerService.image_prefix = 'r2d-{network}'\n"
                f"c.DockerImageBuilder.network = {network!r}\n"
                f"c.DockerImageBuilder.socket = {engine.url.removeprefix('unix://')!r}\n"
            )
            (carried / "repo2docker_service_config.py").write_text(settings(registry, address) + config)
            script = INSIDE.format(install=INSTALL, build=BUILD.replace("https://git.example.org/", address))
            printed = await asyncio.to_thread(inside, docker, image, network, script, packed(carried, authority.file))
    finally:
        remove_everything(docker, network)

    assert relay.received > 0
    [built] = re.findall(r"succeeded: (\S+)", printed)
    assert built.startswith(f"localhost/r2d-{network}/"), printed
    assert re.search(rf"^[0-9a-f]{{24}} .*{re.escape(built)}", printed, re.MULTILINE), printed


def inside(docker: DockerApi, image: str, network: str, script: str, carried: bytes) -> str:
    """Run a script in a container on a network, with what was carried there and the engine's socket."""
    socket = docker.url.removeprefix("unix://")
    variables = {
        "REPO2DOCKER_SERVICE_TOKEN": secrets.token_hex(16),
        "PIP_NO_COMPILE": "1",  # what is used once need not be compiled before
        "PIP_PROGRESS_BAR": "off",
    }
    with container(
        docker, image, ["sh", "-c", script], variables, [f"{socket}:/var/run/docker.sock"], network
    ) as machine:
        machine.write("/", [carried])
        return machine.run(limit=200)
