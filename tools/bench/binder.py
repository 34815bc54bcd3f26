"""How soon BinderHub's clients are told: the first event, the end of a build, and what is there already.

A build's first event cannot come before its git server has answered and the engine has its container. What these take
alone is measured beside it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from tools.parts.docker_api import DockerApi
from tools.trust import TRUST

from .builds import Bench

_GOAL = " (goal 0.100)"
_FIRST, _END, _THERE = "first event", "last container's end to ready", "already built"
_FLOOR = "git's answers and a bare container's creation alone"


def times(bench: Bench, runs: int) -> dict[str, list[float]]:
    """Measure, with a new repository for each run."""
    found: dict[str, list[float]] = {_FIRST + _GOAL: [], _FLOOR: [], _END + _GOAL: [], _THERE + _GOAL: []}
    for _ in range(runs):
        address, commit = bench.repository(0)
        path = f"git/{quote(address, safe='')}/HEAD"
        start = time.time()
        told = list(_told(bench, path))
        bench.made.append(told[-1][1]["imageName"])
        with bench.service.client as client:
            newest = client.get("builds", params={"limit": 1}).json()["items"][0]["id"]
        found[_FIRST + _GOAL].append(told[0][0] - start)
        found[_END + _GOAL].append(told[-1][0] - bench.ends(newest)[1])
        start = time.time()
        found[_THERE + _GOAL].append(next(_told(bench, path))[0] - start)
        found[_FLOOR].append(_floor(bench, address, commit))
    return found


def _floor(bench: Bench, address: str, commit: str) -> float:
    """Time what no first event can do without, asked for directly."""
    docker = DockerApi(bench.engine)
    question = "0014command=ls-refs\n0001001bref-prefix refs/heads/\n0000"
    version = {"Git-Protocol": "version=2"}
    with httpx.Client(headers=version, verify=TRUST) as client:
        start = time.time()
        client.get(f"{address}/info/refs?service=git-upload-pack").raise_for_status()
        asked = {"Content-Type": "application/x-git-upload-pack-request"}
        client.post(f"{address}/git-upload-pack", content=question, headers=asked).raise_for_status()
        description = bench.description("localhost/bench/floor:1", address, commit)
        container = docker.ask("POST", "/containers/create", None, description)["Id"]
        taken = time.time() - start
    docker.ask("DELETE", f"/containers/{container}")
    return taken


def _told(bench: Bench, path: str) -> Iterator[tuple[float, dict[str, Any]]]:
    headers = {"Authorization": f"Bearer {bench.service.token}", "Accept": "text/event-stream"}
    address = f"{bench.service.url}build/{path}?build_only=true"
    with httpx.stream("GET", address, headers=headers, timeout=300, verify=TRUST) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                yield time.time(), json.loads(line.removeprefix("data:"))
