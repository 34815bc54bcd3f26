"""What the suite for image builders does again and again."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Protocol

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuildFinished, BuildNotFound
from repo2docker_service.domain.models import Build, BuildPlan, Destination, LogChunk
from repo2docker_service.domain.ports import ImageBuilder

_NUMBERED: Final = re.compile(r"\bline (\d+) of \d+\b")


class Outcome(StrEnum):
    """What a build that the suite asks for is to do in the end."""

    SUCCEEDS = "succeeds"
    FAILS = "fails"
    RUNS_LONG = "runs-long"
    """Writes its lines, and then runs on for minutes unless it is cancelled."""


class PlanFactory(Protocol):
    """Makes a plan with a new id for an image of its own, and says where the image shall go."""

    def __call__(self, outcome: Outcome, lines: int = 5) -> tuple[BuildPlan, Destination]:
        """Plan a build that writes ``line 1 of N`` to ``line N of N``, perhaps with other lines around.

        Each of these stands in a line of its own, perhaps with something before and after it.
        """
        ...


def numbers(lines: Iterable[str]) -> list[int]:
    """Give the N of every ``line N of M``."""
    return [int(match[1]) for line in lines if (match := _NUMBERED.search(line))]


def again(plan: BuildPlan) -> BuildPlan:
    """Plan another build of the same image."""
    return replace(plan, id=secrets.token_hex(16))


@dataclass
class Driver:
    """Starts builds, waits for them within the time allowed, and cancels at the end what still runs."""

    builder: ImageBuilder
    plan: PlanFactory
    settle: float
    concurrency: int
    started: list[str] = field(default_factory=list)

    async def start(self, outcome: Outcome, lines: int = 5) -> Build:
        """Start a build of a new image."""
        return await self.start_plan(*self.plan(outcome, lines))

    async def start_plan(
        self, plan: BuildPlan, destination: Destination, credentials: Credentials | None = None
    ) -> Build:
        """Start this one, or join."""
        self.started.append(plan.id)
        return await self.builder.start(plan, destination, credentials=credentials)

    async def run(self, outcome: Outcome, lines: int = 5) -> Build:
        """Start a build of a new image and wait for its end."""
        return await self.ended((await self.start(outcome, lines)).id)

    async def running(self, lines: int = 5) -> Build:
        """Start a build that runs long, and wait until it has written its lines."""
        build = await self.start(Outcome.RUNS_LONG, lines)
        await self.written(build.id, lines)
        return await self.builder.get(build.id)

    async def crowd(self) -> list[Build]:
        """Start as many builds as run at once, so that the next one has to wait."""
        return [await self.running() for _ in range(self.concurrency)]

    async def written(self, build_id: str, line: int) -> None:
        """Wait until a build has written this numbered line."""
        async with asyncio.timeout(self.settle):
            async for chunk in self.builder.read_log(build_id, follow=True):
                if line in numbers(chunk.lines):
                    return
        raise AssertionError(f"the log ended before line {line}")

    async def ended(self, build_id: str) -> Build:
        """Wait for the end of a build."""
        await self.followed(build_id)
        return await self.builder.get(build_id)

    async def followed(self, build_id: str, after: str = "") -> list[LogChunk]:
        """Follow a log to its end."""
        async with asyncio.timeout(self.settle):
            return [chunk async for chunk in self.builder.read_log(build_id, after, follow=True)]

    async def log(self, build_id: str, after: str = "") -> list[LogChunk]:
        """Read a log as far as it is written."""
        async with asyncio.timeout(self.settle):
            return [chunk async for chunk in self.builder.read_log(build_id, after)]

    async def clean_up(self) -> None:
        """Cancel what still runs."""
        for build_id in reversed(self.started):
            with suppress(BuildNotFound, BuildFinished):
                await self.builder.cancel(build_id)


def lines_of(chunks: Iterable[LogChunk]) -> list[str]:
    """Join the lines of chunks, which must follow each other without gap or repeat."""
    lines: list[str] = []
    previous: LogChunk | None = None
    for chunk in chunks:
        last = chunk.first + len(chunk.lines) - 1
        assert previous is None or chunk.first == previous.first + len(previous.lines)
        assert chunk.lines, "a chunk holds at least one line"
        assert re.match(rf"{last}(?![0-9])", chunk.cursor), "a cursor begins with the number of the last line"
        lines.extend(chunk.lines)
        previous = chunk
    return lines


async def next_where(items: AsyncIterator[Build], build_id: str, *, ended: bool) -> Build:
    """Wait for news of a build."""
    async for build in items:
        if build.id == build_id and build.state.ended is ended:
            return build
    raise AssertionError("watching ended by itself")
