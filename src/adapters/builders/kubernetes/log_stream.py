"""Reads what one container of a pod has printed.

The cluster gives a log from its start, or so many lines of its end, and knows no other place in it. Its times are whole
seconds, and not in order where a container has two streams. So lines are counted, and those known are passed over.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from repo2docker_service.adapters.builders.kubernetes.connection import Refused
from repo2docker_service.adapters.builders.kubernetes.store import JobStore

LONGEST_LINE: Final = 2**20
"""Bytes that are one line at most, wherever its end is."""
_AT_ONCE: Final = 500
"""Lines that are given at once."""
_GATHER: Final = 0.05
"""Seconds between two reads of a log that is followed: what comes meanwhile is one chunk for all who follow."""
_SILENCE: Final = 120.0
"""Seconds without a word of a log after which it is asked for anew."""
_EXCUSE: Final = b"unable to retrieve container logs for "
_WHOLE_EXCUSE: Final = re.compile(re.escape(_EXCUSE) + rb"\S{1,200}\s?")
"""What a node answers, as if it were the log and all was well, while it has none or does not reach its engine."""


class NotNow(Exception):
    """The cluster has no log of this container, or not at the moment."""


@dataclass(slots=True)
class LineCutter:
    """Puts bytes that come in any pieces together to lines."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> list[str]:
        """Take more bytes and give the lines that they complete."""
        *lines, rest = (self._rest + data).split(b"\n")
        found = [piece for line in lines for piece in _cut(line)]
        *long, self._rest = _cut(rest)
        return [_text(line) for line in (*found, *long)]

    def end(self) -> list[str]:
        """Give what there is of a last line that has no end."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _cut(line: bytes) -> list[bytes]:
    return [line[start : start + LONGEST_LINE] for start in range(0, len(line) or 1, LONGEST_LINE)]


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


@dataclass(slots=True)
class LogStream:
    """One container's log, and how many lines of it have been given."""

    store: JobStore
    pod: str
    container: str
    given: int = 0
    _cutter: LineCutter = field(default_factory=LineCutter)

    async def read(self, *, follow: bool, ended: bool) -> AsyncGenerator[list[str], None]:
        """Give the lines that follow; the cluster may end a stream early, and reading again goes on.

        Args:
            follow: wait for more.
            ended: the container has ended, so a last line without an end is one, too.

        Raises:
            NotNow: there is nothing to be read at the moment.
            aiohttp.ClientError: the connection broke; one that only follows then ends.
            Refused: the cluster refuses otherwise.
        """
        self._cutter = LineCutter()
        seen = 0
        async with aclosing(self._pieces(follow=follow)) as pieces:
            async for data in pieces:
                lines = self._cutter.feed(data)
                new = lines[max(self.given - seen, 0) :]
                seen += len(lines)
                for start in range(0, len(new), _AT_ONCE):
                    batch = new[start : start + _AT_ONCE]
                    self.given += len(batch)
                    yield batch
                if follow:
                    await asyncio.sleep(_GATHER)
        if ended and seen >= self.given and (last := self._cutter.end()):
            self.given += 1
            yield last

    async def _pieces(self, *, follow: bool) -> AsyncGenerator[bytes, None]:
        query = {"container": self.container, **({"follow": "true"} if follow else {})}
        path = self.store.things("pods", f"{self.pod}/log")
        try:
            async with self.store.cluster.stream(path, query, _SILENCE) as response:
                try:
                    async for data in _without_excuse(response.content.iter_any()):
                        yield data
                except (aiohttp.ClientPayloadError, aiohttp.ServerTimeoutError):
                    # The API server stopped, or a connection was dropped without a word. Whoever follows finds out what
                    # became of the container; whoever reads to the end must not take this for the end.
                    if not follow:
                        raise
        except Refused as refused:
            if refused.passing:
                raise
            # 400: it has not begun; 404: its pod is gone.
            raise NotNow from refused


async def _without_excuse(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Give what is a log.

    Raises:
        NotNow: it is none.
    """
    held, undecided = b"", True
    async for data in pieces:
        held += data
        undecided = undecided and (_EXCUSE.startswith(held) or bool(_WHOLE_EXCUSE.fullmatch(held)))
        if not undecided:
            yield held
            held = b""
    if held and _WHOLE_EXCUSE.fullmatch(held):
        raise NotNow
    if held:
        yield held
