"""An installation of the service for one trial, of which nothing is left afterwards."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tools.parts.docker_api import DockerApi, EngineError
from tools.service import COMMAND

from .engine_facts import remove_everything
from .replica import Replica
from .rig import Rig
from .trivial_builder import images_below


@dataclass(frozen=True)
class Installed:
    """Processes of the service that share an engine, a name and a secret."""

    docker: DockerApi
    instance: str
    prefix: str
    """Of the names of its images."""
    replicas: list[Replica]

    @property
    def first(self) -> Replica:
        """The process, where one is enough."""
        return self.replicas[0]

    def remove(self) -> None:
        """End all processes, and take all that they made off the engine."""
        for replica in self.replicas:
            with contextlib.suppress(subprocess.TimeoutExpired):
                replica.stop()
            replica.kill()
        remove_everything(self.docker, self.instance)
        for name in images_below(self.docker, self.prefix):
            with contextlib.suppress(EngineError):
                self.docker.ask("DELETE", f"/images/{name}")


@contextmanager
def installed(
    rig: Rig,
    *settings: str,
    replicas: int = 1,
    prefix: str = "",
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = (str(COMMAND),),
) -> Iterator[Installed]:
    """Start so many processes with these lines of configuration, and variables, besides the usual ones."""
    instance = rig.instance()
    prefix = prefix or f"r2d-{instance}"
    text = rig.settings(instance, f"c.Repo2DockerService.image_prefix = {prefix!r}", *settings)
    made = [
        Replica(rig.folder / instance / str(number), text, command=command, environment=environment or {})
        for number in range(replicas)
    ]
    here = Installed(DockerApi(rig.engine), instance, prefix, made)
    try:
        for replica in made:
            replica.start()
        yield here
    finally:
        here.remove()
