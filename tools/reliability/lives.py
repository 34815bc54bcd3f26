"""When a container ran, how it ended and what it printed, as the engine tells it."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.parts.docker_api import DockerApi, EngineError

from .engine_facts import Found, containers

HEADER = struct.Struct(">BxxxL")
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Life:
    """One container of a build; times are seconds since 1970."""

    id: str
    build_id: str
    kind: str
    name: str
    status: str
    exit_code: int
    started: float | None
    """The last start; None when there was none."""
    finished: float | None

    @property
    def running(self) -> bool:
        """Whether something runs in it."""
        return self.status not in ("created", "exited", "dead")


def lives(docker: DockerApi, instance: str, kind: str = "") -> list[Life]:
    """Inspect all containers of an installation, or those of one kind."""
    wanted = [found for found in containers(docker, instance) if kind in ("", found.kind)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [life for life in pool.map(lambda found: life_of(docker, found), wanted) if life is not None]


def life_of(docker: DockerApi, found: Found) -> Life | None:
    """Inspect a container; None when it is gone."""
    try:
        inspected: dict[str, Any] = docker.ask("GET", f"/containers/{found.id}/json")
    except EngineError:
        return None
    state = inspected["State"]
    return Life(
        id=found.id,
        build_id=found.build_id,
        kind=found.kind,
        name=inspected["Name"].lstrip("/"),
        status=state["Status"],
        exit_code=state["ExitCode"],
        started=seconds(state["StartedAt"]),
        finished=seconds(state["FinishedAt"]),
    )


def seconds(text: str) -> float | None:
    """Read a time of the engine; it writes year 1 for "never"."""
    return None if text.startswith("0001") else datetime.fromisoformat(text).timestamp()


def printed(docker: DockerApi, identifier: str) -> list[tuple[float, str]]:
    """Give what a container printed, each line with its time."""
    query = {"stdout": "1", "stderr": "1", "timestamps": "1"}
    with docker.open("GET", f"/containers/{identifier}/logs", query, timeout=60) as answer:
        lines = b"".join(_frames(answer.read())).decode(errors="replace").splitlines()
    parts = [line.partition(" ") for line in lines]
    return [(seconds(time) or 0.0, text) for time, _, text in parts]


def _frames(data: bytes) -> Iterator[bytes]:
    """Take the header off each piece of a log of two streams."""
    while data:
        _, size = HEADER.unpack(data[: HEADER.size])
        yield data[HEADER.size : HEADER.size + size]
        data = data[HEADER.size + size :]


def in_order_of_start(found: Sequence[Life]) -> list[Life]:
    """Sort those that were started, the first one first."""
    return sorted((life for life in found if life.started is not None), key=lambda life: life.started or 0.0)
