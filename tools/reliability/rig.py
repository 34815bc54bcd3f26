"""The real parts that every trial runs on."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.parts import repo2docker_image
from tools.parts.engine import running_engine
from tools.parts.git_server import GitServer, git_server


@dataclass(frozen=True)
class Rig:
    """An engine with the repo2docker image, a git server, and a folder."""

    engine: str
    """The engine's address."""
    image: str
    """repo2docker's; test repositories are based on it, too."""
    git: GitServer
    folder: Path
    seed: int = 1

    def instance(self) -> str:
        """Give a name for an installation of its own."""
        return f"t{secrets.token_hex(6)}"

    def settings(self, instance: str, *more: str) -> str:
        """Give the configuration of a service on these parts; replicas of one installation share it, and its secret."""
        lines = (
            f"c.Repo2DockerService.instance = {instance!r}",
            f"c.Repo2DockerService.image_prefix = 'r2d-{instance}'",
            f"c.Repo2DockerService.secret = [{secrets.token_hex(16)!r}]",
            f"c.DockerImageBuilder.url = {self.engine!r}",
            f"c.DockerImageBuilder.repo2docker_image = {self.image!r}",
            "c.DockerImageBuilder.network = 'host'",
            "c.DockerImageBuilder.concurrency = 4",
            "c.GitSourceResolver.allow_private_networks = True",
            *more,
        )
        return "".join(f"{line}\n" for line in lines)


@contextmanager
def rig(folder: Path, seed: int = 1) -> Iterator[Rig]:
    """Start the parts, or find those that run already."""
    with running_engine() as engine, git_server(folder / "git") as git:
        yield Rig(engine.url, repo2docker_image.ensure(engine.url), git, folder, seed)
