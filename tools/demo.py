"""The whole journey once, for real: a git address in, its log on the terminal, the image listed, the page's link."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .parts import PartMissing, repo2docker_image
from .parts.cache import cache_folder
from .parts.engine import Engine, running_engine
from .parts.git_server import GitServer, git_server
from .parts.progress import say
from .parts.repository import Repository
from .service import COMMAND, RunningService, running_service

WHEN = 1_767_225_600
"""The example is the same commit in every run."""
README = "# An example\n\nWhat `make demo` builds: a Dockerfile, and a greeting that it copies into the image.\n"


def main() -> int:
    """Run the demo and give its exit status."""
    started = time.monotonic()
    try:
        with everything() as (service, address):
            status = show(service, address)
            say(f"everything until here took {time.monotonic() - started:.1f} s")
            if status == 0 and sys.stdout.isatty() and not os.environ.get("CI"):
                serve_on(service)
            return status
    except PartMissing as problem:
        print(problem, file=sys.stderr)
        return 1


@contextmanager
def everything() -> Iterator[tuple[RunningService, str]]:
    """Start engine, git server and service; give the service and the address of the example."""
    with (
        running_engine() as engine,
        tempfile.TemporaryDirectory(prefix="r2d-") as folder,
        git_server(Path(folder) / "git") as git,
    ):
        image = repo2docker_image.ensure(engine.url)
        address = example(git, image)
        with running_service(Path(folder), settings(engine, image)) as service:
            yield service, address


def settings(engine: Engine, image: str) -> str:
    """Give the service's configuration; its keys are kept, so that the next run knows the images of this one."""
    return (
        "c.Repo2DockerService.instance = 'demo'\n"
        f"c.Repo2DockerService.data_dir = {str(cache_folder() / 'demo')!r}\n"
        f"c.DockerImageBuilder.url = {engine.url!r}\n"
        f"c.DockerImageBuilder.repo2docker_image = {image!r}\n"
        # The example is served by this machine, to this machine only.
        "c.DockerImageBuilder.network = 'host'\n"
        "c.GitSourceResolver.allow_private_networks = True\n"
    )


def example(git: GitServer, image: str) -> str:
    """Make the example repository and give its address."""
    repository = Repository(git.root, "example.git")
    steps = (
        "COPY greeting.txt /greeting.txt\nRUN for i in 1 2 3; do echo step $i; sleep 0.3; done\nRUN cat /greeting.txt\n"
    )
    files = {
        "Dockerfile": f"FROM {image}\n{steps}",
        "README.md": README,
        "greeting.txt": "Hello from your environment\n",
    }
    repository.commit(files, "An example", when=WHEN)
    return f"{git.url.rstrip('/')}/{repository.name}"


def show(service: RunningService, address: str) -> int:
    """Build the example and list it, with the commands that a user has."""
    forget_earlier_demos(service)
    status = client(service, "build", address, "--force", "--title", "An example")
    client(service, "images")
    print(f"\nThe page: {service.url}#token={service.token}", flush=True)
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


def serve_on(service: RunningService) -> None:
    """Serve until Ctrl-C."""
    print("Serving until Ctrl-C.", flush=True)
    try:
        service.process.wait()
    except KeyboardInterrupt:
        print("\nStopping what was started here.")


if __name__ == "__main__":
    sys.exit(main())
