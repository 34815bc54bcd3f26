"""Measure, and print a table: ``make bench``."""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.parts import PartMissing, repo2docker_image
from tools.parts.engine import running_engine
from tools.parts.git_server import git_server
from tools.reliability.figures import missed
from tools.service import running_service

from . import binder, filtering, processes, registry
from .builds import Bench
from .page import report as page


def main() -> int:
    """Run all measurements and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="how often each build is repeated (default: 7)")
    parser.add_argument("--page", action="store_true", help="measure the page only")
    parser.add_argument("--filter", action="store_true", help="measure what the filter before the engine costs only")
    parser.add_argument("--write", action="store_true", help="write figures of page and filter into docs/reference")
    options = parser.parse_args()
    try:
        if options.filter:
            with benching() as bench:
                filtering.report(bench, options.runs, write=options.write)
            return 0
        if not options.page:
            service(options.runs, write=options.write)
        with tempfile.TemporaryDirectory(prefix="r2d-") as folder:
            found = page.report(Path(folder), write=options.write)
    except PartMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    return int(bool(missed(found)))


def service(runs: int, *, write: bool) -> None:
    """Measure the service, the filter, its processes and its lists."""
    with benching() as bench:
        builds(bench, runs)
        filtering.report(bench, runs, write=write)
    processes.report(runs)
    with tempfile.TemporaryDirectory(prefix="r2d-") as folder:
        registry.report(Path(folder))


@contextmanager
def benching() -> Iterator[Bench]:
    """Start all that builds need, and remove what was built."""
    with tempfile.TemporaryDirectory(prefix="r2d-") as name, running_engine() as engine:
        image = repo2docker_image.ensure(engine.url)
        settings = (
            f"c.Repo2DockerService.instance = 'bench{secrets.token_hex(4)}'\n"
            f"c.DockerImageBuilder.url = {engine.url!r}\n"
            f"c.DockerImageBuilder.repo2docker_image = {image!r}\n"
            "c.DockerImageBuilder.network = 'host'\n"
            "c.GitSourceResolver.allow_private_networks = True\n"
            "c.Repo2DockerService.binder_api = True\n"
        )
        folder = Path(name)
        with git_server(folder / "git") as git, running_service(folder / "service", settings) as service:
            bench = Bench(engine.url, image, git, service)
            try:
                yield bench
            finally:
                bench.clean_up()


def builds(bench: Bench, runs: int) -> None:
    """Compare builds of the service with bare runs of the same repo2docker command."""
    for title, seconds in (("tiny build", 0.0), ("build with 15 s of steps", 15.0)):
        pairs = [bench.pair(seconds) for _ in range(runs if not seconds else 3)]
        ratio = statistics.median(ours.whole / bare for ours, bare in pairs)
        show(f"{title}: service", [ours.whole for ours, _ in pairs])
        show(f"{title}: bare docker run of the same argv", [bare for _, bare in pairs])
        print(f"  ratio service / bare, median of pairs: {ratio:.2f}  (goal 1.10)\n", flush=True)
        if not seconds:
            show("POST to the first line of the log", [ours.first_line for ours, _ in pairs])
            show("builder's end to succeeded visible", [ours.from_builder_end for ours, _ in pairs])
            show("last container's end to succeeded visible (goal 0.100)", [ours.from_end for ours, _ in pairs])
    show("already built: POST to answer (goal 0.100)", bench.already_built(20))
    for title, taken in binder.times(bench, runs).items():
        show(f"BinderHub's client: {title}", taken)


def show(title: str, seconds: list[float]) -> None:
    """Print the smallest, middle and largest of some times."""
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    print(f"{title:58} {low:7.3f} {middle:7.3f} {high:7.3f} s  (min, median, max of {len(seconds)})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
