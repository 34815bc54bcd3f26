"""What builds pay for reaching the engine through the launcher's filter: the same command, with it and without."""

from __future__ import annotations

import json
import os
import secrets
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.plans import launcher
from repo2docker_service.adapters.builders.docker.containers import archive
from tools.parts.docker_api import DockerApi
from tools.parts.repository import Repository
from tools.reliability.figures import Figure, below, known
from tools.reliability.report import table

from .builds import CONFIG, Bench

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "reference" / "speed-of-builds.md"
HEAD: Final = """# Speed of builds

What a build pays for reaching the engine through a
[filter](../explanation/threat-model.md#the-border-that-matters-most). `make bench` runs one command of repo2docker in
two containers of which only one has the filter, again and again by turns, and writes this page.

Other work on the machine makes any build longer, so the shortest of each count. While there is such work, two builds
still differ by more than the filter costs; what it computed itself, told beside the shortest build without it, is the
surer figure. It pays for each byte, so content that the engine has not got yet costs most.
"""
GOAL: Final = 2.0
RUN: Final = b"""\
import json, os, resource, subprocess, sys, time
sys.path.append("/run/r2d/launcher.pyz")
from in_container.socket_filter import SocketFilter
path = "/run/real/docker.sock"
if sys.argv[1] == "filtered":
    SocketFilter("/run/r2d/docker.sock", path).serve()
    path = "/run/r2d/docker.sock"

def computed(whose):
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime

begun, before = time.monotonic(), computed(resource.RUSAGE_SELF)
code = subprocess.call(sys.argv[2:], env=os.environ | {"DOCKER_HOST": "unix://" + path})
whole, ours = time.monotonic() - begun, computed(resource.RUSAGE_SELF) - before
print(json.dumps({"whole": whole, "ours": ours, "theirs": computed(resource.RUSAGE_CHILDREN)}), flush=True)
sys.exit(code)
"""
FILES: Final = 32 << 20
"""Bytes that go through the filter with the repository's content."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one command from begin to end, and those for which its parent and it had a processor."""

    whole: float
    ours: float
    theirs: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What is built, and how often each way."""

    title: str
    pairs: int
    seconds: float = 0.0
    content: int = 0


def report(bench: Bench, runs: int, *, write: bool) -> None:
    """Print what the filter costs for builds of several kinds."""
    kinds = (
        Kind("tiny build", runs),
        Kind("build with 15 s of steps", 3, seconds=15.0),
        Kind(f"build of {FILES >> 20} MiB of files", runs, content=FILES),
    )
    found: dict[str, list[Figure]] = {}
    for kind in kinds:
        print(f"\n== Through the filter: {kind.title}", flush=True)
        found[kind.title] = list(measured(bench, kind))
        for figure in found[kind.title]:
            print(f"   {figure}", flush=True)
    if write:
        DOCUMENT.write_text(document(found))


def measured(bench: Bench, kind: Kind) -> Iterator[Figure]:
    """Run both ways by turns, each of them as often first as second."""
    ways: dict[bool, list[Run]] = {True: [], False: []}
    for number in range(kind.pairs):
        for filtered in (True, False) if number % 2 else (False, True):
            ways[filtered].append(run(bench, *repository(bench, kind), filtered=filtered))
    shortest, through = (min(each.whole for each in ways[filtered]) for filtered in (False, True))
    pairs = [ours.whole / bare.whole for ours, bare in zip(ways[True], ways[False], strict=True)]
    ours, theirs = (statistics.median(getattr(each, name) for each in ways[True]) for name in ("ours", "theirs"))
    yield known("runs each way", kind.pairs)
    yield known("without the filter, the shortest", round(shortest, 2), "s")
    yield known("through the filter, the shortest", round(through, 2), "s")
    yield below("through the filter, longer by", round(100 * (through / shortest - 1), 1), GOAL, "%")
    yield known(
        "the same, median of pairs that ran one after the other", round(100 * (statistics.median(pairs) - 1), 1), "%"
    )
    yield known("computed by the filter", round(1000 * ours, 1), "ms")
    yield known("computed by repo2docker, git and docker", round(1000 * theirs, 1), "ms")
    yield below("computed by the filter, of the build's time", round(100 * ours / shortest, 2), GOAL, "%")


def repository(bench: Bench, kind: Kind) -> tuple[str, str]:
    """Make a repository of this kind that no cache answers for; give its address and commit."""
    if not kind.content:
        return bench.repository(kind.seconds)
    made = Repository(bench.git.root, f"{secrets.token_hex(4)}/bench.git")
    commit = made.commit({"Dockerfile": "FROM scratch\nCOPY . /all/\n", "all": os.urandom(kind.content)}, "Bench")
    return f"{bench.git.url.rstrip('/')}/{made.name}", commit


def run(bench: Bench, address: str, commit: str, *, filtered: bool) -> Run:
    """Run repo2docker once in a container of its own."""
    docker = DockerApi(bench.engine)
    name = f"localhost/bench/{secrets.token_hex(4)}:{commit}"
    container = docker.ask(
        "POST", "/containers/create", None, description(bench, name, address, commit, filtered=filtered)
    )["Id"]
    files = archive({"r2d/c.py": CONFIG, "r2d/run.py": RUN, "r2d/launcher.pyz": launcher()})
    with docker.open("PUT", f"/containers/{container}/archive", {"path": "/run"}, files):
        pass
    docker.ask("POST", f"/containers/{container}/start")
    code = docker.ask("POST", f"/containers/{container}/wait", timeout=300)["StatusCode"]
    with docker.open("GET", f"/containers/{container}/logs", {"stdout": "1", "tail": "20"}) as answer:
        log = answer.read().decode(errors="replace")
    docker.ask("DELETE", f"/containers/{container}")
    if code != 0:
        raise RuntimeError(f"the build ended with {code}:\n{log}")
    bench.made.append(name)
    return Run(**json.loads(log.splitlines()[-1]))


def description(bench: Bench, name: str, address: str, commit: str, *, filtered: bool) -> Mapping[str, Any]:
    """Describe the container: that of a bare run, with a parent process that may put the filter between."""
    bare = bench.description(name, address, commit)
    command = ["filtered" if filtered else "bare", *bare["Entrypoint"], *bare["Cmd"]]
    bind = bare["HostConfig"]["Binds"][0].partition(":")[0]
    return {
        **bare,
        "Tty": True,
        "Entrypoint": ["python3", "/run/r2d/run.py"],
        "Cmd": command,
        "HostConfig": {**bare["HostConfig"], "Binds": [f"{bind}:/run/real/docker.sock"]},
    }


def document(found: Mapping[str, Sequence[Figure]]) -> str:
    """Write the page of the documentation."""
    sections = ["\n".join((f"## {title[0].upper()}{title[1:]}\n", *table(figures))) for title, figures in found.items()]
    return "\n\n".join((HEAD.rstrip(), *sections, f"Run on {datetime.now(UTC):%Y-%m-%d}.")) + "\n"
