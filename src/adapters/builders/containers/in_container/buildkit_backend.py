"""BuildKit alone, as a builder's launcher knows it."""

from __future__ import annotations

import os
import socket

from . import buildkit
from .backends import Backend
from .buildkit import GOOD_FOR, HTTP_2, NOTHING_YET, Daemon, Forward
from .lifeline import Lifeline
from .listening import BoundedListener
from .uid_split import split_holds


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
        return Lifeline(self.daemon.connect_patiently(), HTTP_2, NOTHING_YET, GOOD_FOR)

    def listen(self) -> BoundedListener:
        """Pass everything on."""
        return Forward(os.path.join(self.folder, buildkit.SOCKET), self.daemon)

    def environment(self) -> dict[str, str]:
        """Have buildx use it; there is no engine."""
        return {"DOCKER_HOST": f"unix://{self.folder}/no-engine.sock", **buildkit.environment(self.folder)}
