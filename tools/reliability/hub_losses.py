"""A Hub that takes back what it gave: a role, a session."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from tools.parts.hub_login import browser, log_in

from .figures import Figure, below, exactly, known
from .hub_rig import BehindHub, behind_hub
from .logs import Rows, address_of
from .rig import Rig

PROMISED = 30.0
"""Seconds for which what the Hub said before may count where nothing is changed."""
PRINTS = Rows(20 * 75, 20)
"""A build that prints for longer than all this takes."""
POLL = 0.1
"""Seconds between an answer and the next question."""
GROUP = "/groups/builders/users"


@dataclass(frozen=True)
class Size:
    """How often it is tried."""

    rounds: int


FULL = Size(5)
SHORT = Size(1)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Who lost a role or logged out at the Hub changes nothing any more at once, and reads nothing after 30 s.

    At two replicas with the settings that they have by themselves: one is asked to build, the other only read from.
    """
    with behind_hub(rig) as two:
        rounds = [asyncio.run(_both(rig, two)) for _ in range(size.rounds)]
    roles, sessions = [role for role, _ in rounds], [session for _, session in rounds]
    return [
        known("times that a role and a session are taken back", size.rounds),
        *_figures("the role", roles),
        *_figures("the session", sessions),
    ]


@dataclass(frozen=True, slots=True)
class Loss:
    """What somebody could still do, who had lost something; times in seconds."""

    builds: int
    read: float
    followed: float
    """How long the last open log went on."""
    came_again: int
    """Logs that could be opened again."""


async def _both(rig: Rig, two: BehindHub) -> tuple[Loss, Loss]:
    address = await asyncio.to_thread(address_of, rig, PRINTS)
    hub, one = two.hub, {"users": ["ben"]}
    ben = {"Authorization": f"token {await asyncio.to_thread(hub.token, 'ben')}"}
    with browser() as alice:
        await asyncio.to_thread(log_in, alice, f"{two.url}login", "alice")
        page = two.as_page(alice)
        losses = await asyncio.gather(
            _lose(two, address, ben, httpx.codes.FORBIDDEN, lambda: hub.ask("DELETE", GROUP, one)),
            _lose(two, address, page, httpx.codes.UNAUTHORIZED, lambda: alice.get(f"{hub.url}hub/logout")),
        )
    await asyncio.to_thread(hub.ask, "POST", GROUP, one)
    return losses


async def _lose(
    two: BehindHub, address: str, headers: Mapping[str, str], refusal: int, take_back: Callable[[], object]
) -> Loss:
    async with AsyncExitStack() as stack:
        changing, reading = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=two.api_of(each), headers=dict(headers), timeout=60, trust_env=False)
            )
            for each in two.here.replicas
        ]
        build = (await changing.post("builds", json={"repo": address})).raise_for_status().json()
        log = f"builds/{build['id']}/log"
        open_logs = [await _opened(each, log) for each in (changing, reading)]
        (await reading.get("me")).raise_for_status()
        await asyncio.to_thread(take_back)
        lost = time.monotonic()
        watching = [asyncio.create_task(each) for each in (_last_read(reading, refusal), *map(_end, open_logs))]
        refused = await changing.post("builds", json={"repo": address})
        read, *ends = await asyncio.gather(*watching)
        again = [await each.get(log) for each in (changing, reading)]
    accepted, came_again = refused.status_code != refusal, sum(each.status_code != refusal for each in again)
    return Loss(int(accepted), read - lost, max(ends) - lost, came_again)


async def _opened(client: httpx.AsyncClient, log: str) -> httpx.Response:
    request = client.build_request("GET", log, headers={"Accept": "text/event-stream"})
    return (await client.send(request, stream=True)).raise_for_status()


async def _last_read(client: httpx.AsyncClient, refusal: int) -> float:
    """Read until it is refused, and give when that was."""
    end = time.monotonic() + 2 * PROMISED
    while time.monotonic() < end:
        if (await client.get("images")).status_code == refusal:
            return time.monotonic()
        await asyncio.sleep(POLL)
    return float("inf")


async def _end(log: httpx.Response) -> float:
    """Give when a log ends with the word to come again, and not because it is all that there will be."""
    last = ""
    async for line in log.aiter_lines():
        last = line if line.startswith("event: ") else last
    return time.monotonic() if last == "event: reconnect" else float("inf")


def _figures(what: str, losses: list[Loss]) -> list[Figure]:
    return [
        exactly(f"builds that were accepted after {what} was gone", sum(each.builds for each in losses), 0),
        below(
            f"longest time until reading without {what} was refused", max(each.read for each in losses), PROMISED, "s"
        ),
        below(
            f"longest time until an open log ended without {what}", max(each.followed for each in losses), PROMISED, "s"
        ),
        exactly(f"logs that could be opened again without {what}", sum(each.came_again for each in losses), 0),
    ]
