"""Whether the service keeps something of each request or stream: memory, open files, tasks (R13)."""

from __future__ import annotations

import http.client
import json
import random
import socket
import statistics
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .figures import Figure, below, exactly, known
from .gauges import descriptors, resident
from .loud_builder import FAILED
from .loud_program import Order
from .probe import read_probe
from .rig import Rig
from .stage import Stage, stage

AT_ONCE = 4
BLOCKS = 20
"""How often memory is looked at while requests, or streams, are served."""
MOST_SLOPE = 1.0
"""KiB for each request."""
SETTLES_WITHIN = 20.0
"""Seconds that what is over may take to be cleared away."""
IDLE = AT_ONCE
"""Connections to the engine that are kept for the next request."""
ENOUGH = 500
"""Streams from which on the memory of each can be told from what the process takes now and then anyway."""
NOBODY = "0" * 32


@dataclass(frozen=True)
class Size:
    """How much is asked for."""

    requests: int
    streams: int
    warm_up: int


FULL = Size(requests=10_000, streams=1000, warm_up=2000)
SHORT = Size(requests=1500, streams=100, warm_up=600)


@dataclass(frozen=True)
class Ask:
    """A request, and the status that it is answered with."""

    status: int
    method: str
    path: str
    body: object = None
    authorized: bool = True


def run(rig: Rig, size: Size) -> list[Figure]:
    """Promise that nothing is kept of a request or stream that is over."""
    with stage(rig) as here:
        ended = here.start(Order(200, 0, 100, 0, FAILED))
        here.ended(ended["id"])
        endless = here.start(Order(100_000, 1, 100, 0, FAILED))
        asks, builds = mix(ended["id"], rig.seed), [ended["id"], endless["id"]]
        serve(here, asks, size.warm_up)
        leave(here, builds, max(size.streams // 2, 50))
        before = settled(here)
        right, by_requests = growth(here, lambda count: serve(here, asks, count), size.requests)
        begun, by_streams = growth(here, lambda count: leave(here, builds, count), size.streams)
        after = settled(here, before[0] + IDLE, before[1])
        with here.replica.client() as client:
            client.post(f"builds/{endless['id']}/cancel").raise_for_status()
        what = f"{size.requests} requests and {size.streams} streams"
        return [
            exactly(f"{what}: requests that were answered as expected", right, size.requests),
            exactly(f"{what}: streams that began", begun, size.streams),
            *slopes(what, size, by_requests, by_streams),
            known(f"{what}: open files before", before[0]),
            below(f"{what}: open files afterwards", after[0], before[0] + IDLE + 1),
            known(f"{what}: tasks before", before[1]),
            below(f"{what}: tasks afterwards", after[1], before[1] + 1),
            *here.figures("leaks"),
        ]


def slopes(what: str, size: Size, by_requests: float, by_streams: float) -> list[Figure]:
    """Compare what each request and each stream added to memory with what is promised; few streams tell little."""
    both = (by_requests * size.requests + by_streams * size.streams) / (size.requests + size.streams)
    name = f"{what}: slope of memory, for each stream"
    return [
        below(f"{what}: slope of memory, for each of both", round(both, 3), MOST_SLOPE, "KiB"),
        below(f"{what}: slope of memory, for each request", round(by_requests, 3), MOST_SLOPE, "KiB"),
        below(name, round(by_streams, 3), MOST_SLOPE, "KiB")
        if size.streams >= ENOUGH
        else known(name, round(by_streams, 3), "KiB"),
    ]


def mix(build: str, seed: int) -> list[Ask]:
    """Give requests of many kinds, in an order that the seed decides."""
    refused = {"repo": "http://127.0.0.1:1/no.git", "ref": "x" * 300}
    kinds = [
        Ask(200, "GET", "builds?limit=5"),
        Ask(200, "GET", f"builds/{build}"),
        Ask(200, "GET", f"builds/{build}/log"),
        Ask(200, "GET", f"builds/{build}/log?download"),
        Ask(200, "GET", "images"),
        Ask(200, "GET", "me"),
        Ask(200, "GET", "info"),
        Ask(404, "GET", f"builds/{NOBODY}"),
        Ask(401, "GET", "builds", authorized=False),
        Ask(422, "POST", "builds", refused),
        Ask(422, "POST", "builds", {"repo": "not an address"}),
        Ask(401, "POST", "builds", refused, authorized=False),
        Ask(409, "POST", f"builds/{build}/cancel", {}),
        Ask(404, "DELETE", f"builds/{NOBODY}"),
    ]
    chance = random.Random(seed)  # noqa: S311 - the same mix each time
    return chance.choices(kinds, k=1000)


def growth(here: Stage, work: Callable[[int], int], count: int) -> tuple[int, float]:
    """Let work be done in blocks; give the sum of what it gave, and the KiB of memory that each unit added."""
    block = count // BLOCKS
    done, held, total = [0], [resident(here.replica.pid) * 1024], 0
    for number in range(1, BLOCKS + 1):
        total += work(block)
        done.append(number * block)
        held.append(resident(here.replica.pid) * 1024)
    return total, statistics.linear_regression(done, held).slope


def serve(here: Stage, asks: list[Ask], count: int) -> int:
    """Send so many requests over a few connections; count the answers that are as expected."""
    shares = [[asks[number % len(asks)] for number in range(start, count, AT_ONCE)] for start in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(lambda share: _serve(here, share), shares))


def _serve(here: Stage, asks: list[Ask]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", here.replica.port, timeout=60)
    right = 0
    for ask in asks:
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {here.replica.token}"} if ask.authorized else {}
        body = None if ask.body is None else json.dumps(ask.body)
        connection.request(ask.method, f"/api/v1/{ask.path}", body, headers)
        with connection.getresponse() as answer:
            answer.read()
            right += answer.status == ask.status
    connection.close()
    return right


def leave(here: Stage, builds: list[str], count: int) -> int:
    """Begin to follow so many times, and leave in the middle; count the streams that began."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(lambda number: _leave(here, builds[number % len(builds)], number), range(count)))


def _leave(here: Stage, build: str, number: int) -> bool:
    request = here.followers({"id": build}, 1).request
    with socket.create_connection(("127.0.0.1", here.replica.port), timeout=60) as connection:
        connection.sendall(request)
        seen = b""
        while b"event: log" not in seen and (piece := connection.recv(1 << 16)):
            seen += piece
        if number % 3 == 0:  # every third breaks the connection off instead of closing it
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return b"event: log" in seen


def settled(here: Stage, files: int = 0, tasks: int = 0) -> tuple[int, int]:
    """Wait for at most a while until open files and tasks are as few as said; give the fewest of both."""
    deadline = time.monotonic() + (SETTLES_WITHIN if files else 5)
    fewest = descriptors(here.replica.pid), read_probe(here.replica).tasks[-1]
    while time.monotonic() < deadline and not (fewest[0] <= files and fewest[1] <= tasks):
        time.sleep(0.5)
        now = descriptors(here.replica.pid), read_probe(here.replica).tasks[-1]
        fewest = min(fewest[0], now[0]), min(fewest[1], now[1])
    return fewest
