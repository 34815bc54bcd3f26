"""Hundreds of readers of event streams, in a process of their own so that they are not what slows a trial.

The process is told what to do in one line of JSON; it answers with a line when all are connected, and with one more
when all have ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

from .readers import Reader, Tally, sip

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
AT_ONCE = 50
"""Connections that are opened at the same time."""


@dataclass(frozen=True)
class Group:
    """Readers that ask for the same."""

    count: int
    path: str
    token: str
    after: str = ""
    slow: bool = False

    @property
    def request(self) -> bytes:
        """What each of them sends."""
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: {HOST}",
            f"Authorization: Bearer {self.token}",
            "Accept: text/event-stream",
            *([f"Last-Event-ID: {self.after}"] if self.after else []),
        ]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


@dataclass(frozen=True)
class Seen:
    """What a group was sent."""

    readers: Sequence[Tally]
    lags: Counter[int]

    def whole(self, lines: int) -> int:
        """Count those who got every line, in order and undamaged, and then the end."""
        return sum((each.lines, each.wrong, each.last_event) == (lines, 0, "end") for each in self.readers)

    @property
    def lines(self) -> int:
        """Count all lines that came to all of them."""
        return sum(each.lines for each in self.readers)

    def lag(self, share: float) -> float:
        """Give the seconds within which this share of the lines came; endless when none came."""
        left = share * self.lags.total()
        for milliseconds, lines in sorted(self.lags.items()):
            left -= lines
            if left <= 0:
                return milliseconds / 1000
        return float("inf")


class Crowd:
    """The process, from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._connected: dict[str, Any] | None = None

    def wait_until_connected(self) -> None:
        """Wait until every reader has the head of its answer."""
        self._connected = self._answer()

    def result(self) -> list[Seen]:
        """Wait for the end, and give what each group was sent."""
        if self._connected is None:
            self.wait_until_connected()
        groups = self._answer()["groups"]
        return [
            Seen([Tally(**each) for each in group["readers"]], Counter({int(k): v for k, v in group["lags"].items()}))
            for group in groups
        ]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The readers ended without an answer.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def crowd(port: int, groups: Sequence[Group], within: float) -> Iterator[Crowd]:
    """Let readers connect to a port of this machine; they stay for so many seconds at most."""
    order = {"port": port, "within": within, "groups": [asdict(group) for group in groups]}
    command = [sys.executable, "-m", "tools.reliability.crowd", json.dumps(order)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    guard = threading.Timer(within + 30, process.kill)
    guard.start()
    try:
        yield Crowd(process)
    finally:
        guard.cancel()
        process.kill()
        process.communicate()


async def _read(order: dict[str, Any]) -> None:
    groups = [Group(**group) for group in order["groups"]]
    lags: list[Counter[int]] = [Counter() for _ in groups]
    over, gate = asyncio.Event(), asyncio.Semaphore(AT_ONCE)
    deadline = asyncio.get_running_loop().time() + order["within"]
    sipping = [
        [asyncio.create_task(sip(HOST, order["port"], group.request, over)) for _ in range(group.count * group.slow)]
        for group in groups
    ]
    readers = [
        await asyncio.gather(*(_connect(order["port"], group, counted, gate) for _ in range(group.count)))
        for group, counted in zip(groups, lags, strict=True)
        if not group.slow
    ]
    everyone = [reader for group in readers for reader in group]
    await _until(deadline, *(reader.head.wait() for reader in everyone))
    _tell({"connected": len(everyone)})
    await _until(deadline, *(reader.done.wait() for reader in everyone))
    over.set()
    fast = iter([reader.tally for reader in group] for group in readers)
    tallies = [
        await asyncio.gather(*slow) if group.slow else next(fast) for group, slow in zip(groups, sipping, strict=True)
    ]
    _tell({"groups": [{"readers": [*map(asdict, t)], "lags": c} for t, c in zip(tallies, lags, strict=True)]})


async def _connect(port: int, group: Group, lags: Counter[int], gate: asyncio.Semaphore) -> Reader:
    first = group.after.partition(".")[0]
    reader = Reader(group.request, lags, reached=int(first or 0))
    async with gate:
        await asyncio.get_running_loop().create_connection(lambda: reader, HOST, port)
    return reader


async def _until(deadline: float, *waiting: Coroutine[Any, Any, Any]) -> None:
    left = max(0, deadline - asyncio.get_running_loop().time())
    await asyncio.wait([asyncio.create_task(each) for each in waiting], timeout=left)


def _tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with suppress(PermissionError):
        os.nice(-10)  # what a reader is late itself would count as the service's lag
    uvloop.run(_read(json.loads(sys.argv[1])))
