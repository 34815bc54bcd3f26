"""Builds that do next to nothing, through the service's real launcher, builder and pusher containers.

In a copy of the repo2docker image, the program of that name only waits until the engine has an image of the name that
it was told. A trial gives that name to an image that is there already, whenever the build shall succeed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from repo2docker_service.domain.naming import temporary_tag
from tools.parts.containers import container
from tools.parts.docker_api import DockerApi
from tools.parts.repository import Repository

from .api import Build, start
from .rig import Rig

WORK = "The trivial builder works"
"""The line that the program prints first of all."""
GIVES_UP_AFTER = 900
PROGRAM = f"""\
#!/usr/bin/env python3
import http.client
import os
import socket
import sys
import time

print("{WORK}", flush=True)
name = next(word.partition("=")[2] for word in sys.argv if word.startswith("--image-name="))


def exists():
    connection = http.client.HTTPConnection("localhost", timeout=30)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
    connection.request("GET", f"/images/{{name}}/json")
    with connection.getresponse() as answer:
        return answer.status == 200


deadline = time.monotonic() + {GIVES_UP_AFTER}
while not exists():
    if time.monotonic() > deadline:
        sys.exit("No image came.")
    time.sleep(0.05)
"""
INSTALL = f"""\
set -e
program=$(command -v jupyter-repo2docker)
rm "$program"
cat > "$program" <<'END'
{PROGRAM}END
chmod 755 "$program"
"""


@dataclass(frozen=True)
class TrivialBuilder:
    """The image with the trivial program, and something to build with it."""

    docker: DockerApi
    base: str
    """The image that each build is said to have made."""
    image: str
    """The value for ``DockerImageBuilder.repo2docker_image``."""
    address: str
    """A repository; every 40 hexadecimal digits are believed to be a commit of it."""

    @property
    def setting(self) -> str:
        """The configuration line that makes a service use it."""
        return f"c.DockerImageBuilder.repo2docker_image = {self.image!r}"

    def wish(self) -> dict[str, str]:
        """Give the body of a request for a build like no other."""
        return {"repo": self.address, "ref": secrets.token_hex(20)}

    def start(self, client: httpx.Client) -> Build:
        """Ask for a build like no other."""
        return start(client, **self.wish())

    def finish(self, build: Build) -> None:
        """Let a build succeed, now or as soon as it begins."""
        repository = build["image"].rpartition(":")[0]
        query = {"repo": repository, "tag": temporary_tag(build["id"])}
        self.docker.ask("POST", f"/images/{self.base}/tag", query)


def images_below(docker: DockerApi, prefix: str) -> list[str]:
    """Give the names of all images below a prefix of the engine's own store."""
    filters = {"filters": json.dumps({"reference": [f"localhost/{prefix}/*"]})}
    tags = [tag for image in docker.ask("GET", "/images/json", filters) for tag in image["RepoTags"] or ()]
    return [tag for tag in tags if tag.startswith(f"localhost/{prefix}/")]


@contextmanager
def trivial_builder(rig: Rig) -> Iterator[TrivialBuilder]:
    """Make the image, and remove it at the end."""
    docker = DockerApi(rig.engine)
    name = f"repo2docker-service/trivial-builder:{secrets.token_hex(4)}"
    config = docker.ask("GET", f"/images/{rig.image}/json")["Config"]
    with container(docker, rig.image, ["sh", "-c", INSTALL]) as changing:
        changing.run(60)
        changing.commit(name, config, "trivial")
    repository = Repository(rig.git.root, f"{secrets.token_hex(4)}/trivial.git")
    try:
        yield TrivialBuilder(docker, rig.image, name, f"{rig.git.url}/{repository.name}")
    finally:
        docker.ask("DELETE", f"/images/{name}", {"force": "1"})
