"""A service as it is after some weeks at a hub: environments, builds under way and ended, and people with servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tools.service import PRETENDED, RunningService, build, configured, running_service

from . import repositories as repos
from .logs import BUILDING, FAILING, SUCCEEDING

_GROUP: Final = "climate-lab"
_BUILDER: Final = ["builds:create!user", "builds:cancel!user", "images:delete!user", "images:read", "builds:read"]
_REFS: Final = {
    repos.NEW: {"HEAD": "7c1f" * 10, "main": "7c1f" * 10, "damping": "2ab0" * 10, "refs/tags/v1.0": "9d3e" * 10},
    repos.OCEAN: {"HEAD": "4be1" * 10, "main": "4be1" * 10, "refs/tags/v2.1": "c05d" * 10},
}
_GOES_ON: Final = {"lines": 0, "says": list(BUILDING), "then": 3600}
SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Repo2DockerService": {
        "base_url": "/services/repo2docker/",
        **PRETENDED,
        "profiles": [
            {
                "slug": "small",
                "title": "Small",
                "description": "For reading and writing.",
                "cpu": 1,
                "memory": "2G",
            },
            {"slug": "large", "title": "Large", "description": "For models and maps.", "cpu": 4, "memory": "16G"},
        ],
    },
    "InMemoryImageBuilder": {
        "lines": 0,
        "scripts": {
            **{
                each: {"says": list(SUCCEEDING)}
                for each in (
                    repos.TEACHING,
                    repos.OCEAN,
                    repos.CELLS,
                    repos.BAYES,
                    repos.STARS,
                    repos.THESIS,
                    repos.HOUSES,
                )
            },
            repos.SHELL: {"says": list(SUCCEEDING), "launchable": False},
            repos.TYPO: {"says": list(FAILING), "reason": "build-failed"},
            repos.ICE: _GOES_ON,
            repos.MAPS: _GOES_ON,
        },
    },
    "InMemoryServerLauncher": {
        "start_seconds": 4.0,
        "failures": {repos.BAYES: "No node has room for it."},
    },
    "InMemorySourceResolver": {
        "repositories": _REFS,
        "silent": [repos.AWAY],
        "locked": {repos.THESIS: f"ada:{repos.PASSWORD}"},
    },
    "InMemoryAuthorizer": {
        "tokens": {
            "ada-token": {
                "name": "ada",
                "groups": ["climate-lab"],
                "scopes": [*_BUILDER, "builds:create!group=climate-lab"],
            },
            "grace-token": {"name": "grace", "scopes": _BUILDER},
            "vera-token": {"name": "vera", "scopes": ["images:read"]},
            "rita-token": {"name": "rita", "scopes": ["admin"]},
        }
    },
}
_CATALOG: Final = f"""
- repo: {repos.TEACHING}
  title: Introduction to data science
  description: The notebooks of the first term. Begin with week 1.
  featured: true
  protected: true
  profile: small
- repo: {repos.OCEAN}
  ref: v2.1
  title: Ocean heat budgets
  description: Figures and data of the report, ready to run.
  featured: true
  profile: large
"""
_BUILT: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("grace", {"repo": repos.SHELL}),
    ("grace", {"repo": repos.HOUSES, "title": "House prices", "ref": "spring-2026"}),
    (
        "ada",
        {"repo": repos.THESIS, "title": "Chapter 4", "credentials": {"username": "ada", "password": repos.PASSWORD}},
    ),
    ("grace", {"repo": repos.STARS, "subdir": "notebooks", "title": "Light curves of variable stars"}),
    (
        "grace",
        {"repo": repos.BAYES, "title": "Bayes in three days", "description": "For participants of the workshop."},
    ),
    ("ada", {"repo": repos.OCEAN, "ref": "v2.1", "owner": "group:climate-lab"}),
    ("ada", {"repo": repos.OCEAN, "ref": "main"}),
    ("grace", {"repo": repos.CELLS, "ref": "main", "build_args": {"CUDA": "12"}}),
    ("ada", {"repo": repos.TEACHING}),
)


@dataclass(frozen=True)
class Hub:
    """What runs, and what is known of it."""

    service: RunningService
    builds: Mapping[str, str]
    """The id of the latest build of each repository."""
    images: Mapping[str, str]
    """The id of an image of each repository that has one."""

    def client(self, who: str) -> httpx.Client:
        """Give a client that is somebody."""
        return _client(self.service, who)


@contextmanager
def filled_hub(folder: Path) -> Iterator[Hub]:
    """Start a service and have people work with it."""
    folder.mkdir(parents=True, exist_ok=True)
    catalog = folder / "catalog.yaml"
    catalog.write_text(_CATALOG)
    lines = f"{configured(SETTINGS)}\nc.Repo2DockerService.catalog_file = {str(catalog)!r}"
    with running_service(folder / "service", lines) as service:
        builds = _fill(service)
        with _client(service, "ada") as ada:
            images = {each["repo"]: each["id"] for each in ada.get("images").json()["items"]}
            ada.post(
                "servers", json={"image": images[repos.TEACHING], "path": "week-1/first-steps.ipynb"}
            ).raise_for_status()
            ada.post("servers", json={"image": images[repos.OCEAN], "profile": "large"}).raise_for_status()
        yield Hub(service, builds, images)


def _fill(service: RunningService) -> dict[str, str]:
    with _client(service, "ada") as ada, _client(service, "grace") as grace:
        people = {"ada": ada, "grace": grace}
        made = {request["repo"]: build(people[who], **request)["id"] for who, request in _BUILT}
        made[repos.TYPO] = build(ada, repo=repos.TYPO, ref="main")["id"]
        for who, repo in (("ada", repos.ICE), ("grace", repos.MAPS), ("ada", repos.GENES)):
            answer = people[who].post("builds", json={"repo": repo, "ref": "main"}).raise_for_status()
            made[repo] = answer.json()["id"]
        made[repos.OLD_MAPS] = grace.post("builds", json={"repo": repos.OLD_MAPS}).raise_for_status().json()["id"]
        grace.post(f"builds/{made[repos.OLD_MAPS]}/cancel").raise_for_status()
    return made


def _client(service: RunningService, who: str) -> httpx.Client:
    return service.client_with(f"{who}-token")
