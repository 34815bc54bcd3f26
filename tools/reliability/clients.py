"""Clients that do not give up when nobody answers, and what they saw of the builds that they asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any

import httpx

from tools.trust import TRUST

from .logs import Rows, Tally, address_of, tally
from .rig import Rig
from .sse import NOBODY_THERE, PAUSE, Follower, Refused

PATIENCE = 240.0
"""Seconds for which a client asks again and again."""
BUILD_PATIENCE = 300.0
"""Seconds within which a build's end must be heard of."""


@dataclass(frozen=True)
class Client:
    """Asks the API; when the answer does not come, asks the same again."""

    api: str
    token: str
    http: httpx.AsyncClient

    async def ask(self, method: str, path: str, *accepted: int, **options: Any) -> httpx.Response:
        """Give the first answer that somebody gave.

        Raises:
            RuntimeError: it is none of the accepted statuses, or none comes for minutes.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = await self.http.request(method, path, **options)
            except httpx.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code in accepted:
                return answer
            if answer.status_code not in NOBODY_THERE:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(PAUSE)
        raise RuntimeError(f"{method} {path}: no answer within {PATIENCE:g} s")

    async def log(self, build_id: str) -> list[str]:
        """Download a whole log."""
        return (await self.ask("GET", f"builds/{build_id}/log?download", 200)).text.splitlines()


@asynccontextmanager
async def client(api: str, token: str) -> AsyncIterator[Client]:
    """Give a client of the API at this address, which has a slash at its end."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=api, headers=headers, timeout=120, trust_env=False, verify=TRUST) as http:
        yield Client(api, token, http)


@dataclass
class Seen:
    """A build that a client asked for, and all that the client saw of it; times are of the monotonic clock."""

    rows: int
    id: str = ""
    accepted: float = inf
    ended: float = inf
    followers: list[Follower] = field(default_factory=list)
    downloaded: list[str] = field(default_factory=list)
    trouble: str = ""
    """What happened instead of what the client waited for."""

    @property
    def streamed(self) -> Tally:
        """What became of the rows in the streams."""
        return sum((tally(follower.lines, self.rows) for follower in self.followers), Tally())

    @property
    def in_download(self) -> Tally:
        """What became of the rows in the download."""
        return tally(self.downloaded, self.rows)

    @property
    def same(self) -> bool:
        """Whether every stream told exactly the lines of the download."""
        return all(follower.lines == self.downloaded for follower in self.followers)


async def keep_building(rig: Rig, client: Client, rows: Rows, seen: list[Seen], done: Callable[[], bool]) -> None:
    """Have one build after the other made, each followed by two, until it is enough."""
    while not done():
        address = await asyncio.to_thread(address_of, rig, rows)
        seen.append(Seen(rows.rows))
        await build(client, address, seen[-1], followers=2)


async def build(client: Client, address: str, seen: Seen, followers: int) -> None:
    """Ask for a build, follow it to its end, and download its log."""
    try:
        seen.id = await post(client, address)
        seen.accepted = time.monotonic()
        seen.followers = [Follower(client.api, seen.id, client.token) for _ in range(followers)]
        await asyncio.gather(*(follower.follow(BUILD_PATIENCE) for follower in seen.followers))
        seen.ended = time.monotonic()
        seen.downloaded = await client.log(seen.id)
    except (RuntimeError, Refused, TimeoutError) as error:
        seen.trouble = f"{type(error).__name__} {error}"


async def post(client: Client, address: str) -> str:
    """Ask for a build until it is accepted, and give its id."""
    answer = await client.ask("POST", "builds", 202, 200, json={"repo": address})
    return str(answer.json()["id"])
