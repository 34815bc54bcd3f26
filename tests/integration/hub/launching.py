"""A Hub that starts servers in containers as the documentation advises, and the service that it starts."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from tests.integration.conftest import address
from tests.integration.hub.conftest import CONFIGURE, Behind
from tools.parts import singleuser_image
from tools.parts.docker_api import DockerApi
from tools.parts.docker_hub import Containers, hub_containers
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.hub import running_hub
from tools.parts.ports import free_port
from tools.parts.repository import Repository
from tools.reliability.engine_facts import remove_everything
from tools.service import build, events

GONE_WITHIN: Final = 30
AT_HOME: Final = """FROM {image}
COPY --chown=1000:1000 . /home/jovyan/
"""
"""A Dockerfile that puts the files of its repository where servers open."""
_PAGE: Final = Path(__file__).parents[3] / "docs" / "how-to" / "connect-to-jupyterhub.md"
_DOCUMENTED: Final = re.compile(
    r"```python\n(from repo2docker_service\.entrypoints\.jupyterhub\.spawner .*?)```", re.DOTALL
)


@dataclass(frozen=True)
class Launching:
    """A Hub that starts containers, and this service behind it."""

    behind: Behind
    containers: Containers
    git: GitServer
    singleuser: str
    """An image with JupyterLab."""

    def repository(self, dockerfile: str) -> Repository:
        """Make a repository with a Dockerfile and a file to open; ``{image}`` in it is the one with JupyterLab."""
        repository = Repository(self.git.root, f"{secrets.token_hex(4)}/lesson.git")
        files = {"Dockerfile": dockerfile.replace("{image}", self.singleuser), "notes/first steps.md": "# Begin here\n"}
        repository.commit(files, "A lesson")
        return repository

    def make(self, dockerfile: str) -> str:
        """Make such a repository, and give its address."""
        return address(self.git, self.repository(dockerfile))

    def client_of(self, user: str) -> httpx.Client:
        """Give a client of the service with a token of somebody, which is also good for that person's servers."""
        return self.behind.client_of(user)

    def container_of(self, user: str) -> str:
        """Give the name of the only container of somebody."""
        [name] = [name for name in self.containers.running() if f"-{user}--" in name]
        return name

    def inspected(self, engine: Engine, user: str) -> dict[str, Any]:
        """Give what the engine says of the only container of somebody."""
        found: dict[str, Any] = DockerApi(engine.url).ask("GET", f"/containers/{self.container_of(user)}/json")
        return found

    def gone(self, container: str) -> bool:
        """Tell whether a container is removed within some seconds; the Hub says earlier that it is about to be."""
        deadline = time.monotonic() + GONE_WITHIN
        while container in self.containers.running() and time.monotonic() < deadline:
            time.sleep(0.2)
        return container not in self.containers.running()

    def get(self, client: httpx.Client, path: str) -> httpx.Response:
        """Ask a server of somebody, behind the Hub's proxy."""
        return client.get(httpx.URL(self.behind.hub.url).join(path))


def nothing_more(_: Containers) -> str:
    """Add nothing to the configuration of a Hub."""
    return ""


def as_advised(url: str, config: str) -> str:
    """Give a Hub's configuration: servers are started as the page advises, the service has the usual groups."""
    [documented] = _DOCUMENTED.findall(_PAGE.read_text())
    return f"{documented}{CONFIGURE}configure(c, url={url!r}, config_file={config!r}, **groups)\n"


@contextmanager
def launching_from(
    engine: Engine,
    git: GitServer,
    folder: Path,
    settings: str,
    more: Callable[[Containers], str] = nothing_more,
    configuration: Callable[[str, str], str] = as_advised,
) -> Iterator[Launching]:
    """Run a Hub under a path of its own that starts a service with these settings, and servers in containers.

    Its configuration is given the address of the service and the file of these settings. Nothing of both is left on the
    engine.
    """
    instance = f"t{secrets.token_hex(6)}"
    config = folder / "repo2docker_service_config.py"
    config.write_text(
        f"c.Repo2DockerService.instance = {instance!r}\n"
        f"c.Repo2DockerService.image_prefix = 'r2d-{instance}'\n"
        f"c.Repo2DockerService.data_dir = {str(folder / 'data')!r}\n{settings}"
    )
    singleuser = singleuser_image.ensure(engine.url)
    ours = configuration(f"http://127.0.0.1:{free_port()}", str(config))
    with hub_containers(engine.url) as containers:
        lines = ours + containers.place() + more(containers)
        try:
            with running_hub(folder, lines, base_url="/jhub/", api_ip=containers.gateway) as hub:
                yield Launching(Behind(hub, hub.wait_for_service("repo2docker")), containers, git, singleuser)
        finally:
            remove_everything(DockerApi(engine.url), instance)


def build_image(client: httpx.Client, repo: str) -> dict[str, Any]:
    """Build a repository and give its image."""
    built = build(client, repo=repo)
    assert built["state"] == "succeeded", built
    [image] = client.get("images", params={"name": built["image"]}).raise_for_status().json()["items"]
    found: dict[str, Any] = image
    return found


def launch(client: httpx.Client, image: dict[str, Any], **more: str) -> dict[str, Any]:
    """Ask for a server and follow its start to the end, which is given with the server's name."""
    answer = client.post("servers", json={"image": image["id"], **more})
    assert answer.status_code == 202, answer.text
    with client.stream("GET", answer.url.join(answer.headers["Location"]), timeout=150) as stream:
        stream.raise_for_status()
        told = [(event["event"], json.loads(event["data"])) for event in events(stream.iter_lines())]
    assert [kind for kind, _ in told[:-1]] == ["progress"] * (len(told) - 1)
    kind, end = told[-1]
    return {"name": answer.json()["name"], "kind": kind, **end}
