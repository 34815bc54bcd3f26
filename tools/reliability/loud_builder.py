"""Builds whose logs are as long and as fast as a trial wants, in real containers, without BuildKit's own limits."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tools.parts.containers import container
from tools.parts.docker_api import DockerApi
from tools.parts.repository import Repository

from . import loud_program
from .loud_program import Order
from .rig import Rig

FAILED = 72
"""The launcher's code for a failed build: the end of builds whose images do not matter."""
PROGRAM = Path(loud_program.__file__).read_text()
INSTALL = f"""\
set -e
program=$(command -v jupyter-repo2docker)
mv "$program" "$(dirname "$program")/{loud_program.REAL}"
cat > "$program" <<'END'
#!/usr/bin/env python3
{PROGRAM}END
chmod 755 "$program"
"""


@dataclass(frozen=True)
class LoudBuilder:
    """A repo2docker image that prints lines instead of building, where a commit asks for that."""

    image: str
    """The value for ``DockerImageBuilder.repo2docker_image``."""
    address: str
    """A repository; every 40 hexadecimal digits are believed to be a commit of it."""
    chance: random.Random = field(default_factory=random.Random)

    @property
    def setting(self) -> str:
        """The configuration line that makes a service use it."""
        return f"c.DockerImageBuilder.repo2docker_image = {self.image!r}"

    def start(self, client: httpx.Client, order: Order) -> dict[str, Any]:
        """Ask for a build like no other, which prints what is ordered."""
        commit = order.commit(f"{self.chance.getrandbits(60):x}")
        answer = client.post("builds", json={"repo": self.address, "ref": commit})
        if answer.status_code != httpx.codes.ACCEPTED:
            raise RuntimeError(f"{answer.status_code}: {answer.text}")
        build: dict[str, Any] = answer.json()
        return build


@contextmanager
def loud_builder(rig: Rig) -> Iterator[LoudBuilder]:
    """Make the image, and remove it at the end."""
    docker = DockerApi(rig.engine)
    name = f"repo2docker-service/loud-builder:{secrets.token_hex(4)}"
    config = docker.ask("GET", f"/images/{rig.image}/json")["Config"]
    with container(docker, rig.image, ["sh", "-c", INSTALL]) as changing:
        changing.run(60)
        changing.commit(name, config, "loud")
    repository = Repository(rig.git.root, f"{secrets.token_hex(4)}/loud.git")
    try:
        yield LoudBuilder(name, f"{rig.git.url}/{repository.name}", random.Random(rig.seed))  # noqa: S311
    finally:
        docker.ask("DELETE", f"/images/{name}", {"force": "1"})
