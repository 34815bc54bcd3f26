"""What the demos share: the example, the commands that a user has, and the time it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from tools.parts.cache import cache_folder
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.service import COMMAND


@dataclass
class Times:
    """Where the time went."""

    began: float = field(default_factory=time.monotonic)
    parts: dict[str, float] = field(default_factory=dict)

    def spent_on(self, what: str) -> None:
        """Count the time since the last call."""
        self.parts[what] = time.monotonic() - self.began - sum(self.parts.values())

    def __str__(self) -> str:
        parts = ", ".join(f"{seconds:.1f} s for {what}" for what, seconds in self.parts.items())
        return f"That took {sum(self.parts.values()):.1f} s: {parts}."


@dataclass(frozen=True)
class Caller:
    """Somebody who uses the service at an address."""

    url: str
    token: str

    @property
    def client(self) -> httpx.Client:
        """A client of the REST API."""
        return httpx.Client(
            base_url=f"{self.url}api/v1/", headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )

    def run(self, *words: str) -> int:
        """Run a client command in view of the user, and give its exit status."""
        print(f"\n$ repo2docker-service {' '.join(words)}", flush=True)
        known = {"REPO2DOCKER_SERVICE_URL": self.url, "REPO2DOCKER_SERVICE_TOKEN": self.token}
        return subprocess.run([COMMAND, *words], env=os.environ | known, check=False).returncode


def example(git: GitServer, files: Callable[[str], Mapping[str, str]]) -> str:
    """Make the example repository and give its address.

    What is in it tells the time: so it is another commit in every run, and its own steps really run, while everything
    below them comes from the engine's cache.
    """
    repository = Repository(git.root, "example.git")
    now = datetime.now().astimezone()
    repository.commit(dict(files(f"{now:%H:%M:%S on %d %B %Y}")), "An example", when=int(now.timestamp()))
    return f"{git.url.rstrip('/')}/{repository.name}"


def settings(name: str, engine: Engine, image: str) -> str:
    """Give the service's configuration; its keys are kept, so that the next run knows the images of this one."""
    return (
        f"c.Repo2DockerService.instance = {name.replace('-', '')!r}\n"
        f"c.Repo2DockerService.data_dir = {str(cache_folder() / name)!r}\n"
        f"c.DockerImageBuilder.url = {engine.url!r}\n"
        f"c.DockerImageBuilder.repo2docker_image = {image!r}\n"
        # The example is served by this machine, to this machine only.
        "c.DockerImageBuilder.network = 'host'\n"
        "c.GitSourceResolver.allow_private_networks = True\n"
    )


def forget_earlier_demos(caller: Caller) -> None:
    """Remove the images and builds of earlier runs: the example had another address then."""
    with caller.client as http:
        for image in http.get("images", params={"limit": 200}).json()["items"]:
            http.delete(f"images/{image['id']}", headers={"If-Match": f'"{image["digest"]}"'})
        for build in http.get("builds", params={"limit": 200}).json()["items"]:
            http.delete(f"builds/{build['id']}")


def somebody_looks() -> bool:
    """Tell whether somebody is there to look at the page."""
    return sys.stdout.isatty() and not os.environ.get("CI")


def serve_until_stopped(wait: Callable[[], object]) -> None:
    """Wait until what serves ends, or for Ctrl-C."""
    print("Serving until Ctrl-C.", flush=True)
    try:
        wait()
    except KeyboardInterrupt:
        with suppress(OSError):
            print("\nStopping what was started here.", flush=True)
