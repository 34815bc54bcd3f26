"""A very long log: downloaded whole, and gone on with near its end by a process that never saw it (R7)."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.parts.docker_api import DockerApi
from tools.parts.packages import require

from .crowd import crowd
from .engine_facts import containers
from .figures import Figure, at_least, below, exactly, known
from .loud_builder import FAILED
from .loud_lines import is_line
from .loud_program import Order
from .probe import probed
from .rig import Rig
from .stage import Stage, stage

WIDTH = 200
PIECE = 1 << 20
LEAST_SMALLER = 2.0
"""A log that is sent compressed is smaller by this factor at least."""
RESUMES_WITHIN = 2.0
NEAR_THE_END = 0.99
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Size:
    """How long the log is, and how often it is read."""

    lines: int
    rounds: int = 3
    least_speed: float = 0.8
    """Of that of `docker logs`; less is asked of a log so short that what each request costs counts."""


FULL = Size(1_000_000)
SHORT = Size(60_000, rounds=5, least_speed=0.5)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Promise long logs at nearly the speed of `docker logs`, in bounded memory, and a quick way to their end."""
    require("docker")
    with stage(rig) as here:
        here.warm_up()
        build = here.start(Order(size.lines, 0, WIDTH, 0, FAILED))
        here.ended(build["id"])
        what = f"log of {size.lines} lines, {size.lines * WIDTH // 10**6} MB"
        figures = [
            *downloads(here, build, size, what),
            *compressed(here, build, what),
            *resumed(here, build, size, what),
        ]
        return [*figures, *here.figures("long logs")]


def downloads(here: Stage, build: dict[str, Any], size: Size, what: str) -> list[Figure]:
    """Read the log with `docker logs` and from the service, by turns, and compare."""
    theirs, ours = [], []
    with here.watching() as watched:
        for _ in range(size.rounds):
            theirs.append(timed(lambda: docker_logs(here, build, by_engine(here))))
            ours.append(timed(lambda: save(here, build, plain(here))))
    lines = plain(here).read_text().splitlines()
    speed = statistics.median(engine / service for engine, service in zip(theirs, ours, strict=True))
    return [
        exactly(f"{what}: lines downloaded", len(lines), size.lines),
        exactly(f"{what}: wrong lines", sum(not is_line(text, n) for n, text in enumerate(lines, 1)), 0),
        exactly(f"{what}: differs from docker logs", digest(by_engine(here)) != digest(plain(here)), 0),
        known(f"{what}: docker logs", round(statistics.median(theirs), 2), "s"),
        known(f"{what}: download", round(statistics.median(ours), 2), "s"),
        at_least(f"{what}: speed of the download by that of docker logs", round(speed, 2), size.least_speed),
        *watched.figures(f"{what}: download"),
    ]


def compressed(here: Stage, build: dict[str, Any], what: str) -> list[Figure]:
    """Download the log as browsers do, which take it compressed."""
    with here.watching() as watched:
        seconds = timed(lambda: save(here, build, packed(here), {"Accept-Encoding": "gzip"}))
    content = packed(here).read_bytes()
    smaller = plain(here).stat().st_size / len(content)
    unpacked = gzip.decompress(content) if content.startswith(GZIP) else content
    return [
        exactly(f"{what}: compressed download differs", hashlib.sha256(unpacked).digest() != digest(plain(here)), 0),
        known(f"{what}: compressed download", round(seconds, 2), "s"),
        at_least(f"{what}: compressed download smaller by", round(smaller, 1), LEAST_SMALLER, "times"),
        *watched.figures(f"{what}: compressed download"),
    ]


def resumed(here: Stage, build: dict[str, Any], size: Size, what: str) -> list[Figure]:
    """Go on near the end at a replica that has only just been started."""
    place = place_near_the_end(here, build, size)
    another = probed(here.replica.folder / "another", here.settings)
    another.token = here.replica.token
    another.start()
    try:
        with crowd(another.port, [here.followers(build, 1, after=place)], 120) as readers:
            reader = readers.result()[0].readers[0]
    finally:
        another.stop()
    left = size.lines - int(place.partition(".")[0])
    return [
        exactly(f"{what}: lines after a place near its end", reader.lines, left),
        exactly(f"{what}: wrong lines after a place near its end", reader.wrong, 0),
        below(f"{what}: first line at a fresh replica", round(reader.first_line, 3), RESUMES_WITHIN, "s"),
    ]


def place_near_the_end(here: Stage, build: dict[str, Any], size: Size) -> str:
    """Follow the log until near its end, and give the id of the event that came last."""
    with opened(here, build, {"Accept": "text/event-stream"}) as answer:
        for line in answer:
            if line.startswith(b"id: ") and int(line[4:].partition(b".")[0]) >= NEAR_THE_END * size.lines:
                return line[4:].decode().strip()
    raise RuntimeError("The stream ended before it came near the end.")


@contextmanager
def opened(here: Stage, build: dict[str, Any], headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
    """Ask for the log."""
    connection = http.client.HTTPConnection("127.0.0.1", here.replica.port, timeout=120)
    path = f"/api/v1/builds/{build['id']}/log"
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {here.replica.token}", **headers})
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{answer.status}: {answer.read().decode(errors='replace')}")
        yield answer
    finally:
        connection.close()


def save(here: Stage, build: dict[str, Any], file: Path, headers: dict[str, str] | None = None) -> None:
    """Download the log into a file, as it is sent."""
    with opened(here, build, headers or {}) as answer, file.open("wb") as output:
        while piece := answer.read(PIECE):
            output.write(piece)


def docker_logs(here: Stage, build: dict[str, Any], file: Path) -> None:
    """Let Docker's own command write the log into a file."""
    found = containers(DockerApi(here.rig.engine), here.instance)
    container = next(each.id for each in found if (each.build_id, each.kind) == (build["id"], "builder"))
    command = ["docker", "--host", here.rig.engine, "logs", container]
    with file.open("wb") as output:
        subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=True, timeout=300)


def by_engine(here: Stage) -> Path:
    """Name the file for what Docker's own command gave."""
    return here.replica.folder / "engine.log"


def plain(here: Stage) -> Path:
    """Name the file for what the service gave."""
    return here.replica.folder / "ours.log"


def packed(here: Stage) -> Path:
    """Name the file for what the service gave when it was asked to compress."""
    return here.replica.folder / "ours.log.gz"


def timed(work: Callable[[], None]) -> float:
    """Give the seconds that something takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def digest(file: Path) -> bytes:
    """Give a hash of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
