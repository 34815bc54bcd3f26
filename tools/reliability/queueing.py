"""Many builds wait, and the service is killed half way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from . import people
from .api import ENDED, Build, listed, timed
from .engine_facts import History, listening
from .figures import Figure, below, exactly, known
from .installed import Installed, installed
from .lives import Life, lives, printed
from .measures import quantile, resident, timing_gets
from .noise import listening_to_noise
from .people import Person
from .replica import Replica
from .rig import Rig
from .trivial_builder import WORK, TrivialBuilder, images_below, trivial_builder

SLOTS = 2
PAGE = 100
LOOK_EVERY = 0.5
SETTLES_WITHIN = 10.0


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    builds: int
    seconds: float
    """The longest that the builds may take, from when all are queued."""
    listing: int
    """Milliseconds within which 99 of 100 listings are to be answered."""


FULL = Size(builds=1000, seconds=3000, listing=100)
# So few answers prove little: of tests that run beside others, only the worst is kept away.
SHORT = Size(builds=10, seconds=90, listing=1000)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Each of many queued builds runs exactly once though the service is killed half way; listing stays quick."""
    crowd = [Person("ada"), Person("bob")]
    limits = (f"c.DockerImageBuilder.concurrency = {SLOTS}", "c.Repo2DockerService.builds_per_owner = 0")
    with trivial_builder(rig) as trivial, installed(rig, trivial.setting, *limits, people.setting(crowd)) as here:
        before = resident(here.first.pid)
        posts, builds = _post_all(here.first, trivial, crowd, size.builds)
        figures = _drain(here, trivial, builds, crowd[0], size)
        return [
            *figures,
            *_ends(here, crowd[0], builds),
            known("POST /builds, median", 1000 * quantile(posts, 0.5), "ms"),
            known("POST /builds, p99", 1000 * quantile(posts, 0.99), "ms"),
            known("memory of a service that was just started", before, "MiB"),
        ]


def _post_all(
    replica: Replica, trivial: TrivialBuilder, crowd: Sequence[Person], builds: int
) -> tuple[list[float], list[Build]]:
    """Queue everything; the builds that begin meanwhile wait for their images, so the queue gets long."""

    def post(who: Person) -> list[tuple[float, Build]]:
        with replica.client(who.token) as client:
            return [timed(lambda: trivial.start(client)) for _ in range(builds // len(crowd))]

    with ThreadPoolExecutor(len(crowd)) as pool:
        answers = [answer for answers in pool.map(post, crowd) for answer in answers]
    return [seconds for seconds, _ in answers], [build for _, build in answers]


def _drain(here: Installed, trivial: TrivialBuilder, builds: list[Build], who: Person, size: Size) -> list[Figure]:
    """Let all builds succeed, and kill the service half way."""
    replica, begun = here.first, time.monotonic()
    deadline = begun + size.seconds
    listing = f"builds?limit={PAGE}"
    with listening(here.docker, here.instance) as history:
        with listening_to_noise() as noise, timing_gets(replica, who.token, listing, pause=0.1) as listings:
            for build in builds:
                trivial.finish(build)
            _wait_for(history, size.builds // 2, deadline)
        full = resident(replica.pid)
        replica.kill()
        replica.start()
        fresh = resident(replica.pid)
        _wait_for(history, size.builds, deadline)
    return [
        # What the machine itself is late is not the service's fault.
        below(
            f"GET /{listing} beside a long queue, p99", 1000 * quantile(listings, 0.99), size.listing + noise.p99, "ms"
        ),
        known("the same, median", 1000 * quantile(listings, 0.5), "ms"),
        known("lag of a process that only sleeps, p99", noise.p99, "ms"),
        known("such listings", len(listings)),
        known("builds per second", size.builds / (time.monotonic() - begun)),
        known("memory when it was killed", full, "MiB"),
        known("memory gained afterwards", resident(replica.pid) - fresh, "MiB"),
    ]


def _wait_for(history: History, ended: int, deadline: float) -> None:
    """Wait until so many builds have ended; when that takes too long, the figures will tell."""
    while time.monotonic() < deadline and history.count("die", "pusher").total() < ended:
        time.sleep(LOOK_EVERY)


def _ends(here: Installed, who: Person, builds: list[Build]) -> list[Figure]:
    """Compare what was asked for with what the engine has, and with what the service says."""
    ids = {build["id"] for build in builds}
    finals = {build["image"] for build in builds}
    names = set(images_below(here.docker, here.prefix))
    found = lives(here.docker, here.instance)
    worked = Counter(life.build_id for life in found if life.kind == "builder" and _worked_once(here, life))
    delivered = Counter(life.build_id for life in found if life.kind == "pusher" and _ended_well(life))
    with here.first.client(who.token) as client:
        states = _states(client)
    return [
        exactly("builds accepted", len(ids), len(builds)),
        exactly("builds that the service lists as succeeded", states["succeeded"], len(builds)),
        exactly("builds that it lists otherwise", states.total() - states["succeeded"], 0),
        exactly("containers of the trial on the engine", len(found), 2 * len(builds)),
        exactly("builds that did not do their work exactly once", sum(worked[each] != 1 for each in ids), 0),
        exactly("builds that were not delivered exactly once", sum(delivered[each] != 1 for each in ids), 0),
        exactly("images missing", len(finals - names), 0),
        exactly("temporary names left", len(names - finals), 0),
    ]


def _states(client: httpx.Client) -> Counter[str]:
    """Count the builds in each state, when the service has heard of the last end, too."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while True:
        states = Counter(build["state"] for build in listed(client))
        if states.keys() <= set(ENDED) or time.monotonic() > deadline:
            return states
        time.sleep(LOOK_EVERY)


def _ended_well(life: Life) -> bool:
    return life.status == "exited" and life.exit_code == 0


def _worked_once(here: Installed, life: Life) -> bool:
    return _ended_well(life) and [text for _, text in printed(here.docker, life.id)] == [WORK]
