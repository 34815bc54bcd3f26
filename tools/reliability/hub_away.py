"""A Hub that is stopped and started again while people read and build."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from tools.parts.hub_login import browser, log_in

from .figures import Figure, below, exactly, known
from .hub_rig import BehindHub, behind_hub
from .logs import Rows, address_of, tally
from .rig import Rig
from .sse import Follower

FOLLOWERS = 4
SETTLES = 5.0
"""Seconds within which somebody is served after the Hub has come back."""
POLL = 0.2
"""Seconds between an answer and the next question."""


@dataclass(frozen=True)
class Size:
    """How long the Hub is away and how long the service goes by its word, in seconds."""

    away: float
    remembers: float
    comes_back: float
    """How long that may take, with what goes before it."""

    @property
    def rows(self) -> Rows:
        """A build that prints from before the Hub stops until after it is back."""
        return Rows(int(20 * (self.away + self.comes_back)), 20)


FULL = Size(60, 20, 20)
SHORT = Size(6, 2, 14)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Whoever asks while the Hub is away is told when to come again; no login is lost, and no open log breaks."""
    remembers = f"c.JupyterHubAuthorizer.cache_seconds = {size.remembers}"
    with behind_hub(rig, remembers) as two, browser() as alice, browser() as carol:
        log_in(alice, f"{two.url}login", "alice")
        log_in(carol, f"{two.url}login", "carol")
        return asyncio.run(_Trial(rig, size, two).run(alice, carol))


@dataclass
class _Trial:
    rig: Rig
    size: Size
    two: BehindHub
    address: str = ""
    statuses: list[int] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """Answers that nobody should get."""

    async def run(self, *browsers: httpx.Client) -> list[Figure]:
        self.address = await asyncio.to_thread(address_of, self.rig, self.size.rows)
        async with AsyncExitStack() as stack:
            people = [await stack.enter_async_context(self._client(each)) for each in browsers]
            build = (await people[0].post("builds", json={"repo": self.address})).raise_for_status().json()
            token = await asyncio.to_thread(self.two.hub.token, "alice")
            followers = [Follower(f"{self.two.direct}api/v1/", build["id"], token) for _ in range(FOLLOWERS)]
            following = [asyncio.create_task(each.follow(300)) for each in followers]
            await self._until_all_read(followers)
            await asyncio.to_thread(self.two.hub.stop)
            await self._ask_while_it_is_away(people)
            asked = len(self.statuses)
            await asyncio.to_thread(self.two.hub.start)
            back = [await self._served_again(each) for each in people]
            return [*self._of_the_answers(asked, back), *self._of_the_logs(await asyncio.gather(*following))]

    def _client(self, opened: httpx.Client) -> httpx.AsyncClient:
        headers = dict(self.two.as_page(opened))
        return httpx.AsyncClient(base_url=f"{self.two.direct}api/v1/", headers=headers, timeout=30, trust_env=False)

    async def _until_all_read(self, followers: Sequence[Follower]) -> None:
        """Wait until every log is open: who is not known when the Hub stops is let in when it is back."""
        async with asyncio.timeout(60):
            for each in followers:
                while not each.numbered:  # noqa: ASYNC110  # followers tell nobody of a line
                    await asyncio.sleep(POLL)

    async def _ask_while_it_is_away(self, people: Sequence[httpx.AsyncClient]) -> None:
        end = time.monotonic() + self.size.away
        while time.monotonic() < end:
            for each in people:
                await self._ask(each)
            await asyncio.sleep(POLL)

    async def _ask(self, person: httpx.AsyncClient) -> bool:
        """Read something and build something; tell whether both went well."""
        answers = [await person.get("me"), await person.post("builds", json={"repo": self.address})]
        for answer in answers:
            self.statuses.append(answer.status_code)
            if not (answer.is_success or _says_when(answer)):
                self.strange.append(f"{answer.request.method}: {answer.status_code} {answer.text[:200]}")
        return all(answer.is_success for answer in answers)

    async def _served_again(self, person: httpx.AsyncClient) -> float:
        """Give the seconds until somebody can read and build again; endless when that would take a login."""
        begun = time.monotonic()
        while time.monotonic() < begun + 2 * SETTLES:
            if await self._ask(person):
                return time.monotonic() - begun
            await asyncio.sleep(POLL)
        return float("inf")

    def _of_the_answers(self, asked: int, back: Sequence[float]) -> list[Figure]:
        for strange in self.strange:
            print(f"Nobody should be answered: {strange}", flush=True)
        meanwhile = self.statuses[:asked]
        return [
            known("seconds for which the Hub is stopped", self.size.away),
            known("questions meanwhile", asked),
            known("answered by what the Hub had said before", sum(status < 400 for status in meanwhile)),
            known("told that the Hub is away, and when to come again", meanwhile.count(503)),
            exactly("answered otherwise", len(self.strange), 0),
            exactly("logins that were lost", back.count(float("inf")), 0),
            below("longest time from the Hub's return to an answer", max(back), SETTLES, "s"),
        ]

    def _of_the_logs(self, followed: Sequence[Follower]) -> list[Figure]:
        whole = [tally(each.lines, self.size.rows.rows).perfect for each in followed]
        return [
            exactly("logs that were open all the time and are whole", sum(whole), FOLLOWERS),
            exactly("times that one of them broke", sum(len(each.breaks) for each in followed), 0),
        ]


def _says_when(answer: httpx.Response) -> bool:
    """Whether an answer says that the Hub is away and when to come again."""
    away = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return away and "Retry-After" in answer.headers and answer.json().get("part") == "hub"
