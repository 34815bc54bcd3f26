"""Two owners share one slot, though the first one queued everything before the second came."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import httpx

from . import people
from .api import PAUSE, Build, ended, listed
from .figures import Figure, exactly, known
from .installed import Installed, installed
from .lives import in_order_of_start, lives
from .people import Person
from .rig import Rig
from .trivial_builder import TrivialBuilder, trivial_builder

BEGINS_WITHIN = 30.0
ENDS_WITHIN = 60.0


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    waiting: int
    """Builds of each owner, beside the one that holds the slot at first."""


FULL = Size(waiting=12)
SHORT = Size(waiting=3)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Owners take turns, whoever asked first, and the queue position says who is next."""
    ada, bob = Person("ada"), Person("bob")
    limits = ("c.DockerImageBuilder.concurrency = 1", "c.Repo2DockerService.builds_per_owner = 0")
    with (
        trivial_builder(rig) as trivial,
        installed(rig, trivial.setting, *limits, people.setting([ada, bob])) as here,
        here.first.client(ada.token) as for_ada,
        here.first.client(bob.token) as for_bob,
    ):
        first = trivial.start(for_ada)
        _next_to_begin(for_ada, {first["id"]})
        early = [trivial.start(for_ada) for _ in range(size.waiting)]
        late = [trivial.start(for_bob) for _ in range(size.waiting)]
        wrong = _end_one_by_one(trivial, for_ada, first, [*early, *late])
        owners = {build["id"]: build["owner"] for build in [*early, *late]}
        return [known("builds of each owner that waited", size.waiting), *_turns(here, owners), *wrong]


def _end_one_by_one(trivial: TrivialBuilder, client: httpx.Client, first: Build, others: list[Build]) -> list[Figure]:
    """End one build after another, and compare the queue positions with what comes next."""
    waiting = {build["id"]: build for build in others}
    current, jumps, surprises = first, 0, 0
    before = {build_id: place + 1 for build_id, place in _positions(client).items()}
    while waiting:
        places = _positions(client)
        jumps += places != {build_id: place - 1 for build_id, place in before.items() if place > 1}
        jumps += sorted(places.values()) != list(range(1, len(waiting) + 1)) or places.keys() != waiting.keys()
        _end(trivial, client, current)
        current = waiting.pop(_next_to_begin(client, set(waiting)))
        surprises += places.get(current["id"]) != 1
        before = places
    _end(trivial, client, current)
    return [
        exactly("times that queue positions did not count down", jumps, 0),
        exactly("builds that began though another one was next", surprises, 0),
    ]


def _end(trivial: TrivialBuilder, client: httpx.Client, build: Build) -> None:
    trivial.finish(build)
    if (state := ended(client, build["id"], ENDS_WITHIN)["state"]) != "succeeded":
        raise RuntimeError(f"a trivial build is {state}")


def _positions(client: httpx.Client) -> dict[str, int]:
    return {build["id"]: build["queue_position"] for build in listed(client) if build["state"] == "queued"}


def _next_to_begin(client: httpx.Client, waiting: set[str]) -> str:
    """Wait until one of these builds is not queued any more."""
    deadline = time.monotonic() + BEGINS_WITHIN
    while time.monotonic() < deadline:
        for build in listed(client):
            if build["id"] in waiting and build["state"] != "queued":
                return str(build["id"])
        time.sleep(PAUSE)
    raise TimeoutError("no build begins")


def _turns(here: Installed, owners: Mapping[str, str]) -> list[Figure]:
    """Look at the engine's own times of those that waited."""
    builders = in_order_of_start(lives(here.docker, here.instance, "builder"))
    order = [owners[life.build_id] for life in builders if life.build_id in owners]
    overlaps = sum((later.started or 0) < (earlier.finished or 0) for earlier, later in pairwise(builders))
    return [
        exactly("builds that began", len(order), len(owners)),
        exactly("times that an owner came twice in a row", sum(a == b for a, b in pairwise(order)), 0),
        exactly("builds that began before the one before had ended", overlaps, 0),
    ]
