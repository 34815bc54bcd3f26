"""Real builds, each brought to the moment at which it shall be cancelled."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

import httpx

from tools.parts.repository import Repository

from .api import Build, start
from .engine_facts import History
from .rig import Rig

WITHIN = 120.0
"""Seconds for a build to come to its moment."""
FETCH_TAKES = 3
LOOK_EVERY = 0.005


class Moment(StrEnum):
    """When a build is cancelled."""

    QUEUED = "queued"
    FETCHING = "fetching"
    BUILDING = "building"
    BETWEEN = "between builder and pusher"
    PUSHING = "pushing"


SOON = {
    Moment.QUEUED: 0.5,
    Moment.FETCHING: FETCH_TAKES - 1,
    Moment.BUILDING: 1,
    Moment.BETWEEN: 0.03,
    Moment.PUSHING: 0.2,
}
"""Seconds, of which a random part passes from the beginning of the moment to the cancel."""
STEP = {Moment.QUEUED: "sleep 600", Moment.BUILDING: "sleep 600"}


@dataclass
class Case:
    """A build that is to be cancelled."""

    moment: Moment
    chance: random.Random
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    """In the command of its step, by which its processes are known."""
    build: Build = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The build's id."""
        return str(self.build["id"])

    def begin(self, rig: Rig, client: httpx.Client) -> None:
        """Ask for the build; where it shall be cancelled while it fetches, the git server then takes its time."""
        repository = Repository(rig.git.root, f"{secrets.token_hex(8)}/example.git")
        command = f"echo begins {self.token}; {STEP.get(self.moment, 'true')} # {self.token}"
        repository.commit({"Dockerfile": f"FROM {rig.image}\nRUN {command}\n"}, "The only one")
        self.build = start(client, repo=f"{rig.git.url}/{repository.name}")
        if self.moment is Moment.FETCHING:
            rig.git.delays[f"/{repository.name}"] = FETCH_TAKES

    def reach(self, client: httpx.Client, history: History) -> None:
        """Wait for the moment, and for a random while.

        Raises:
            TimeoutError: it does not come.
        """
        begins: dict[Moment, Callable[[], bool]] = {
            Moment.QUEUED: lambda: True,
            Moment.FETCHING: partial(self._happened, history, "start", "builder"),
            Moment.BUILDING: partial(self._prints, client),
            Moment.BETWEEN: partial(self._happened, history, "die", "builder"),
            Moment.PUSHING: partial(self._happened, history, "create", "pusher"),
        }
        deadline = time.monotonic() + WITHIN
        while not begins[self.moment]():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.id} is not {self.moment} after {WITHIN:g} s")
            time.sleep(LOOK_EVERY)
        time.sleep(self.chance.uniform(0, SOON[self.moment]))

    def _happened(self, history: History, action: str, kind: str) -> bool:
        return history.count(action, kind)[self.id] > 0

    def _prints(self, client: httpx.Client) -> bool:
        lines = client.get(f"builds/{self.id}/log").text.splitlines()
        return any(line.endswith(f" begins {self.token}") for line in lines)
