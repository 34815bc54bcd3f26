"""Times one build of the service and one bare run of the same repo2docker command."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.docker.containers import archive
from tools.parts.docker_api import DockerApi, EngineError
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.service import RunningService, events

CONFIG = b"from repo2docker.contentproviders import Git\nc.Repo2Docker.content_providers = [Git]\n"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one build."""

    whole: float
    first_line: float
    from_builder_end: float
    from_end: float


@dataclass
class Bench:
    """Makes repositories and builds them in either way."""

    engine: str
    image: str
    git: GitServer
    service: RunningService
    made: list[str] = field(default_factory=list)

    def repository(self, seconds: float) -> tuple[str, str]:
        """Make a repository with steps that no cache answers for; give its address and commit."""
        repository = Repository(self.git.root, f"{secrets.token_hex(4)}/bench.git")
        steps = "".join(f"RUN sleep {seconds / 3} && echo {secrets.token_hex(8)}\n" for _ in range(3))
        commit = repository.commit({"Dockerfile": f"FROM {self.image}\n{steps}"}, "Bench")
        return f"{self.git.url.rstrip('/')}/{repository.name}", commit

    def pair(self, seconds: float) -> tuple[Times, float]:
        """Time both ways one after the other, each with a repository of its own."""
        return self.served(self.repository(seconds)[0]), self.bare(*self.repository(seconds))

    def served(self, address: str) -> Times:
        """Time a build of the service, from the request to the end of its stream."""
        with self.service.client as client:
            start = time.time()
            build = client.post("builds", json={"repo": address}).raise_for_status().json()
            first_line, end, ended = self._follow(client, build["id"])
        if ended["state"] != "succeeded":
            raise RuntimeError(f"the build failed: {ended}")
        self.made.append(ended["image"])
        builder, last = self.ends(build["id"])
        return Times(end - start, first_line - start, end - builder, end - last)

    def _follow(self, client: httpx.Client, build_id: str) -> tuple[float, float, dict[str, Any]]:
        first_line = 0.0
        accept = {"Accept": "text/event-stream"}
        with client.stream("GET", f"builds/{build_id}/log", headers=accept, timeout=300) as response:
            for event in events(response.iter_lines()):
                if event["event"] == "log":
                    first_line = first_line or time.time()
                if event["event"] == "end":
                    return first_line, time.time(), json.loads(event["data"])
        raise RuntimeError("the stream ended without an end")

    def ends(self, build_id: str) -> tuple[float, float]:
        """Give when the first and the last container of a build ended."""
        docker = DockerApi(self.engine)
        filters = json.dumps({"label": [f"{BUILD}={build_id}"]})
        found = docker.ask("GET", "/containers/json", {"all": "1", "filters": filters})
        ends = sorted(_finished(docker.ask("GET", f"/containers/{each['Id']}/json")) for each in found)
        return ends[0], ends[-1]

    def bare(self, address: str, commit: str) -> float:
        """Time a container that runs the same command as root, with the whole socket, from its creation on."""
        docker = DockerApi(self.engine)
        name = f"localhost/bench/{secrets.token_hex(4)}:{commit}"
        start = time.time()
        container = docker.ask("POST", "/containers/create", None, self.description(name, address, commit))["Id"]
        with docker.open("PUT", f"/containers/{container}/archive", {"path": "/run"}, archive({"r2d/c.py": CONFIG})):
            pass
        docker.ask("POST", f"/containers/{container}/start")
        code = docker.ask("POST", f"/containers/{container}/wait", timeout=300)["StatusCode"]
        taken = time.time() - start
        if code != 0:
            raise RuntimeError(f"the bare build ended with {code}")
        docker.ask("DELETE", f"/containers/{container}")
        self.made.append(name)
        return taken

    def description(self, name: str, address: str, commit: str) -> dict[str, Any]:
        """Describe that container to the engine."""
        options = ["--config=/run/r2d/c.py", "--no-run", "--user-id=1000", "--user-name=jovyan"]
        return {
            "Image": self.image,
            "Entrypoint": ["jupyter-repo2docker"],
            "Cmd": [*options, f"--image-name={name}", f"--ref={commit}", "--", address],
            "HostConfig": {
                "NetworkMode": "host",
                "Init": True,
                "Binds": [f"{self.engine.removeprefix('unix://')}:/var/run/docker.sock"],
            },
        }

    def already_built(self, times: int) -> list[float]:
        """Time the answer for an image that exists, the look-up of its ref included."""
        address = self.repository(0)[0]
        self.served(address)
        taken = []
        with self.service.client as client:
            for _ in range(times):
                start = time.perf_counter()
                if not client.post("builds", json={"repo": address}).json()["reused"]:
                    raise RuntimeError("the image was not found")
                taken.append(time.perf_counter() - start)
        return taken

    def clean_up(self) -> None:
        """Remove what was built."""
        docker = DockerApi(self.engine)
        for name in self.made:
            try:
                docker.ask("DELETE", f"/images/{name}")
            except EngineError as error:
                print(f"{name} is left: {error}")
        with self.service.client as client:
            for build in client.get("builds", params={"limit": 200}).json()["items"]:
                client.delete(f"builds/{build['id']}")


def _finished(inspected: dict[str, Any]) -> float:
    text = inspected["State"]["FinishedAt"]
    return datetime.fromisoformat(f"{text[:26].rstrip('Z')}+00:00").timestamp()
