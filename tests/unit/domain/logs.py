"""A log that a test writes, and that many may read."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace

from tests.unit.domain.people import build_of, plan_of

from repo2docker_service.domain.models import Build, BuildState, LogChunk, Progress
from repo2docker_service.domain.streams.following import Follower, Item, line_of

KEY = ("a build", "follow")
SOON = 5.0


@dataclass
class WrittenLog:
    """Can be read from any line on; it is given in the pieces in which it was written."""

    items: list[Item] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    """The cursors from which it was read."""
    closed: int = 0
    given: int = 0
    """Items that were given to whoever reads."""
    ended: bool = False
    error: Exception | None = None
    build: Build = field(default_factory=lambda: build_of(plan_of()))
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, *lines: str) -> LogChunk:
        """Add a chunk."""
        first = len(self.lines) + 1
        chunk = LogChunk(first, lines, str(first + len(lines) - 1))
        self._add(chunk)
        return chunk

    def write_numbers(self, count: int) -> LogChunk:
        """Add a chunk of so many lines that tell their number."""
        return self.write(*(f"line {number}" for number in range(len(self.lines) + 1, len(self.lines) + count + 1)))

    def change(self, step: int) -> Build:
        """Tell another state of the build."""
        self.build = replace(self.build, progress=Progress(step, 100))
        self._add(self.build)
        return self.build

    def end(self) -> Build:
        """Tell that the build has ended, and give no more."""
        self.build = replace(self.build, state=BuildState.SUCCEEDED)
        self._add(self.build)
        self.ended = True
        return self.build

    def stop(self) -> None:
        """Give no more."""
        self.ended = True
        self._more.set()

    def fail(self, error: Exception) -> None:
        """Give no more, because of this."""
        self.error = error
        self._more.set()

    def _add(self, item: Item) -> None:
        self.items.append(item)
        self._more.set()

    @property
    def lines(self) -> Sequence[str]:
        """All lines so far."""
        return [line for item in self.items if isinstance(item, LogChunk) for line in item.lines]

    async def read(self, cursor: str) -> AsyncGenerator[Item, None]:
        """Give what comes after a line; of builds, all that were told."""
        self.opened.append(cursor)
        line, place = line_of(cursor), 0
        try:
            while True:
                while place < len(self.items):
                    item = self.items[place]
                    place += 1
                    if isinstance(item, LogChunk):
                        if item.last <= line:
                            continue
                        item = item if item.first > line else item.after(line)
                    self.given += 1
                    yield item
                if self.error is not None:
                    raise self.error
                if self.ended:
                    return
                self._more.clear()
                await self._more.wait()
        finally:
            self.closed += 1


def budget_of(lines: int) -> int:
    """Give the bytes that so many lines of the kind "line 7" are counted with."""
    return lines * (64 + 2 * len("line 7"))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0)


async def take(follower: Follower, count: int) -> list[Item]:
    async with asyncio.timeout(SOON):
        return [await anext(follower) for _ in range(count)]


async def lines_of(follower: Follower, count: int = 10**9) -> list[str]:
    """Give so many lines, or all to the end, and see that they are numbered right."""
    lines: list[str] = []
    async with asyncio.timeout(SOON):
        while len(lines) < count and (item := await anext(follower, None)) is not None:
            if isinstance(item, LogChunk):
                assert not lines or item.first == int(lines[-1].removeprefix("line ")) + 1
                assert item.cursor == str(item.last)
                lines += item.lines
    return lines


def numbers(first: int, last: int) -> list[str]:
    return [f"line {number}" for number in range(first, last + 1)]
