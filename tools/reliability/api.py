"""What a trial asks of the service's API, beside what tells how the trial went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx

Build = dict[str, Any]
T = TypeVar("T")
ENDED = ("succeeded", "failed", "cancelled")
PAUSE = 0.05


def start(client: httpx.Client, **wish: object) -> Build:
    """Ask for a build, which must be a new one."""
    answer = client.post("builds", json=wish)
    if answer.status_code != httpx.codes.ACCEPTED:
        raise RuntimeError(f"{answer.status_code}: {answer.text}")
    build: Build = answer.json()
    return build


def get(client: httpx.Client, build_id: str) -> Build:
    """Give a build as it is now."""
    build: Build = client.get(f"builds/{build_id}").raise_for_status().json()
    return build


def ended(client: httpx.Client, build_id: str, within: float) -> Build:
    """Give a build when it has ended, or as it is when that takes too long."""
    deadline = time.monotonic() + within
    while (build := get(client, build_id))["state"] not in ENDED and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return build


def listed(client: httpx.Client) -> Iterator[Build]:
    """Give all builds that somebody sees, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("builds", params={"limit": 200, "cursor": cursor}).raise_for_status().json()
        yield from page["items"]
        cursor = page["next"]


def timed(what: Callable[[], T]) -> tuple[float, T]:
    """Do something and give the seconds it took, too."""
    begun = time.perf_counter()
    result = what()
    return time.perf_counter() - begun, result
