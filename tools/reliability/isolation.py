"""Two installations on one engine."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

from repo2docker_service.domain.naming import temporary_tag
from tools.parts.repository import Repository

from .api import Build, ended, listed, start
from .figures import Figure, at_least, exactly
from .installed import Installed, installed
from .lives import Life, in_order_of_start, lives
from .rig import Rig
from .trivial_builder import images_below

STEP_TAKES = 2
"""Seconds for which each build builds at least."""
WITHIN = 120.0
POLL = 0.05
SETTING = "c.DockerImageBuilder.concurrency = 1"


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    builds: int
    """Of each installation, at first; the last two are made while one of them is away."""
    prefixes: tuple[str, ...]
    """One prefix of image names for both is harder than one for each."""


FULL = Size(builds=5, prefixes=("the same prefix", "a prefix for each"))
SHORT = Size(builds=2, prefixes=("the same prefix",))


def run(rig: Rig, size: Size) -> list[Figure]:
    """Of two installations neither sees, starts, cancels, counts or collects anything of the other."""
    return [figure for prefixes in size.prefixes for figure in _pair(rig, size, prefixes)]


def _pair(rig: Rig, size: Size, prefixes: str) -> list[Figure]:
    common = "" if "each" in prefixes else f"r2d-{secrets.token_hex(4)}"
    with (
        installed(rig, SETTING, prefix=common) as here,
        installed(rig, SETTING, prefix=common) as there,
        here.first.client() as client,
        there.first.client() as other_client,
    ):
        one, other = Side(here, client), Side(there, other_client)
        for _ in range(size.builds):
            one.start(rig)
            other.start(rig)
        seen = [one.sees_of(other), other.sees_of(one)]
        states = [*one.ends(), *other.ends()]
        seen += [one.sees_of(other), other.sees_of(one)]
        together = _seconds_together(one, other)
        touched = _touched_while_away(rig, one, other)
        states += other.ends()
    where = f", with {prefixes}"
    return [
        exactly(f"builds that did not succeed{where}", sum(state != "succeeded" for state in states), 0),
        exactly(f"things that one saw of the other{where}", sum(seen), 0),
        exactly(f"builds beyond an installation's own slot{where}", one.crowded + other.crowded, 0),
        at_least(f"seconds for which both built at once{where}", together, STEP_TAKES, "s"),
        exactly(f"things of one that was away, touched by the other{where}", touched, 0),
    ]


@dataclass
class Side:
    """One of the two installations."""

    here: Installed
    client: httpx.Client
    builds: list[Build] = field(default_factory=list)

    def start(self, rig: Rig) -> Build:
        """Ask for a real build."""
        repository = Repository(rig.git.root, f"{secrets.token_hex(8)}/example.git")
        dockerfile = f"FROM {rig.image}\nRUN sleep {STEP_TAKES} # {repository.name}\n"
        repository.commit({"Dockerfile": dockerfile}, "The only one")
        self.builds.append(start(self.client, repo=f"{rig.git.url}/{repository.name}"))
        return self.builds[-1]

    def ends(self) -> list[str]:
        """Wait for all builds and give their states."""
        return [ended(self.client, build["id"], WITHIN)["state"] for build in self.builds]

    def sees_of(self, other: Side) -> int:
        """Count what this one lists, counts, shows or lets be changed of the other's."""
        foreign = [build for build in listed(self.client) if build not in self]
        beyond = [build for build in listed(self.client) if build.get("queue_position", 0) > len(self.builds)]
        images = self.client.get("images").raise_for_status().json()["items"]
        names = {build["image"] for build in self.builds}
        answers = [status for build in other.builds for status in self._tries(build["id"])]
        return (
            len(foreign)
            + len(beyond)
            + sum(image["name"] not in names for image in images)
            + sum(status != httpx.codes.NOT_FOUND for status in answers)
        )

    def _tries(self, build_id: str) -> list[int]:
        path = f"builds/{build_id}"
        answers = [self.client.get(path), self.client.get(f"{path}/log"), self.client.delete(path)]
        return [answer.status_code for answer in [*answers, self.client.post(f"{path}/cancel")]]

    def __contains__(self, build: Build) -> bool:
        return any(build["id"] == own["id"] for own in self.builds)

    @property
    def builders(self) -> list[Life]:
        """The builders that were started, the first one first."""
        return in_order_of_start(lives(self.here.docker, self.here.instance, "builder"))

    @property
    def crowded(self) -> int:
        """How often a build began before the one before had ended."""
        return sum((later.started or 0) < (earlier.finished or 0) for earlier, later in pairwise(self.builders))


def _seconds_together(one: Side, other: Side) -> float:
    spans = [[(life.started or 0, life.finished or 0) for life in side.builders] for side in (one, other)]
    return sum(max(0, min(end, its_end) - max(begin, its)) for begin, end in spans[0] for its, its_end in spans[1])


def _touched_while_away(rig: Rig, one: Side, away: Side) -> int:
    """Kill one service while it builds, with another build in its queue; count what the other one then changes."""
    running, queued = away.start(rig), away.start(rig)
    _until(lambda: _builder(away, running).running)
    away.here.first.kill()
    _until(lambda: not _builder(away, running).running)
    one.here.first.stop()
    # A service looks for what was left behind when it starts, and then now and then.
    one.here.first.start()
    one.start(rig)
    one.ends()
    kinds = [life.kind for build in (running, queued) for life in _lives(away, build)]
    repository = running["image"].rpartition(":")[0]
    names = images_below(away.here.docker, away.here.prefix)
    touched = [
        kinds != ["builder", "builder"],
        _builder(away, queued).status != "created",
        f"{repository}:{temporary_tag(running['id'])}" not in names,
    ]
    away.here.first.start()
    return sum(touched)


def _lives(side: Side, build: Build) -> list[Life]:
    return [life for life in lives(side.here.docker, side.here.instance) if life.build_id == build["id"]]


def _builder(side: Side, build: Build) -> Life:
    return next(life for life in _lives(side, build) if life.kind == "builder")


def _until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it is not so after {WITHIN:g} s")
        time.sleep(POLL)
