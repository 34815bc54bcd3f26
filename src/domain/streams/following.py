"""One reading of a log for all who follow it in this process.

However many people watch a build, it is read from its builder once: a :class:`Feed` pulls items, keeps the latest ones,
and each :class:`Follower` has a place in them. Who comes late begins with what is kept, or reads from the builder up to
there by a feed of its own. Who is slow falls behind, and goes on by another feed. So memory is bounded by the budget,
not by the number or the speed of readers, and nobody waits for anybody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.domain.models import Build, LogChunk
from repo2docker_service.domain.streams.closing import close

Item = LogChunk | Build
Open = Callable[[str], AsyncIterator[Item]]
"""Begins to read after a cursor."""

_BUDGET: Final = 24 * 1024 * 1024
"""Bytes, about, that all feeds of a process keep together; the newest item of each is kept in any case."""
_LINE_COSTS: Final = 64
"""Bytes for a line beyond its characters, which are held twice: as text, and as what is sent."""
_PLAIN: Final = 2
_OTHER: Final = 10
"""Bytes for a character: most others take up to four as text, and six where they are escaped to be sent."""


@dataclass(eq=False)
class Feed:
    """Pulls items from a builder for as long as somebody follows, as fast as the fastest follower takes them."""

    feeds: Feeds
    key: Hashable
    line: int
    """The line after which all lines up to the newest one are kept."""
    last: int
    """The newest line."""
    items: deque[Item] = field(default_factory=deque)
    dropped: int = 0
    """How many items were kept and are not any more."""
    newest_build: int = -1
    """The number of the last item that is a build; -1 before there was one."""
    build: Build | None = None
    cost: int = 0
    followers: int = 0
    ended: bool = False
    error: Exception | None = None
    _task: asyncio.Task[None] | None = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, source: AsyncIterator[Item]) -> None:
        """Pull from this source."""
        self._task = asyncio.create_task(self._pull(source))

    async def _pull(self, source: AsyncIterator[Item]) -> None:
        try:
            async for item in source:
                self._keep(item)
                self._ring()
                self._wanted.clear()
                await self._wanted.wait()
        except Exception as error:  # noqa: BLE001 - it is the followers', who raise it
            self.error = error
        finally:
            self.ended = True
            self._ring()
            await close(source)

    def _ring(self) -> None:
        self._more.set()
        self._more.clear()

    def _keep(self, item: Item) -> None:
        self.items.append(item)
        self.cost += (added := _cost(item))
        if isinstance(item, Build):
            self.build, self.newest_build = item, self.dropped + len(self.items) - 1
        else:
            self.last = item.last
        self.feeds.kept(added)

    def keeps(self, line: int) -> bool:
        """Whether somebody who has this line can go on here."""
        return self.line <= line <= self.last and self.error is None and not self._is_old

    @property
    def _is_old(self) -> bool:
        """Whether more may have been written since it ended."""
        return self.ended and not (self.build is not None and self.build.state.ended)

    def drop_oldest(self) -> int:
        """Keep one item less, and give what it cost."""
        item = self.items.popleft()
        self.dropped += 1
        if isinstance(item, LogChunk):
            self.line = item.last
        self.cost -= (freed := _cost(item))
        return freed

    async def more(self) -> None:
        """Wait until there is another item, or the end."""
        self._wanted.set()
        await self._more.wait()

    def leave(self) -> None:
        """Count one follower less; without any, stop pulling."""
        self.followers -= 1
        if not self.followers:
            self.feeds.remove(self)
            if self._task is not None:
                self._task.cancel()

    def place_after(self, line: int) -> int:
        """Give the number of the first item that is new to somebody who has this line."""
        place = self.dropped + len(self.items)
        for item in reversed(self.items):
            if isinstance(item, LogChunk) and item.last <= line:
                break
            place -= 1
        return place


class Follower:
    """Goes through the items of a build, from a line on. A cancelled wait loses nothing; close it in the end."""

    def __init__(self, feeds: Feeds, key: Hashable, cursor: str, open_: Open) -> None:
        self._feeds = feeds
        self._key = key
        self._cursor = cursor
        self._line = line_of(cursor)
        self._open = open_
        self._feed: Feed | None = None
        self._place = 0
        self._builds_from = 0

    def __aiter__(self) -> Follower:
        return self

    async def __anext__(self) -> Item:
        """Give the next item."""
        while True:
            feed = self._feed
            if feed is None or self._place < feed.dropped:
                feed = self._join()
                if feed.build is not None:
                    return feed.build
            if self._place < feed.dropped + len(feed.items):
                item = self._unseen(feed.items[self._place - feed.dropped])
                if item is not None:
                    return item
            elif feed.ended:
                if feed.error is not None:
                    raise feed.error
                raise StopAsyncIteration
            elif self._feeds.is_ahead(feed, self._line):
                self._leave()
            else:
                await feed.more()

    def _join(self) -> Feed:
        self._leave()
        feed = self._feed = self._feeds.join(self._key, self._line, self._cursor, self._open)
        feed.followers += 1
        self._place = feed.place_after(self._line)
        # The newest build is told at once; those before it, among the lines, would be old news.
        self._builds_from = feed.newest_build + 1
        return feed

    def _unseen(self, item: Item) -> Item | None:
        self._place += 1
        if isinstance(item, Build):
            return item if self._place > self._builds_from else None
        if item.first <= self._line:
            item = item.after(self._line)
        self._line, self._cursor = item.last, item.cursor
        return item

    def _leave(self) -> None:
        if self._feed is not None:
            self._feed.leave()
            self._feed = None

    async def aclose(self) -> None:
        """Follow no longer."""
        self._leave()


class Feeds:
    """All feeds of a process."""

    def __init__(self, budget: int = _BUDGET) -> None:
        self._budget = budget
        self._cost = 0
        self._feeds: dict[Hashable, list[Feed]] = {}

    def follow(self, key: Hashable, cursor: str, open_: Open) -> Follower:
        """Give a follower of what this key stands for, after a cursor; nothing is read before its first item."""
        return Follower(self, key, cursor, open_)

    def join(self, key: Hashable, line: int, cursor: str, open_: Open) -> Feed:
        """Give the feed that is furthest ahead among those which keep all after this line, or begin one."""
        fitting = [feed for feed in self._feeds.get(key, ()) if feed.keeps(line)]
        if fitting:
            return max(fitting, key=lambda feed: feed.line)
        feed = Feed(self, key, line, line)
        feed.begin(open_(cursor))
        self._feeds.setdefault(key, []).append(feed)
        return feed

    def is_ahead(self, feed: Feed, line: int) -> bool:
        """Whether another feed has passed this line before and still keeps what follows."""
        return any(other.line > feed.line and other.keeps(line) for other in self._feeds[feed.key])

    def kept(self, cost: int) -> None:
        """Count what a feed keeps, and have the largest ones drop what is too much."""
        self._cost += cost
        while self._cost > self._budget:
            several = [feed for feeds in self._feeds.values() for feed in feeds if len(feed.items) > 1]
            if not several:
                return
            self._cost -= max(several, key=lambda feed: feed.cost).drop_oldest()

    def remove(self, feed: Feed) -> None:
        """Forget a feed that nobody follows."""
        feeds = self._feeds[feed.key]
        feeds.remove(feed)
        self._cost -= feed.cost
        if not feeds:
            del self._feeds[feed.key]

    def __len__(self) -> int:
        return sum(map(len, self._feeds.values()))


def line_of(cursor: str) -> int:
    """Give the number of the line that a cursor stands after: what every cursor begins with."""
    digits = cursor[: len(cursor) - len(cursor.lstrip("0123456789"))]
    return int(digits or 0)


def _cost(item: Item) -> int:
    if isinstance(item, Build):
        return 0
    return sum(map(_line_cost, item.lines))


def _line_cost(line: str) -> int:
    return _LINE_COSTS + len(line) * (_PLAIN if line.isascii() and line.isprintable() else _OTHER)
