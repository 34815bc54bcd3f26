"""What builds images for repo2docker: a Docker engine behind a filtered socket, or BuildKit alone."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any

from . import lifeline
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


def backend_of(plan: dict[str, Any], folder: str, socket: str) -> Backend:
    """Give what a plan builds with."""
    if plan["buildkit"]:
        # Its modules take a while to import, in which nothing is built.
        from .buildkit import daemon_of
        from .buildkit_backend import BuildkitBackend

        return BuildkitBackend(folder, daemon_of(plan["buildkit"]))
    return EngineBackend(folder, socket)
