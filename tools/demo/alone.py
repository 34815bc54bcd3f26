"""The service by itself: a git address in, its log on the terminal, the image listed, the page's link."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.parts import PartMissing, repo2docker_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine, running_engine
from tools.parts.git_server import git_server
from tools.parts.registry import RunningRegistry, running_registry
from tools.service import RunningService, running_service

from .common import Caller, Times, example, forget_earlier_demos, serve_until_stopped, settings, somebody_looks

README = "# An example\n\nWhat `make demo` builds: a Dockerfile, and a greeting that it copies into the image.\n"
DOCKERFILE = """FROM {image}
COPY greeting.txt /greeting.txt
RUN for i in 1 2 3; do echo step $i; sleep 0.3; done
RUN cat /greeting.txt
ENTRYPOINT []
CMD ["cat", "/greeting.txt"]
"""


@dataclass(frozen=True)
class Demo:
    """All that runs for the demo."""

    service: RunningService
    engine: Engine
    address: str
    """Of the example."""

    @property
    def caller(self) -> Caller:
        """The one who may do everything."""
        return Caller(self.service.url, self.service.token)


def run() -> int:
    """Show everything, and go on serving where somebody is there to look at the page."""
    times = Times()
    with everything(times, os.environ.get("REGISTRY", "")) as demo:
        forget_earlier_demos(demo.caller)
        status = demo.caller.run("build", demo.address, "--title", "An example")
        demo.caller.run("images")
        times.spent_on("the build")
        print(f"\n{times}", flush=True)
        if status == 0 and somebody_looks():
            serve_on(demo)
        elif status == 0:
            print("Run it on a terminal to open the page.", flush=True)
        return status


@contextmanager
def everything(times: Times, kind: str) -> Iterator[Demo]:
    """Start engine, git server, perhaps a registry, and service."""
    with (
        running_engine() as engine,
        tempfile.TemporaryDirectory(prefix="r2d-") as folder,
        git_server(Path(folder) / "git") as git,
        registry_of(kind, engine, Path(folder) / "registry") as registry,
    ):
        image = repo2docker_image.ensure(engine.url)
        times.spent_on("the engine and the repo2docker image")
        address = example(git, partial(files, image))
        with running_service(Path(folder), settings("demo", engine, image) + place(registry)) as service:
            times.spent_on("the service")
            yield Demo(service, engine, address)


@contextmanager
def registry_of(kind: str, engine: Engine, folder: Path) -> Iterator[RunningRegistry | None]:
    """Start a registry where one is asked for; otherwise images stay in the engine.

    Raises:
        PartMissing: nobody knows this kind.
    """
    if kind in {"", "docker-daemon"}:
        yield None
    elif kind == "v2":
        folder.mkdir()
        with running_registry(folder) as registry:
            yield registry
            forget_copies(engine, registry)
    else:
        raise PartMissing(f"REGISTRY={kind} is not known to the demo. Leave it out, or say REGISTRY=v2.")


def forget_copies(engine: Engine, registry: RunningRegistry) -> None:
    """Remove what the engine keeps of the images that it pushed: the registry ends with the demo."""
    docker = DockerApi(engine.url)
    for image in docker.ask("GET", "/images/json"):
        for name in image["RepoTags"] or ():
            if name.startswith(f"{registry.host}/"):
                docker.ask("DELETE", f"/images/{name}")


def place(registry: RunningRegistry | None) -> str:
    """Give the configuration that says where images are kept."""
    return f"c.Repo2DockerService.registry = 'v2'\nc.V2Registry.url = {registry.url!r}\n" if registry else ""


def files(image: str, now: str) -> Mapping[str, str]:
    """Give the files of the example."""
    return {
        "Dockerfile": DOCKERFILE.format(image=image),
        "README.md": README,
        "greeting.txt": f"Hello from your environment, written at {now}.\n",
    }


def serve_on(demo: Demo) -> None:
    """Say where to look, and serve until Ctrl-C."""
    with demo.caller.client as http:
        [image] = http.get("images").json()["items"]
    print(
        f"\nThe page: {demo.service.url}#token={demo.service.token}\n"
        f"The example's greeting: docker --host {demo.engine.url} run --rm {image['name']}",
        flush=True,
    )
    serve_until_stopped(demo.service.process.wait)
