"""The service behind a JupyterHub: somebody builds an example there, and starts a server from it."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tools.parts import PartMissing, repo2docker_image, singleuser_image
from tools.parts.docker_hub import hub_containers
from tools.parts.engine import running_engine
from tools.parts.git_server import git_server
from tools.parts.hub import RunningHub, running_hub
from tools.parts.ports import free_port
from tools.service import events

from .common import Caller, Times, example, forget_earlier_demos, serve_until_stopped, settings, somebody_looks

STARTS_WITHIN = 150
NOTEBOOK = "hello.ipynb"
DOCKERFILE = """FROM {image}
COPY --chown=1000:1000 . /home/jovyan/
RUN for i in 1 2 3; do echo step $i; sleep 0.3; done
"""
README = "# An example\n\nWhat `make demo HUB=1` builds: an image with a notebook, from which a Hub starts servers.\n"
PEOPLE = {"viewer": "sees and starts", "builder": "also builds", "admin": "does everything, for everybody"}
HUB = """
from repo2docker_service.entrypoints.jupyterhub import configure
from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner
c.JupyterHub.spawner_class = Repo2DockerSpawner
configure(
    c,
    url={url!r},
    config_file={config!r},
    viewer_groups=["viewers"],
    builder_groups=["builders"],
    admin_groups=["admins"],
)
c.JupyterHub.load_groups = {groups!r}
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allowed_users = {people!r}
c.Authenticator.admin_users = set()
"""


@dataclass(frozen=True)
class Demo:
    """All that runs for the demo."""

    hub: RunningHub
    service: str
    """Its address behind the Hub."""
    password: str
    """Of everybody."""
    address: str
    """Of the example."""

    def caller(self, person: str) -> Caller:
        """Give somebody, with a token that may do what that person may."""
        return Caller(self.service, self.hub.token(person))


def run() -> int:
    """Show everything, and go on serving where somebody is there to look at the pages."""
    if os.environ.get("REGISTRY"):
        raise PartMissing("With HUB=1 images stay in the engine: leave REGISTRY out.")
    times = Times()
    with everything(times) as demo:
        forget_earlier_demos(demo.caller("admin"))
        builder = demo.caller("builder")
        status = builder.run("build", demo.address, "--title", "An example")
        builder.run("images")
        times.spent_on("the build")
        opened = start_server(demo, builder) if status == 0 else ""
        times.spent_on("the server")
        print(f"\n{times}", flush=True)
        if opened and somebody_looks():
            serve_on(demo, opened)
        elif opened:
            print("Run it on a terminal to open the pages.", flush=True)
        return 0 if opened else status or 1


@contextmanager
def everything(times: Times) -> Iterator[Demo]:
    """Start engine, git server, and a Hub that starts the service."""
    with (
        running_engine() as engine,
        tempfile.TemporaryDirectory(prefix="r2d-") as folder,
        git_server(Path(folder) / "git") as git,
        hub_containers(engine.url) as containers,
    ):
        image, singleuser = repo2docker_image.ensure(engine.url), singleuser_image.ensure(engine.url)
        times.spent_on("the engine and the images to build with")
        address = example(git, partial(files, singleuser))
        config = Path(folder) / "repo2docker_service_config.py"
        config.write_text(settings("demo-hub", engine, image))
        password = secrets.token_hex(4)
        lines = containers.lines() + hub_lines(config, password)
        with running_hub(Path(folder), lines, api_ip=containers.gateway) as hub:
            service = hub.wait_for_service("repo2docker")
            times.spent_on("the Hub and the service")
            yield Demo(hub, service, password, address)


def hub_lines(config: Path, password: str) -> str:
    """Give the configuration of a Hub with somebody in each role."""
    return HUB.format(
        url=f"http://127.0.0.1:{free_port()}",
        config=str(config),
        groups={f"{person}s": {"users": [person]} for person in PEOPLE},
        password=password,
        people=set(PEOPLE),
    )


def files(image: str, now: str) -> Mapping[str, str]:
    """Give the files of the example."""
    cell = {"cell_type": "markdown", "id": "hello", "metadata": {}, "source": f"Hello. This was written at {now}."}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"Dockerfile": DOCKERFILE.format(image=image), "README.md": README, NOTEBOOK: json.dumps(notebook)}


def start_server(demo: Demo, builder: Caller) -> str:
    """Start a server from the image, telling how far it is; give where it shows the notebook, or nothing."""
    with builder.client as http:
        [image] = http.get("images", params={"repo": demo.address}).raise_for_status().json()["items"]
        print(f"\nPOST {builder.url}api/v1/servers {json.dumps(wish(image))}", flush=True)
        answer = http.post("servers", json=wish(image))
        if answer.is_error:
            print(answer.text, flush=True)
            return ""
        with http.stream("GET", answer.url.join(answer.headers["Location"]), timeout=STARTS_WITHIN) as stream:
            for event in events(stream.raise_for_status().iter_lines()):
                told = json.loads(event["data"])
                if event["event"] == "ready":
                    return show_file(demo, builder, told)
                print(event["event"], told.get("percent", ""), told.get("message", ""), flush=True)
    return ""


def wish(image: Mapping[str, Any]) -> dict[str, str]:
    """Say what server is wanted."""
    return {"image": image["id"], "path": NOTEBOOK}


def show_file(demo: Demo, builder: Caller, ready: Mapping[str, str]) -> str:
    """Have the server give the notebook, and tell where a browser finds it."""
    server, opened = (str(httpx.URL(demo.hub.url).join(ready[key])) for key in ("url", "open_url"))
    answer = httpx.get(f"{server}api/contents/{NOTEBOOK}", headers={"Authorization": f"token {builder.token}"})
    [cell] = answer.raise_for_status().json()["content"]["cells"]
    print(f"ready: {opened}\nIts notebook says: {cell['source']}", flush=True)
    return opened


def serve_on(demo: Demo, opened: str) -> None:
    """Say where to look, and as whom, and serve until Ctrl-C."""
    people = "\n".join(f"  {person:8} {what}" for person, what in PEOPLE.items())
    print(
        f"\nThe Hub:    {demo.hub.url}\nThe page:   {demo.service}\nThe server: {opened} (builder's)\n"
        f"The example to build: {demo.address}\n\nLog in with the password {demo.password} as\n{people}\n",
        flush=True,
    )
    serve_until_stopped(demo.hub.wait)
