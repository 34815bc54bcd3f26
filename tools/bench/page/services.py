"""Services over parts that pretend, as full as the largest that we promise anything about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Page

from tools.service import PRETENDED, RunningService, configured, running_service

MANY_IMAGES: Final = 1000
MANY_LINES: Final = 100_000
FORGE: Final = "https://github.com/"
LONG: Final = f"{FORGE}o/long"
"""A repository whose build writes many lines, and ends."""
LIVE: Final = f"{FORGE}o/live"
"""A repository whose build writes a thousand lines a second."""
TORRENT: Final = f"{FORGE}o/torrent"
"""A repository whose build writes two thousand lines a second."""
_AT_ONCE: Final = 4
_PATIENCE: Final = 120.0
"""Seconds; all of it takes a few."""

# Written down as what makes them: the lines themselves would be a long configuration.
LONG_LOG: Final = """[
    line
    for step in (1, 2)
    for line in (
        f"#{step} [{step}/2] RUN make {step}",
        *(
            f"#{step} {n // 100}.250 \\x1b[32mCollecting\\x1b[0m package-{n}-{step}.0 "
            f"(from -r requirements.txt (line {n}))"
            for n in range(49_997)
        ),
        f"#{step} DONE 99.5s",
        "" if step == 1 else "This is the last line.",
    )
]"""
_PARTS: Final = {"Repo2DockerService": {"base_url": "/services/repo2docker/", **PRETENDED}}
SETTINGS: Final = f"""
{configured(_PARTS)}
c.InMemoryAuthorizer.tokens = {{"ada-token": {{"name": "ada", "scopes": ["admin"]}}}}
c.InMemoryImageBuilder.concurrency = 50
c.InMemoryImageBuilder.lines = 0
c.InMemoryImageBuilder.scripts = {{
    {LONG!r}: {{"says": {LONG_LOG}}},
    {LIVE!r}: {{"lines": 1_000_000, "pace": 0.02, "at_once": 20}},
    {TORRENT!r}: {{"lines": 1_000_000, "pace": 0.02, "at_once": 40}},
}}
"""


@contextmanager
def pretending_service(folder: Path) -> Iterator[RunningService]:
    """Run a service whose builds and servers are pretended."""
    with running_service(folder, SETTINGS) as service:
        yield service


def as_ada(service: RunningService) -> httpx.Client:
    """Give a client of somebody who may do everything."""
    return service.client_with("ada-token")


def sign_in(page: Page, service: RunningService) -> None:
    """Open the page as her."""
    page.goto(f"{service.url}#token=ada-token")
    page.get_by_text("Signed in as ada").first.wait_for()


def fill(ada: httpx.Client, numbers: range) -> None:
    """Have an image built for each number, and wait for them."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        [*pool.map(lambda number: ada.post("builds", json=_wish(number)).raise_for_status(), numbers)]
    until(lambda: ada.get("images", params={"limit": 1}).json()["total"] >= numbers.stop)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"What is waited for does not come within {_PATIENCE:g} seconds.")
        time.sleep(0.05)


def _wish(number: int) -> dict[str, Any]:
    return {
        "repo": f"{FORGE}group-{number % 7}/project-{number}",
        "ref": "main" if number % 3 else "HEAD",
        "title": f"Environment {number}" if number % 2 else "",
        "description": "What it is good for, in a sentence." if number % 5 == 0 else "",
        "build_args": {"BASE": "another"} if number % 11 == 0 else {},
    }
