# ruff: noqa: D102  # a test's name is its sentence
"""What every source resolver must do, as tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import RefNotFound, SourceUnreachable
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.ports import SourceResolver
from repo2docker_service.domain.resolved import RefKind

_NEVER_MADE = "no-such-name-anywhere"


@dataclass(frozen=True, slots=True)
class KnownRepository:
    """A repository, and all that a resolver should find in it."""

    address: str
    default_branch: str
    branches: Mapping[str, str]
    """Commits by name; at least one name has a slash, and its last part is no name of its own."""
    tags: Mapping[str, str]
    """Commits by name, none of which a branch has; best is one tag with an object of its own, and one without."""


@dataclass(frozen=True, slots=True)
class LockedRepository:
    """A repository that only opens to credentials."""

    address: str
    credentials: Credentials
    commit: str
    """That of its default branch."""


@pytest.mark.asyncio
class SourceResolverContract:
    """Subclass this, and define these fixtures.

    Required:
        resolver: a :class:`~repo2docker_service.domain.ports.SourceResolver` that may contact the repository.
        repository: a :class:`KnownRepository`, which everybody may read.

    Optional; tests that need it are skipped unless it is overridden:
        locked: a :class:`LockedRepository`.
    """

    @pytest.fixture
    def locked(self) -> LockedRepository:
        """Give a repository that only opens to credentials."""
        pytest.skip("nothing is locked here")

    async def test_head_is_the_commit_of_the_default_branch(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        resolved = await resolver.resolve(Source(repository.address))

        assert resolved.commit == repository.branches[repository.default_branch]

    async def test_a_branch_is_its_commit(self, resolver: SourceResolver, repository: KnownRepository) -> None:
        for name, commit in repository.branches.items():
            resolved = await resolver.resolve(Source(repository.address, name))

            assert (resolved.commit, resolved.ref) == (commit, f"refs/heads/{name}")

    async def test_a_tag_is_the_commit_that_it_tags(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        for name, commit in repository.tags.items():
            resolved = await resolver.resolve(Source(repository.address, name))

            assert (resolved.commit, resolved.ref) == (commit, f"refs/tags/{name}")

    async def test_a_full_name_is_understood(self, resolver: SourceResolver, repository: KnownRepository) -> None:
        full_names = {f"refs/heads/{name}": commit for name, commit in repository.branches.items()}
        full_names |= {f"refs/tags/{name}": commit for name, commit in repository.tags.items()}
        for name, commit in full_names.items():
            resolved = await resolver.resolve(Source(repository.address, name))

            assert (resolved.commit, resolved.ref) == (commit, name)

    async def test_a_full_commit_is_itself(self, resolver: SourceResolver, repository: KnownRepository) -> None:
        for commit in {*repository.branches.values(), *repository.tags.values()}:
            resolved = await resolver.resolve(Source(repository.address, commit))

            assert (resolved.commit, resolved.ref) == (commit, commit)

    async def test_the_source_stays_as_it_was_asked_for(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        source = Source(repository.address, repository.default_branch, "some/folder")

        assert (await resolver.resolve(source)).source == source

    async def test_the_clone_address_holds_the_same_commit(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        first = await resolver.resolve(Source(repository.address, repository.default_branch))
        again = await resolver.resolve(Source(first.clone_address, repository.default_branch))

        assert again.commit == first.commit
        assert again.clone_address == first.clone_address

    async def test_the_last_part_of_a_name_is_not_its_name(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        tail = next(name for name in repository.branches if "/" in name).rpartition("/")[2]

        with pytest.raises(RefNotFound):
            await resolver.resolve(Source(repository.address, tail))

    @pytest.mark.parametrize("shape", ["{0}*", "*", "{0}?", "[{0}]", "{1}", "{0}x", "refs/heads/{1}", "refs/heads"])
    async def test_only_a_whole_name_is_found(
        self, resolver: SourceResolver, repository: KnownRepository, shape: str
    ) -> None:
        name = repository.default_branch

        with pytest.raises(RefNotFound):
            await resolver.resolve(Source(repository.address, shape.format(name, name[:-1])))

    async def test_an_unknown_ref_is_named(self, resolver: SourceResolver, repository: KnownRepository) -> None:
        with pytest.raises(RefNotFound) as refused:
            await resolver.resolve(Source(repository.address, _NEVER_MADE))

        assert refused.value.field == "ref"
        assert _NEVER_MADE in str(refused.value)

    async def test_a_misspelt_ref_is_recognised(self, resolver: SourceResolver, repository: KnownRepository) -> None:
        name = max(repository.branches, key=len)

        with pytest.raises(RefNotFound) as refused:
            await resolver.resolve(Source(repository.address, f"{name}s"))

        assert name in refused.value.near

    async def test_all_branches_and_tags_are_offered_once(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        offered = await resolver.refs(repository.address)

        branches = {(name, RefKind.BRANCH, commit) for name, commit in repository.branches.items()}
        tags = {(name, RefKind.TAG, commit) for name, commit in repository.tags.items()}
        assert {(ref.name, ref.kind, ref.commit) for ref in offered} == branches | tags
        assert len(offered) == len(branches | tags)
        assert offered[0].name == repository.default_branch

    async def test_names_are_offered_by_their_beginning(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        names = [*repository.branches, *repository.tags]
        for prefix in {name[:2] for name in names}:
            offered = await resolver.refs(repository.address, prefix)

            assert sorted(ref.name for ref in offered) == sorted(name for name in names if name.startswith(prefix))

    async def test_nothing_is_offered_where_nothing_fits(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        assert list(await resolver.refs(repository.address, _NEVER_MADE)) == []

    async def test_no_more_names_are_offered_than_wanted(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        assert len(await resolver.refs(repository.address, limit=2)) == 2
        assert list(await resolver.refs(repository.address, limit=0)) == []

    async def test_what_everybody_may_read_is_opened_with_nothing(
        self, resolver: SourceResolver, repository: KnownRepository
    ) -> None:
        resolved = await resolver.resolve(Source(repository.address))

        assert (resolved.private, resolved.credentials) == (False, None)
        assert resolver.terms(repository.address).visible_to is None

    async def test_the_right_credentials_open_a_repository_and_what_is_there_is_private(
        self, resolver: SourceResolver, locked: LockedRepository
    ) -> None:
        resolved = await resolver.resolve(Source(locked.address), locked.credentials)

        assert resolved.commit == locked.commit
        assert (resolved.private, resolved.credentials) == (True, locked.credentials)
        assert await resolver.refs(locked.address, credentials=locked.credentials)

    @pytest.mark.parametrize("given", ["none", "another password"])
    async def test_without_the_right_credentials_nothing_is_told_of_a_repository(
        self, resolver: SourceResolver, locked: LockedRepository, given: str
    ) -> None:
        right = locked.credentials
        wrong = None if given == "none" else replace(right, password=f"{right.password}x")

        for source in (Source(locked.address), Source(locked.address, locked.commit)):
            with pytest.raises(SourceUnreachable) as refused:
                await resolver.resolve(source, wrong)
            assert refused.value.may_be_private
            assert wrong is None or wrong.password not in f"{refused.value} {refused.value!r}"
        with pytest.raises(SourceUnreachable):
            await resolver.refs(locked.address, credentials=wrong)

    async def test_credentials_of_one_request_are_of_no_use_to_the_next(
        self, resolver: SourceResolver, locked: LockedRepository
    ) -> None:
        await resolver.resolve(Source(locked.address), locked.credentials)

        with pytest.raises(SourceUnreachable):
            await resolver.resolve(Source(locked.address))
        with pytest.raises(SourceUnreachable):
            await resolver.refs(locked.address)
