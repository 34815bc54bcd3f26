"""The real command, started as a user starts it, and a client for it: for tests, demo and benchmarks."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tools.trust import TRUST

COMMAND = Path(sys.executable).with_name("repo2docker-service")
STARTS_WITHIN = 60.0
"""Seconds, on a machine that does other things too."""
PRETENDED: Final = dict.fromkeys(
    ("image_builder", "registry", "authorizer", "source_resolver", "server_launcher"), "memory"
)
"""The settings of ``Repo2DockerService`` by which all parts pretend."""


@dataclass(frozen=True)
class RunningService:
    """A service that answers."""

    url: str
    token: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def client(self) -> httpx.Client:
        """A client that may do everything."""
        return self.client_with(self.token)

    def client_with(self, token: str) -> httpx.Client:
        """Give a client that may do what a token is good for."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.url}api/v1/", headers=headers, timeout=60, verify=TRUST)


@dataclass
class Followed:
    """What the event stream of a log told."""

    lines: list[str] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)


def configured(settings: Mapping[str, Mapping[str, object]]) -> str:
    """Write the settings of each class down as lines of configuration."""
    lines = [f"c.{name}.{key} = {value!r}" for name, traits in settings.items() for key, value in traits.items()]
    return "\n".join(lines)


@contextmanager
def running_service(folder: Path, settings: str, command: Path = COMMAND) -> Iterator[RunningService]:
    """Start a service with these lines of configuration on a free port, and stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    config = folder / "repo2docker_service_config.py"
    config.write_text(
        f"c.Repo2DockerService.port = 0\nc.Repo2DockerService.data_dir = {str(folder / 'data')!r}\n"
        f"c.TokenAuthorizer.token = {token!r}\n{settings}"
    )
    log = folder / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, f"--config={config}"], cwd=folder, env=dict(os.environ), stdout=output, stderr=output
        )
    try:
        yield RunningService(_link(process, log), token, process, log)
    finally:
        process.terminate()
        process.wait(timeout=15)


def _link(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        for word in log.read_text().split():
            if word.startswith("http://"):
                return word.partition("#")[0]
        time.sleep(0.02)
    raise RuntimeError(f"The service did not start:\n{log.read_text()}")


def follow(client: httpx.Client, build_id: str, after: str = "", most_lines: int = 0) -> Followed:
    """Follow a log to its end, or drop the connection after so many lines."""
    followed = Followed()
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
    with client.stream("GET", f"builds/{build_id}/log", headers=headers, timeout=300) as response:
        if response.is_error:
            raise RuntimeError(response.read().decode())
        for event in events(response.iter_lines()):
            _take(followed, event)
            if most_lines and len(followed.lines) >= most_lines:
                break
    return followed


def _take(followed: Followed, event: dict[str, str]) -> None:
    data = json.loads(event["data"])
    if event["event"] == "log":
        followed.lines.extend(data["lines"])
        followed.firsts.append(data["first"])
        followed.ids.append(event["id"])
    elif event["event"] == "state":
        followed.states.append(data["state"])
    elif event["event"] == "end":
        followed.end = data


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Give each server-sent event as its fields, without comments."""
    event: dict[str, str] = {}
    for line in lines:
        if not line:
            if "event" in event:
                yield event
            event = {}
        elif not line.startswith(":"):
            key, _, value = line.partition(": ")
            event[key] = value


def build(client: httpx.Client, **request: object) -> dict[str, Any]:
    """Ask for a build, follow it to its end and give the ended build."""
    answer = client.post("builds", json=request)
    if answer.is_error:
        raise RuntimeError(answer.text)
    started: dict[str, Any] = answer.json()
    return started if answer.status_code == httpx.codes.OK else follow(client, started["id"]).end
