"""Builds are cancelled at the moment at which two processes are about to start them."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from .engine_facts import History, listening
from .figures import Figure, below, exactly, known
from .installed import Installed, installed
from .late_starts import late_starts
from .lives import Life, lives, printed
from .rig import Rig
from .trivial_builder import TrivialBuilder, trivial_builder

SLOTS = 1
LONGEST_WAIT = 0.3
"""Seconds between asking for a build and cancelling it."""
LATEST_START = 0.5
"""Seconds for which a request to start a container can be on its way to the engine."""
GRACE = 2.0
"""Seconds after the last answer, in which a start that was on its way may arrive."""


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    races: int
    at_once: int = 4
    """More than there are slots, so that some builds are queued for real."""


FULL = Size(races=500)
SHORT = Size(races=12)


@dataclass(frozen=True, slots=True)
class Race:
    """A build that was cancelled."""

    build_id: str
    status: int
    """Of the answer to the cancel."""
    never_started: bool
    """Whether the answer says that it was cancelled while it was queued."""
    answered: float
    """Seconds since 1970."""
    moment: float
    """The same, by the monotonic clock."""


@dataclass
class Outcome:
    """What the engine shows of a race, when all is over."""

    race: Race
    lives: list[Life] = field(default_factory=list)
    lines: list[tuple[float, str]] = field(default_factory=list)
    runs: list[tuple[float, float]] = field(default_factory=list)
    """From start to death, in seconds after the answer to the cancel; a run that goes on has no end."""

    @property
    def worked(self) -> bool:
        """Whether it printed anything that it must not."""
        return any(self.race.never_started or when > self.race.answered for when, _ in self.lines)


def run(rig: Rig, size: Size) -> list[Figure]:
    """A build that was cancelled does no work, however near its start was."""
    with (
        trivial_builder(rig) as trivial,
        late_starts(rig.engine, LATEST_START, rig.seed) as engine,
        installed(rig, trivial.setting, *_settings(rig, engine), replicas=2) as here,
    ):
        outcomes = races(here, trivial, size, rig.seed)
    cancelled = [outcome for outcome in outcomes if outcome.race.status == httpx.codes.OK]
    queued = sum(outcome.race.never_started for outcome in cancelled)
    late = [each for each in cancelled if any(end > 0 for _, end in each.runs)]
    ends = [end for each in late for _, end in each.runs]
    lengths = [end - start for each in late for start, end in each.runs if start > 0]
    return [
        exactly("races in which the build was cancelled", len(cancelled), size.races),
        known("builds cancelled while they were queued", queued),
        known("builds cancelled while they ran", len(cancelled) - queued),
        exactly("cancelled builds that worked afterwards", sum(outcome.worked for outcome in cancelled), 0),
        exactly("containers still running at the end", sum(life.running for o in outcomes for life in o.lives), 0),
        known("containers that were seen running after the answer", len(late)),
        known("longest run that began after it", max(lengths, default=0), "s"),
        below("latest end of one, after the answer", max(ends, default=0), GRACE + LATEST_START, "s"),
    ]


def _settings(rig: Rig, engine: str) -> list[str]:
    """Lead the service to the engine by another way; its containers go on to use the engine's own socket."""
    return [
        f"c.DockerImageBuilder.url = {engine!r}",
        f"c.DockerImageBuilder.socket = {rig.engine.removeprefix('unix://')!r}",
        f"c.DockerImageBuilder.concurrency = {SLOTS}",
        "c.Repo2DockerService.builds_per_owner = 0",
    ]


def races(here: Installed, trivial: TrivialBuilder, size: Size, seed: int) -> list[Outcome]:
    """Run all races and give what the engine shows of each."""
    with listening(here.docker, here.instance) as history, ThreadPoolExecutor(size.at_once) as pool:
        seeds = [random.Random(f"{seed}/{number}") for number in range(size.races)]  # noqa: S311 - the same each time
        ran = list(pool.map(lambda chance: _race(here, trivial, chance), seeds))
        time.sleep(GRACE)
    found = lives(here.docker, here.instance)
    return [_outcome(here, race, [life for life in found if life.build_id == race.build_id], history) for race in ran]


def _race(here: Installed, trivial: TrivialBuilder, chance: random.Random) -> Race:
    asked, cancelled = (chance.choice(here.replicas) for _ in range(2))
    with asked.client() as client:
        build = trivial.start(client)
    time.sleep(chance.uniform(0, LONGEST_WAIT))
    with cancelled.client() as client:
        answer = client.post(f"builds/{build['id']}/cancel")
    told = answer.json()
    return Race(build["id"], answer.status_code, told.get("started_at") is None, time.time(), time.monotonic())


def _outcome(here: Installed, race: Race, found: list[Life], history: History) -> Outcome:
    builders = [life for life in found if life.kind == "builder"]
    lines = [line for life in builders for line in printed(here.docker, life.id)]
    return Outcome(race, found, lines, runs(history, race))


def runs(history: History, race: Race) -> list[tuple[float, float]]:
    """Give when the build's builder ran, in seconds after the cancel was answered."""
    events = [event for event in history.events if event.build_id == race.build_id and event.kind == "builder"]
    starts = [event.at - race.moment for event in events if event.action == "start"]
    deaths = [event.at - race.moment for event in events if event.action == "die"]
    return [(start, next((end for end in deaths if end > start), float("inf"))) for start in starts]
