"""The resolver that asks nobody does what the port promises."""

import pytest

from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.resolved import NamedRef, RefKind
from repo2docker_service.testing.source_resolver import KnownRepository, LockedRepository, SourceResolverContract

BRANCHES = {"main": "a" * 40, "feature/deep/name": "b" * 40}
TAGS = {"v1.0": "c" * 40}


class TestInMemorySourceResolver(SourceResolverContract):
    @pytest.fixture
    def repository(self) -> KnownRepository:
        return KnownRepository("https://example.org/open", "main", BRANCHES, TAGS)

    @pytest.fixture
    def locked(self) -> LockedRepository:
        return LockedRepository("https://example.org/locked", Credentials("ada", "secret"), "d" * 40)

    @pytest.fixture
    def resolver(self, repository: KnownRepository, locked: LockedRepository) -> InMemorySourceResolver:
        tags = {f"refs/tags/{name}": commit for name, commit in TAGS.items()}
        return InMemorySourceResolver(
            accept_any=False,
            repositories={
                repository.address: {"HEAD": BRANCHES["main"], **BRANCHES, **tags},
                locked.address: {"HEAD": locked.commit, "main": locked.commit},
            },
            locked={locked.address: "ada:secret"},
        )


async def test_of_a_branch_and_a_tag_with_the_same_name_that_is_offered_which_the_name_stands_for() -> None:
    address = "https://example.org/open"
    resolver = InMemorySourceResolver(repositories={address: {"refs/tags/v1": "b" * 40, "v1": "a" * 40}})

    assert await resolver.refs(address) == [NamedRef("v1", RefKind.BRANCH, "a" * 40)]
    assert (await resolver.resolve(Source(address, "v1"))).commit == "a" * 40
