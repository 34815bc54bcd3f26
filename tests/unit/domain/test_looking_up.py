"""What people learn of a repository before they build it."""

from __future__ import annotations

import pytest
from tests.unit.domain.people import person

from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Build, Source
from repo2docker_service.domain.resolved import RefKind
from repo2docker_service.domain.sources import SourceReport, SourceService

REPO = "https://example.org/a/b"
ada = person("ada", "builds:create!user")


async def look_up(builds: BuildService) -> SourceReport:
    return await SourceService(builds.orders, builds.builder).look_up(ada, Source(REPO))


def has(resolver: InMemorySourceResolver, *, branches: int, tags: int) -> None:
    """Put a repository there with so many branches beside the default one, and so many tags."""
    named = [*(f"b{number:04}" for number in range(branches)), *(f"refs/tags/v1.{number}" for number in range(tags))]
    resolver.repositories = {REPO: {**dict.fromkeys(named, "b" * 40), "HEAD": "a" * 40, "main": "a" * 40}}


@pytest.mark.parametrize(
    ("branches", "tags", "kept"),
    [(10, 30, (11, 30)), (10, 900, (11, 389)), (900, 10, (390, 10)), (900, 900, (200, 200))],
)
async def test_of_many_refs_the_newest_tags_are_offered_and_branches_hide_no_tags(
    builds: BuildService, resolver: InMemorySourceResolver, branches: int, tags: int, kept: tuple[int, int]
) -> None:
    has(resolver, branches=branches, tags=tags)

    offered = (await look_up(builds)).refs

    found = [[ref.name for ref in offered if ref.kind is kind] for kind in RefKind]
    assert tuple(map(len, found)) == kept
    assert offered[0].name == "main"
    assert set(found[1]) == {f"v1.{number}" for number in range(tags - kept[1], tags)}


class Away:
    """A builder that does not answer."""

    async def list(self) -> list[Build]:
        raise BuilderUnavailable("engine", "it is away")


async def test_without_the_builder_all_is_known_but_how_long_builds_take(
    builds: BuildService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds.builder, "list", Away().list)

    report = await look_up(builds)

    assert report.usual_seconds is None
    assert report.refs
