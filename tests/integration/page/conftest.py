"""The page, served by the real command over parts that pretend, and people who look at it in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser
from tests.integration.page.cable import Cable, cable_to
from tests.integration.page.visitor import Visit, Visitor
from tools.service import PRETENDED, RunningService, build, configured, running_service

PREFIX: Final = "/services/repo2docker/"
FORGE: Final = "https://github.com/o/"
NEWEST: Final = "a" * 40
BUILDER: Final = ["builds:create!user", "builds:cancel!user", "images:delete!user", "images:read", "builds:read"]
FOR_GROUP: Final = ["builds:create!group=course-a"]
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "Repo2DockerService": {
        "base_url": PREFIX,
        **PRETENDED,
        "profiles": [
            {"slug": "small", "title": "Small", "description": "For a first look", "cpu": 0.5, "memory": "1G"},
            {"slug": "large", "title": "Large", "cpu": 4, "memory": "16G"},
        ],
    },
    "InMemoryImageBuilder": {
        "lines": 2,
        "scripts": {
            f"{FORGE}bare": {"launchable": False},
            f"{FORGE}locked-typo": {"reason": "build-failed"},
            f"{FORGE}typo": {
                "reason": "build-failed",
                "says": ["#9 0.1 no \x1b[31m<b>numpi</b>", "#9 ERROR: 1"],
            },
        },
    },
    "InMemoryServerLauncher": {"start_seconds": 2.0, "failures": {f"{FORGE}broken": "No space is left on the node."}},
    "InMemorySourceResolver": {
        "silent": [f"{FORGE}away"],
        "locked": {f"{FORGE}locked": "ada:canary", f"{FORGE}locked-typo": "ada:canary"},
        "repositories": {f"{FORGE}choice": {"HEAD": NEWEST, "old": "1" * 40}},
    },
    "InMemoryAuthorizer": {
        "tokens": {
            "ada-token": {"name": "ada", "scopes": BUILDER},
            "vera-token": {"name": "vera", "scopes": ["images:read"]},
            "dora-token": {"name": "dora", "groups": ["course-a"], "scopes": FOR_GROUP},
            "carl-token": {"name": "carl", "groups": ["course-a"], "scopes": [*BUILDER, *FOR_GROUP]},
        }
    },
}
CATALOG: Final = f"""
- repo: {FORGE}course
  title: Introduction to data science
  description: Begin with week one.
  featured: true
  protected: true
  profile: large
"""


@pytest.fixture(scope="module")
def pretending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service whose builds and servers are pretended."""
    folder = tmp_path_factory.mktemp("page")
    catalog = folder / "catalog.yaml"
    catalog.write_text(CATALOG)
    with running_service(folder / "service", configuration(catalog_file=str(catalog))) as service:
        yield service


def configuration(**changes: Any) -> str:
    """Write the settings down, some of the service's own changed."""
    settings = {**SETTINGS, "Repo2DockerService": {**SETTINGS["Repo2DockerService"], **changes}}
    return configured(settings)


def server_of(name: str) -> re.Pattern[str]:
    """Give what begins the address of somebody's server that was started from the repository of this name."""
    return re.compile(rf"/user/[a-z]+/{name}-[0-9a-f]{{4}}/")


@pytest.fixture
def cable(pretending: RunningService) -> Iterator[Cable]:
    """Give a connection to the service that can be cut."""
    with cable_to(httpx.URL(pretending.url).port or 80) as cable:
        yield cable


@pytest.fixture
def api(pretending: RunningService) -> Iterator[httpx.Client]:
    """Give a client that is Ada."""
    with pretending.client_with("ada-token") as client:
        yield client


@pytest.fixture
def built(api: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Builds a repository, as Ada."""

    def make(name: str, ref: str = "HEAD", **more: Any) -> dict[str, Any]:
        ended = build(api, repo=f"{FORGE}{name}", ref=ref, **more)
        assert ended["state"] == "succeeded"
        return ended

    return make


@pytest.fixture
def visit(chromium: Browser, pretending: RunningService) -> Iterator[Visit]:
    """Opens browsers of people who are signed in; in the end none may have complained of the page."""
    visitors: list[Visitor] = []

    def make(who: str = "ada", **options: Any) -> Visitor:
        prefix = options.pop("prefix", pretending.url)
        visitor = Visitor(chromium.new_context(**options).new_page(), prefix)
        visitors.append(visitor)
        visitor.listen()
        if who:
            visitor.open(f"#token={who}-token")
            visitor.sees(f"Signed in as {who}")
        return visitor

    yield make
    for visitor in visitors:
        visitor.page.context.close()
    assert [visitor.complaints for visitor in visitors if visitor.complaints] == []
