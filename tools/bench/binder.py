"""How soon BinderHub's clients are told: the first event, the end of a build, and what is there already."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from tools.trust import TRUST

from .builds import Bench

GOAL = 0.1
"""Seconds."""


def times(bench: Bench, runs: int) -> dict[str, list[float]]:
    """Measure, with a new repository for each run."""
    found: dict[str, list[float]] = {"first event": [], "last container's end to ready": [], "already built": []}
    for _ in range(runs):
        path = f"git/{quote(bench.repository(0)[0], safe='')}/HEAD"
        start = time.time()
        told = list(_told(bench, path))
        bench.made.append(told[-1][1]["imageName"])
        with bench.service.client as client:
            newest = client.get("builds", params={"limit": 1}).json()["items"][0]["id"]
        found["first event"].append(told[0][0] - start)
        found["last container's end to ready"].append(told[-1][0] - bench.ends(newest)[1])
        start = time.time()
        found["already built"].append(next(_told(bench, path))[0] - start)
    return found


def _told(bench: Bench, path: str) -> Iterator[tuple[float, dict[str, Any]]]:
    headers = {"Authorization": f"Bearer {bench.service.token}", "Accept": "text/event-stream"}
    address = f"{bench.service.url}build/{path}?build_only=true"
    with httpx.stream("GET", address, headers=headers, timeout=300, verify=TRUST) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                yield time.time(), json.loads(line.removeprefix("data:"))
