"""Measures the page on full services, prints all figures, and writes them into the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Page

from tools.parts.chromium import running_chromium
from tools.reliability.figures import Figure
from tools.reliability.report import table
from tools.service import RunningService

from . import builds, environments, logs, network
from .services import LONG, MANY_IMAGES, MANY_LINES, as_ada, fill, pretending_service, sign_in

FEW: Final = 40
MANY_BUILDS: Final = 200
DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "reference" / "speed.md"
HEAD: Final = """# Speed of the page

What the page may cost, and what it costs in Chromium on a service with parts that pretend. `make bench` measures it and
writes this page; `make test` holds every change to the same budgets.

Times are told as on a machine with two processors that does nothing else: by how slow this one was just then, which
forgives it no more than threefold, and of several the shortest counts. Stops, blocked time and work are processor's
time of the page's own thread.
"""


@dataclass(frozen=True)
class Stage:
    """A service, somebody who has its page open, and the same person as a program."""

    service: RunningService
    page: Page
    ada: httpx.Client

    def of_few(self) -> Iterator[Figure]:
        """Look at the list of a course."""
        fill(self.ada, range(FEW))
        yield from environments.opened(self.page, self.service.url, FEW)
        yield from environments.settled(self.page, self.service.url, FEW)

    def of_many(self) -> Iterator[Figure]:
        """Look at the longest list that we promise anything about."""
        fill(self.ada, range(FEW, MANY_IMAGES))
        for look in (environments.opened, environments.settled, environments.swept):
            yield from look(self.page, self.service.url, MANY_IMAGES)
        yield from environments.searched(self.page, self.service.url, MANY_IMAGES, ["group-3", "project-99"])

    def of_network(self) -> Iterator[Figure]:
        """Count what is sent."""
        yield from network.visited(self.page, self.service.url)
        yield from network.listed(self.ada, MANY_IMAGES)

    def of_builds(self) -> Iterator[Figure]:
        """Watch many builds."""
        yield from builds.watched(self.page, self.service.url, self.ada, MANY_BUILDS)

    def of_logs(self) -> Iterator[Figure]:
        """Read and follow long logs."""
        build = logs.built(self.ada, LONG)
        yield from logs.opened(self.page, self.service.url, build)
        yield from logs.searched(self.page, self.service.url, build, ["package-4", "nothing like it", "requirements"])
        yield from logs.followed(self.page, self.service.url, self.ada, 10_000)
        yield from logs.soaked(self.page, self.service.url, self.ada, MANY_LINES)


SECTIONS: Final[Mapping[str, Callable[[Stage], Iterator[Figure]]]] = {
    "A course full of environments": Stage.of_few,
    "A thousand environments": Stage.of_many,
    "Over the network": Stage.of_network,
    "Builds": Stage.of_builds,
    "Logs": Stage.of_logs,
}


def report(folder: Path, *, write: bool) -> Sequence[Figure]:
    """Print all figures beside their budgets, and give them."""
    found: dict[str, list[Figure]] = {}
    with pretending_service(folder) as service, as_ada(service) as ada, running_chromium() as browser:
        page = browser.new_page()
        page.add_init_script(environments.WATCH)
        page.add_init_script(logs.WATCH)
        sign_in(page, service)
        for title, look in SECTIONS.items():
            print(f"\n== The page: {title}", flush=True)
            found[title] = []
            for figure in look(Stage(service, page, ada)):
                print(f"   {figure}", flush=True)
                found[title].append(figure)
        version = browser.version
    if write:
        DOCUMENT.write_text(document(found, version))
    return [figure for figures in found.values() for figure in figures]


def document(found: Mapping[str, Sequence[Figure]], version: str) -> str:
    """Write the page of the documentation."""
    sections = ["\n".join((f"## {title}\n", *table(figures))) for title, figures in found.items()]
    when = f"Run on {datetime.now(UTC):%Y-%m-%d} with Chromium {version}."
    return "\n\n".join((HEAD.rstrip(), *sections, when)) + "\n"
