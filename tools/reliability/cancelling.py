"""Real builds are cancelled at every moment of their lives."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import httpx

from repo2docker_service.domain.naming import temporary_tag
from tools.parts import processes

from .api import get
from .cancel_moments import Case, Moment
from .engine_facts import History, listening
from .figures import Figure, exactly, known
from .installed import Installed, installed
from .lives import Life, lives, printed
from .rig import Rig
from .trivial_builder import images_below

SLOTS = 2
GRACE = 2.0
"""Seconds after the answer, in which all that belongs to a build has to be gone."""


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    cancels: int


FULL = Size(cancels=50)
SHORT = Size(cancels=len(Moment))


def run(rig: Rig, size: Size) -> list[Figure]:
    """Whenever a build is cancelled, nothing of it runs any more, its log stays, and there is no image."""
    moments = [list(Moment)[number % len(Moment)] for number in range(size.cancels)]
    cases = [Case(moment, random.Random(f"{rig.seed}/{n}")) for n, moment in enumerate(moments)]  # noqa: S311
    with (
        installed(rig, f"c.DockerImageBuilder.concurrency = {SLOTS}") as here,
        listening(here.docker, here.instance) as history,
        here.first.client() as client,
    ):
        ends = _Trial(rig, here, history, client).run(cases)
    faults = Counter(fault for end in ends for fault in end.faults)
    return [
        known("builds", len(ends)),
        *(known(f"cancelled while {moment}", _count(ends, moment, "cancelled")) for moment in Moment),
        known("had ended before, and the answer said so", sum(end.state != "cancelled" for end in ends)),
        *(exactly(fault, faults[fault], 0) for fault in Fault),
    ]


class Fault(StrEnum):
    """What must not be after a cancel."""

    ANSWER = "answers that were not true"
    CONTAINER = "builds of which a container ran after the grace"
    STEP = "builds of which a step ran after the grace"
    LOG = "logs that were not kept whole"
    IMAGE = "names of images that must not be there, or are missing"


@dataclass(frozen=True)
class _End:
    """What became of a build that was to be cancelled."""

    moment: Moment
    state: str
    faults: list[Fault]


def _count(ends: list[_End], moment: Moment, state: str) -> int:
    return sum((end.moment, end.state) == (moment, state) for end in ends)


@dataclass(frozen=True)
class _Trial:
    rig: Rig
    here: Installed
    history: History
    client: httpx.Client
    """Made before, as making one takes longer than some moments do."""

    def run(self, cases: list[Case]) -> list[_End]:
        """Cancel those that shall be queued while others hold the slots, then all others."""
        holders = [case for case in cases if case.moment is Moment.BUILDING][:SLOTS]
        queued = [case for case in cases if case.moment is Moment.QUEUED]
        others = [case for case in cases if case not in holders and case not in queued]
        with ThreadPoolExecutor(SLOTS) as pool:
            list(pool.map(self._bring, holders))
            ends = list(pool.map(self._bring_and_cancel, queued))
            ends += pool.map(self._cancel, holders)
            return [*ends, *pool.map(self._bring_and_cancel, others)]

    def _bring_and_cancel(self, case: Case) -> _End:
        self._bring(case)
        return self._cancel(case)

    def _bring(self, case: Case) -> None:
        case.begin(self.rig, self.client)
        case.reach(self.client, self.history)

    def _cancel(self, case: Case) -> _End:
        answer = self.client.post(f"builds/{case.id}/cancel")
        time.sleep(GRACE)
        state = str(get(self.client, case.id)["state"])
        log = self.client.get(f"builds/{case.id}/log")
        found = [life for life in lives(self.here.docker, self.here.instance) if life.build_id == case.id]
        wrong = {
            Fault.ANSWER: not _true(answer, state),
            Fault.CONTAINER: any(life.running for life in found),
            Fault.STEP: processes.mentioning(case.token),
            Fault.LOG: log.status_code != httpx.codes.OK or log.text.splitlines() != self._printed(found),
            Fault.IMAGE: self._names(case) != ({case.build["image"]} if state == "succeeded" else set()),
        }
        return _End(case.moment, state, [fault for fault, is_so in wrong.items() if is_so])

    def _printed(self, found: list[Life]) -> list[str]:
        parts = [life for kind in ("builder", "pusher") for life in found if life.kind == kind]
        return [text for life in parts for _, text in printed(self.here.docker, life.id)]

    def _names(self, case: Case) -> set[str]:
        repository = case.build["image"].rpartition(":")[0]
        mine = {case.build["image"], f"{repository}:{temporary_tag(case.id)}"}
        return mine & set(images_below(self.here.docker, self.here.prefix))


def _true(answer: httpx.Response, state: str) -> bool:
    """Whether an answer to a cancel fits what the build is afterwards."""
    if answer.status_code == httpx.codes.CONFLICT:
        return state in ("succeeded", "failed")
    return answer.status_code == httpx.codes.OK and answer.json()["state"] == state == "cancelled"
