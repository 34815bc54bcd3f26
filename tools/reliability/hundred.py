"""Many people ask for one source at the same moment, through two replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from .clients import Client, client
from .engine_facts import History, listening
from .figures import Figure, exactly, known
from .installed import Installed, installed
from .logs import Rows, address_of, tally
from .people import Person, setting
from .rig import Rig
from .sse import Follower

WITHIN = 120.0
"""Seconds for one round."""


@dataclass(frozen=True)
class Size:
    """How many people, how often, and what the build prints."""

    people: int
    rounds: int
    rows: Rows


FULL = Size(100, 5, Rows(600, 120))
SHORT = Size(30, 1, Rows(240, 120))


@dataclass(frozen=True)
class _Answer:
    """What one of them got."""

    id: str
    joined: bool
    streamed: list[str]
    downloaded: list[str]


def run(rig: Rig, size: Size) -> list[Figure]:
    """However many ask at once, there is one build in one container, and everybody reads its whole log."""
    everybody = [Person(f"person{number}") for number in range(size.people)]
    with installed(rig, setting(everybody), replicas=2) as here, listening(here.docker, here.instance) as history:
        rounds = [asyncio.run(_together(rig, size, here, everybody)) for _ in range(size.rounds)]
    return [*_of_the_answers(size, rounds), *_of_the_engine(size, history)]


async def _together(rig: Rig, size: Size, here: Installed, everybody: Sequence[Person]) -> list[_Answer]:
    address = address_of(rig, size.rows)
    async with asyncio.timeout(WITHIN), AsyncExitStack() as stack:
        asking = []
        for number, person in enumerate(everybody):
            api = f"{here.replicas[number % 2].url}api/v1/"
            asking.append(await stack.enter_async_context(client(api, person.token)))
        return await asyncio.gather(*(_ask_and_follow(each, address) for each in asking))


async def _ask_and_follow(asking: Client, address: str) -> _Answer:
    accepted = (await asking.ask("POST", "builds", 202, json={"repo": address})).json()
    follower = await Follower(asking.api, accepted["id"], asking.token).follow(WITHIN)
    return _Answer(accepted["id"], accepted["joined"], follower.lines, await asking.log(accepted["id"]))


def _of_the_answers(size: Size, rounds: list[list[_Answer]]) -> list[Figure]:
    answers = [answer for answers in rounds for answer in answers]
    copies = [[log for answer in answers for log in (answer.streamed, answer.downloaded)] for answers in rounds]
    whole = [tally(answer.streamed, size.rows.rows).perfect for answer in answers]
    return [
        known("people who ask at once", size.people),
        known("sources, one after the other", size.rounds),
        exactly("different builds", len({answer.id for answer in answers}), size.rounds),
        exactly("people who were told that they joined", sum(each.joined for each in answers), _others(size)),
        exactly("whole logs in streams", sum(whole), size.people * size.rounds),
        exactly("different logs", sum(len({*map(tuple, logs)}) for logs in copies), size.rounds),
    ]


def _others(size: Size) -> int:
    return (size.people - 1) * size.rounds


def _of_the_engine(size: Size, history: History) -> list[Figure]:
    return [
        exactly("builders created", history.count("create", "builder").total(), size.rounds),
        exactly("pushers created", history.count("create", "pusher").total(), size.rounds),
        known("containers started", sum(history.count("start", kind).total() for kind in ("builder", "pusher"))),
    ]
