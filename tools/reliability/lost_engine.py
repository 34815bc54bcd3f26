"""One build that loses its engine half way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from tools.parts.own_engine import OwnEngine

from .api import Build, ended, start
from .logs import MARK, Rows, Tally, address_of, tally
from .replica import Replica
from .rig import Rig
from .sse import Follower

AWAY = 1.0
"""Seconds without an engine, beside those that it takes to end and to start."""
PATIENCE = 90.0
POLL = 0.05
ASKED = {"builds are listed": "api/v1/builds", "the service says it is ready": "health/ready"}


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of the build and of the service."""

    rows: int
    """That a whole build prints."""
    end: Build
    seen: Sequence[str]
    """What a follower had seen when the engine went away."""
    followed: Sequence[str]
    """All that it saw, across the break."""
    follower_ended: bool
    log: Sequence[str]
    recovery: Mapping[str, float]
    """Seconds from when the engine answered until the service did, by what it was asked."""
    again: Build
    """The end of a new request for the same."""
    log_again: Sequence[str]

    @property
    def lost(self) -> bool:
        """Whether the build failed for the reason that is true."""
        return (self.end["state"], self.end.get("reason")) == ("failed", "builder-lost")

    @property
    def perfect(self) -> bool:
        """Whether the log has the rows from the first to the last one that it has, each once and whole."""
        return tally(self.log, sum(MARK in line for line in self.log)) == Tally()

    @property
    def vanished(self) -> int:
        """Count the lines that somebody had seen and the log has not."""
        return sum(line not in self.log for line in self.seen)

    @property
    def told(self) -> bool:
        """Whether the follower saw all of the log, and its end."""
        return self.follower_ended and list(self.followed) == list(self.log)

    @property
    def works_again(self) -> bool:
        """Whether a new request built everything."""
        return self.again["state"] == "succeeded" and tally(self.log_again, self.rows).perfect


@dataclass(frozen=True)
class LostEngine:
    """Ends an engine when a build has printed so many rows, and starts it again."""

    engine: OwnEngine
    rig: Rig
    replica: Replica
    client: httpx.Client
    rows: Rows

    def run(self, end: Callable[[], None], seen_rows: int) -> Aftermath:
        """Do it, and see what comes of it."""
        address = address_of(self.rig, self.rows)
        build = start(self.client, repo=address)
        follower = Follower(f"{self.replica.url}api/v1/", build["id"], self.replica.token)
        with ThreadPoolExecutor(1) as pool:
            following = pool.submit(asyncio.run, follower.follow(PATIENCE))
            self._wait_for_rows(follower, seen_rows)
            end()
            seen = follower.lines
            self._well()  # as whatever watches over it asks, again and again
            time.sleep(AWAY)
            self.engine.start()
            recovery = self._recovery(time.monotonic())
            lost = ended(self.client, build["id"], PATIENCE)
            told = following.exception() is None
        if lost["state"] == "succeeded":
            raise RuntimeError("The build was over before its engine was: this machine is too busy for so few rows.")
        again = ended(self.client, start(self.client, repo=address)["id"], PATIENCE)
        return Aftermath(
            rows=self.rows.rows,
            end=lost,
            seen=seen,
            followed=follower.lines,
            follower_ended=told,
            log=self._log(build),
            recovery=recovery,
            again=again,
            log_again=self._log(again),
        )

    def _wait_for_rows(self, follower: Follower, rows: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while sum(MARK in line for line in follower.lines) < rows:
            if time.monotonic() > deadline:
                raise TimeoutError(f"build {follower.build_id} has not printed {rows} rows after {PATIENCE:g} s")
            time.sleep(POLL)

    def _recovery(self, answered: float) -> dict[str, float]:
        """Ask until the service is well in all respects, or for too long."""
        seconds = dict.fromkeys(ASKED, PATIENCE)
        while PATIENCE in seconds.values() and time.monotonic() < answered + PATIENCE:
            for name in self._well():
                seconds[name] = min(seconds[name], time.monotonic() - answered)
            time.sleep(POLL)
        return seconds

    def _well(self) -> list[str]:
        """Give what the service answers well."""
        return [name for name, path in ASKED.items() if self.client.get(f"{self.replica.url}{path}").is_success]

    def _log(self, build: Build) -> list[str]:
        return self.client.get(f"builds/{build['id']}/log").raise_for_status().text.splitlines()
