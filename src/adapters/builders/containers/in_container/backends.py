"""What builds images for repo2docker: a Docker engine behind a filtered socket, or BuildKit alone."""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from typing import Any

from . import buildkit, lifeline
from .buildkit import Daemon, Forward
from .lifeline import Lifeline
from .listening import BoundedListener
from .socket_filter import SocketFilter
from .uid_split import split_holds


class Backend(ABC):
    """What a builder's launcher has to know of it."""

    name: str
    """What people know it by, at the beginning of a sentence."""

    @abstractmethod
    def keeps_apart(self, uid: int) -> bool:
        """Whether a child with this user id really can do less than the launcher."""

    @abstractmethod
    def hold(self) -> Lifeline:
        """Connect to it for as long as the build takes.

        Raises:
            OSError: it cannot be reached.
        """

    @abstractmethod
    def listen(self) -> BoundedListener:
        """Listen where repo2docker's user reaches it."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Give the variables by which programs of that user find it."""


class EngineBackend(Backend):
    """A Docker engine, by its socket."""

    name = "The engine"

    def __init__(self, folder: str, real: str) -> None:
        self.path = os.path.join(folder, "docker.sock")
        self.real = real

    def keeps_apart(self, uid: int) -> bool:
        """Whether the child cannot open the engine's own socket."""
        return split_holds(uid, self.real)

    def hold(self) -> Lifeline:
        """Listen to the engine's events."""
        return lifeline.of_engine(self.real)

    def listen(self) -> BoundedListener:
        """Pass on what a build needs, and nothing else."""
        return SocketFilter(self.path, self.real)

    def environment(self) -> dict[str, str]:
        """Name the socket."""
        return {"DOCKER_HOST": f"unix://{self.path}"}


class BuildkitBackend(Backend):
    """BuildKit, by its address."""

    name = "BuildKit"

    def __init__(self, folder: str, daemon: Daemon) -> None:
        self.folder = folder
        self.daemon = daemon

    def keeps_apart(self, uid: int) -> bool:
        """Whether the child cannot open a socket that only the launcher may open."""
        path = os.path.join(self.folder, "closed.sock")
        with socket.socket(socket.AF_UNIX) as closed:
            closed.bind(path)
            os.chmod(path, 0o600)
            closed.listen(2)
            return split_holds(uid, path)

    def hold(self) -> Lifeline:
        """Keep a connection open on which nothing is asked."""
        return Lifeline(self.daemon.connect_patiently(), lifeline.HTTP_2)

    def listen(self) -> BoundedListener:
        """Pass everything on."""
        return Forward(os.path.join(self.folder, buildkit.SOCKET), self.daemon)

    def environment(self) -> dict[str, str]:
        """Have buildx use it; there is no engine."""
        return {"DOCKER_HOST": f"unix://{self.folder}/no-engine.sock", **buildkit.environment(self.folder)}


def backend_of(plan: dict[str, Any], folder: str, socket: str) -> Backend:
    """Give what a plan builds with."""
    if plan["buildkit"]:
        return BuildkitBackend(folder, Daemon(plan["buildkit"]))
    return EngineBackend(folder, socket)
