"""An owner reaches the number of builds that one owner may have."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from . import people
from .api import ended
from .figures import Figure, exactly, known
from .installed import installed
from .people import Person
from .rig import Rig
from .trivial_builder import TrivialBuilder, trivial_builder


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    limit: int
    """Builds that an owner may have."""
    tries: int
    """Requests beyond it."""


FULL = Size(limit=10, tries=20)
SHORT = Size(limit=3, tries=3)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Who is at the limit is told the rule and when to come again; nobody else notices."""
    ada, bob = Person("ada"), Person("bob")
    settings = ("c.DockerImageBuilder.concurrency = 1", f"c.Repo2DockerService.builds_per_owner = {size.limit}")
    with (
        trivial_builder(rig) as trivial,
        installed(rig, trivial.setting, *settings, people.setting([ada, bob])) as here,
        here.first.client(ada.token) as for_ada,
        here.first.client(bob.token) as for_bob,
    ):
        allowed = [_ask(for_ada, trivial) for _ in range(size.limit)]
        refused = [_ask(for_ada, trivial) for _ in range(size.tries)]
        others = [_ask(for_bob, trivial) for _ in range(size.limit)]
        again = _ask_after_an_end(for_ada, trivial, allowed[0])
        return [
            known("builds that an owner may have", size.limit),
            exactly("builds of that owner accepted", _count(allowed, 202), size.limit),
            exactly("further ones refused with 429", _count(refused, 429), size.tries),
            exactly("refusals that say when to try again", sum(_says_when(each) for each in refused), size.tries),
            exactly("refusals that state the rule", sum(_states(each, size.limit) for each in refused), size.tries),
            exactly("builds of another owner accepted meanwhile", _count(others, 202), size.limit),
            exactly("status of a request after one build has ended", again, 202),
        ]


def _ask(client: httpx.Client, trivial: TrivialBuilder) -> httpx.Response:
    return client.post("builds", json=trivial.wish())


def _ask_after_an_end(client: httpx.Client, trivial: TrivialBuilder, first: httpx.Response) -> int:
    if first.status_code == httpx.codes.ACCEPTED:
        trivial.finish(first.json())
        ended(client, first.json()["id"], within=60)
    return _ask(client, trivial).status_code


def _count(answers: list[httpx.Response], status: int) -> int:
    return sum(answer.status_code == status for answer in answers)


def _says_when(answer: httpx.Response) -> bool:
    return int(answer.headers.get("Retry-After", "0")) > 0


def _states(answer: httpx.Response, limit: int) -> bool:
    detail = answer.json().get("detail", "")
    return f" {limit} " in f" {detail} " and detail.endswith(".")
