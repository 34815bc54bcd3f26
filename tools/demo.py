"""The whole journey once, for real: a git address in, its log on the terminal, the image listed, the page's link."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from .parts import PartMissing, repo2docker_image
from .parts.cache import cache_folder
from .parts.docker_api import DockerApi
from .parts.engine import Engine, running_engine
from .parts.git_server import GitServer, git_server
from .parts.registry import RunningRegistry, running_registry
from .parts.repository import Repository
from .service import COMMAND, RunningService, running_service

STOPPED = 130
README = "# An example\n\nWhat `make demo` builds: a Dockerfile, and a greeting that it copies into the image.\n"
DOCKERFILE = """FROM {image}
COPY greeting.txt /greeting.txt
RUN for i in 1 2 3; do echo step $i; sleep 0.3; done
RUN cat /greeting.txt
ENTRYPOINT []
CMD ["cat", "/greeting.txt"]
"""


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
class Demo:
    """All that runs for the demo."""

    service: RunningService
    engine: Engine
    address: str
    """Of the example."""


def main() -> int:
    """Run the demo and give its exit status."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)
    try:
        return run()
    except PartMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        with suppress(OSError):
            print("\nStopped.", file=sys.stderr, flush=True)
        return STOPPED


def run() -> int:
    """Show everything, and go on serving where somebody is there to look at the page."""
    times = Times()
    with everything(times, os.environ.get("REGISTRY", "")) as demo:
        status = show(demo)
        times.spent_on("the build")
        print(f"\n{times}", flush=True)
        if status == 0 and sys.stdout.isatty() and not os.environ.get("CI"):
            serve_on(demo)
        elif status == 0:
            print("Run it on a terminal to open the page.", flush=True)
        return status


def stop(number: int, _frame: object) -> NoReturn:
    """End as after Ctrl-C, so that everything that was started here is stopped and removed."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough
    if number == signal.SIGHUP:  # the terminal is gone: writing to it would fail
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
    raise KeyboardInterrupt


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
        address = example(git, image)
        with running_service(Path(folder), settings(engine, image, registry)) as service:
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


def settings(engine: Engine, image: str, registry: RunningRegistry | None) -> str:
    """Give the service's configuration; its keys are kept, so that the next run knows the images of this one."""
    chosen = f"c.Repo2DockerService.registry = 'v2'\nc.V2Registry.url = {registry.url!r}\n" if registry else ""
    return chosen + (
        "c.Repo2DockerService.instance = 'demo'\n"
        f"c.Repo2DockerService.data_dir = {str(cache_folder() / 'demo')!r}\n"
        f"c.DockerImageBuilder.url = {engine.url!r}\n"
        f"c.DockerImageBuilder.repo2docker_image = {image!r}\n"
        # The example is served by this machine, to this machine only.
        "c.DockerImageBuilder.network = 'host'\n"
        "c.GitSourceResolver.allow_private_networks = True\n"
    )


def example(git: GitServer, image: str) -> str:
    """Make the example repository and give its address.

    Its greeting tells the time: so it is another commit in every run, and its own steps really run, while everything
    below them comes from the engine's cache.
    """
    repository = Repository(git.root, "example.git")
    now = datetime.now().astimezone()
    files = {
        "Dockerfile": DOCKERFILE.format(image=image),
        "README.md": README,
        "greeting.txt": f"Hello from your environment, written at {now:%H:%M:%S on %d %B %Y}.\n",
    }
    repository.commit(files, "An example", when=int(now.timestamp()))
    return f"{git.url.rstrip('/')}/{repository.name}"


def show(demo: Demo) -> int:
    """Build the example and list it, with the commands that a user has."""
    forget_earlier_demos(demo.service)
    status = client(demo.service, "build", demo.address, "--title", "An example")
    client(demo.service, "images")
    return status


def forget_earlier_demos(service: RunningService) -> None:
    """Remove the images of earlier runs: the example had another address then."""
    with service.client as http:
        for image in http.get("images", params={"limit": 200}).json()["items"]:
            http.delete(f"images/{image['id']}", headers={"If-Match": f'"{image["digest"]}"'})
        for build in http.get("builds", params={"limit": 200}).json()["items"]:
            http.delete(f"builds/{build['id']}")


def client(service: RunningService, *words: str) -> int:
    """Run a client command in view of the user."""
    print(f"\n$ repo2docker-service {' '.join(words)}", flush=True)
    known = {"REPO2DOCKER_SERVICE_URL": service.url, "REPO2DOCKER_SERVICE_TOKEN": service.token}
    return subprocess.run([COMMAND, *words], env=os.environ | known, check=False).returncode


def serve_on(demo: Demo) -> None:
    """Serve until Ctrl-C."""
    with demo.service.client as http:
        [image] = http.get("images").json()["items"]
    print(
        f"\nThe page: {demo.service.url}#token={demo.service.token}\n"
        f"The example's greeting: docker --host {demo.engine.url} run --rm {image['name']}\n"
        "Serving until Ctrl-C.",
        flush=True,
    )
    try:
        demo.service.process.wait()
    except KeyboardInterrupt:
        with suppress(OSError):
            print("\nStopping what was started here.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
