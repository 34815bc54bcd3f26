"""A probed service with loud builds, as the trials of streams need it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from tools.parts.docker_api import DockerApi

from .crowd import Group, Seen, crowd
from .engine_facts import remove_everything
from .figures import Figure
from .gauges import Watched, resident, watching
from .loud_builder import FAILED, LoudBuilder, loud_builder
from .loud_program import Order
from .noise import Noise, listening_to_noise
from .probe import probed, read_probe
from .replica import Replica
from .rig import Rig

ENDED = ("succeeded", "failed", "cancelled")


@dataclass
class Stage:
    """One installation of one replica, and what it builds."""

    rig: Rig
    replica: Replica
    loud: LoudBuilder
    instance: str
    settings: str
    noise: Noise
    at_rest: float = 0
    """MiB of memory that the service holds once it is warm."""

    def start(self, order: Order) -> dict[str, Any]:
        """Start a loud build."""
        with self.replica.client() as client:
            return self.loud.start(client, order)

    def ended(self, build_id: str, within: float = 120) -> dict[str, Any]:
        """Wait until a build has ended, and give it."""
        deadline = time.monotonic() + within
        with self.replica.client() as client:
            while True:
                build: dict[str, Any] = client.get(f"builds/{build_id}").raise_for_status().json()
                if build["state"] in ENDED:
                    return build
                if time.monotonic() > deadline:
                    raise TimeoutError(f"Build {build_id} did not end within {within:g} s: {build}")
                time.sleep(0.1)

    def followers(self, build: dict[str, Any], count: int, *, slow: bool = False, after: str = "") -> Group:
        """Describe readers of a build's log."""
        return Group(count, f"/api/v1/builds/{build['id']}/log", self.replica.token, after, slow)

    def follow(self, build: dict[str, Any], count: int, within: float) -> Seen:
        """Let so many read a log from its beginning to its end."""
        with crowd(self.replica.port, [self.followers(build, count)], within) as readers:
            return readers.result()[0]

    def figures(self, what: str) -> list[Figure]:
        """Tell how late the event loop was until now."""
        return read_probe(self.replica).figures(what, self.noise)

    def warm_up(self, readers: int = 10, lines: int = 2000) -> None:
        """Let everything be loaded and grown that any use makes grow."""
        self.follow(self.start(Order(lines, 0, 100, 1, FAILED)), readers, 60)
        self.at_rest = resident(self.replica.pid)

    def watching(self) -> AbstractContextManager[Watched]:
        """Watch the service's process while the context is open."""
        return watching(self.replica.pid, self.replica.port, self.at_rest)


@contextmanager
def stage(rig: Rig, *settings: str, **environment: str) -> Iterator[Stage]:
    """Start the service, and leave nothing of it."""
    with loud_builder(rig) as loud, listening_to_noise() as noise:
        instance = rig.instance()
        chosen = rig.settings(instance, loud.setting, *settings)
        replica = probed(rig.folder / instance, chosen, **environment)
        try:
            replica.start()
            yield Stage(rig, replica, loud, instance, chosen, noise)
        finally:
            try:
                replica.stop()
            finally:
                replica.kill()  # does nothing unless it would not stop
                remove_everything(DockerApi(rig.engine), instance)
