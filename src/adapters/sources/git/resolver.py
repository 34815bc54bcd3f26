"""Finds commits and refs by asking git servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from traitlets import Bool, Callable, Dict, Float, Instance, List, TraitError, Unicode, validate
from traitlets.config import LoggingConfigurable

from repo2docker_service.adapters.secret_files import UnreadableSecret
from repo2docker_service.adapters.sources.git.failures import OURS_REFUSED, RULES, plainly
from repo2docker_service.adapters.sources.git.forges import BadForge, Forges, read_forges
from repo2docker_service.adapters.sources.git.http import GitHttp
from repo2docker_service.adapters.sources.git.keys import OURS_UNREADABLE, Key, read_key
from repo2docker_service.adapters.sources.git.names import named_refs, ref_not_found
from repo2docker_service.adapters.sources.git.permissions import Permissions
from repo2docker_service.adapters.sources.git.refs import BRANCHES, TAGS, Ref, RefList, candidates
from repo2docker_service.adapters.sources.git.repository import RemoteRepository, open_repository
from repo2docker_service.adapters.sources.git.rules import BadRule, read_rules
from repo2docker_service.adapters.sources.git.transport import system_look_up
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import ServiceError, SourceForbidden, SourceUnreachable
from repo2docker_service.domain.inputs import check_address, is_commit
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.resolved import NamedRef, ResolvedSource, SourceTerms

_NAMES_BYTES: Final = 2 << 20
"""Bytes of refs that are read to offer names; more would take long and help nobody."""


class GitSourceResolver(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.ports.SourceResolver`.

    Speaks git's smart HTTP protocol, version 2 where the server knows it.
    """

    rules = List(
        Dict(),
        help="What holds for addresses that begin with match, of which the longest alone decides: {match, allow,"
        " private_network, credentials_file, visible_to}; an address that no rule matches is allowed.",
    ).tag(config=True)
    forges = List(
        Dict(),
        help="Forges that are asked for public repositories by their API, which takes one round trip and counts on a"
        " token: {address, kind, token_file, api}; kind is github, gist, gitlab or gitea (Forgejo, too).",
    ).tag(config=True)
    allow_private_networks = Bool(
        False, help="Whether repositories may be in private networks, of which this machine itself is one."
    ).tag(config=True)
    ca_bundle = Unicode(
        "", help="File with certificate authorities to trust besides those that are trusted anyway."
    ).tag(config=True)
    proxy = Unicode(
        "",
        help="Address of an HTTP proxy to send everything through; it then looks host names up, and must itself refuse"
        " those in private networks.",
    ).tag(config=True, secret=True)  # it may hold a password
    timeout = Float(
        10, min=0.1, help="Seconds that one look-up may take, and a quarter of them more where a forge is asked first."
    ).tag(config=True)

    installation = Instance(Installation, allow_none=True)
    look_up = Callable(system_look_up, help="Gives the network addresses of a host name and port.")

    @validate("rules")
    def _valid_rules(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = proposal["value"]
        try:
            read_rules(value)
        except BadRule as error:
            raise TraitError(f"GitSourceResolver.rules: {error}") from None
        return value

    @validate("forges")
    def _valid_forges(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = proposal["value"]
        try:
            read_forges(value)
        except BadForge as error:
            raise TraitError(f"GitSourceResolver.forges: {error}") from None
        return value

    @validate("proxy")
    def _valid_proxy(self, proposal: dict[str, Any]) -> str:
        value: str = proposal["value"]
        if value and not value.startswith(("http://", "https://")):
            raise TraitError("GitSourceResolver.proxy must begin with http:// or https://.")
        return value

    async def __aenter__(self) -> Self:
        """Get ready; connections are opened when they are needed."""
        try:
            await self._http.open()
        except OSError as error:
            raise TraitError(f"GitSourceResolver.ca_bundle cannot be used: {error}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._http.close()

    def terms(self, address: str) -> SourceTerms:
        """Say what the rules say of an address."""
        return self._permissions.terms(address)

    async def resolve(self, source: Source, credentials: Credentials | None = None) -> ResolvedSource:
        """Find the commit of the source's ref. A full commit is believed when the repository answers."""
        if credentials is None and (told := await self._told_by_forge(source)):
            return told
        async with self._opened(source.address, credentials) as repository:
            commit, ref = await self._find(source, repository)
            return ResolvedSource(
                source,
                commit,
                ref,
                repository.address,
                repository.private,
                repository.credentials,
                public_only=not repository.private_allowed,
            )

    async def _told_by_forge(self, source: Source) -> ResolvedSource | None:
        """Ask the forge by its API, where it is a public repository of one that has one."""
        address = check_address(source.address)
        with self._logged(address):
            private_allowed = self._permissions.may_be_private(address)
        if self._permissions.credentials_file(address):
            return None  # whether they open it is found out with git's protocol
        found = await self._forges.find(address, source.ref, private_allowed=private_allowed)
        if found is None:
            return None
        private = self._permissions.terms(address).private
        return ResolvedSource(source, *found, private=private, public_only=not private_allowed)

    async def _find(self, source: Source, repository: RemoteRepository) -> tuple[str, str]:
        if is_commit(commit := source.ref.lower()):
            return commit, commit
        names = candidates(source.ref)
        listed = await repository.refs(names)
        if found := listed.first_of(names):
            return found.commit, _full_name(found)
        if not listed.whole:
            raise SourceUnreachable(source.address, "it lists more branches and tags than this service reads.")
        raise await asyncio.to_thread(ref_not_found, source, await self._names(repository))

    async def refs(
        self, address: str, prefix: str = "", limit: int = 50, credentials: Credentials | None = None
    ) -> Sequence[NamedRef]:
        """Give the default branch, other branches, then tags."""
        async with self._opened(address, credentials) as repository:
            listed = await repository.refs(("HEAD", BRANCHES + prefix, TAGS + prefix), _NAMES_BYTES)
        found = await asyncio.to_thread(named_refs, listed)
        return [ref for ref in found if ref.name.startswith(prefix)][: max(limit, 0)]

    @asynccontextmanager
    async def _opened(self, asked: str, given: Credentials | None) -> AsyncIterator[RemoteRepository]:
        address = check_address(asked)
        with self._logged(address), plainly(asked, self.timeout):
            async with asyncio.timeout(self.timeout):
                key = Key(given) if given else await self._our_key(address)
                yield await open_repository(self._http, address, self._permissions, key)

    @contextmanager
    def _logged(self, address: str) -> Iterator[None]:
        """Tell administrators of what only they can change."""
        try:
            yield
        except SourceForbidden as refusal:
            self.log.info("%s is refused. %s", address, refusal.for_administrators())
            raise
        except SourceUnreachable as error:
            if error.problem == OURS_REFUSED:
                self.log.warning("%s refuses what %s has as credentials for it", address, RULES)
            raise

    async def _our_key(self, address: str) -> Key | None:
        """Read the administrator's credentials for an address, each time: they change while the service runs."""
        named = self._permissions.credentials_file(address)
        if not named:
            return None
        try:
            return await asyncio.to_thread(read_key, Path(named))
        except UnreadableSecret as problem:
            self.log.warning("The credentials file %s of GitSourceResolver.rules %s", named, problem)
            raise SourceUnreachable(address, OURS_UNREADABLE) from None

    async def _names(self, repository: RemoteRepository) -> RefList | None:
        # Near names are a courtesy: without them the answer is still the right one.
        with suppress(ServiceError), plainly(repository.address, self.timeout):
            async with asyncio.timeout(self.timeout / 4):
                return await repository.refs((BRANCHES, TAGS), _NAMES_BYTES)
        return None

    @cached_property
    def _permissions(self) -> Permissions:
        return Permissions(read_rules(self.rules), self.allow_private_networks)

    @cached_property
    def _forges(self) -> Forges:
        return Forges(read_forges(self.forges), self._http, self.timeout / 4, self.log)

    @cached_property
    def _http(self) -> GitHttp:
        return GitHttp(self.ca_bundle, self.proxy, self.look_up)


def _full_name(ref: Ref) -> str:
    if ref.name == "HEAD" and ref.target.startswith("refs/") and ref.target.isprintable():
        return ref.target
    return ref.name
