"""A source resolver that asks no network: to try the API, to develop the page, to test."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from traitlets import Bool, Dict, Instance, List, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import RefNotFound, SourceUnreachable
from repo2docker_service.domain.inputs import is_commit
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.ports import SourceResolver
from repo2docker_service.domain.resolved import NamedRef, RefKind, ResolvedSource, SourceTerms
from repo2docker_service.hookspecs import Register

_BRANCHES: Final = "refs/heads/"
_KINDS: Final = {_BRANCHES: RefKind.BRANCH, "refs/tags/": RefKind.TAG}


class InMemorySourceResolver(LoggingConfigurable):
    """Knows the repositories of its configuration, and by default makes up what it does not know."""

    repositories = Dict(
        key_trait=Unicode(),
        value_trait=Dict(key_trait=Unicode(), value_trait=Unicode()),
        help="What is where: {address: {ref: commit}}. A ref is HEAD, a branch, or a full name such as refs/tags/v1.",
    ).tag(config=True)
    accept_any = Bool(True, help="Whether there is something at every other address too.").tag(config=True)
    moved = Dict(
        key_trait=Unicode(), value_trait=Unicode(), help="Where addresses redirect to: {address: address}."
    ).tag(config=True)
    silent = List(
        Unicode(), help="Addresses that do not answer, as if their server were down; full commits are believed."
    ).tag(config=True)
    locked = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Addresses that answer only to credentials: {address: 'username:password'}.",
    ).tag(config=True, secret=True)
    installation = Instance(Installation)

    def terms(self, address: str) -> SourceTerms:  # noqa: ARG002
        """Let everybody build from everywhere."""
        return SourceTerms()

    async def resolve(self, source: Source, credentials: Credentials | None = None) -> ResolvedSource:
        """Look a ref up."""
        self._unlock(source.address, credentials)
        return replace(self._resolve(source), private=credentials is not None, credentials=credentials)

    def _resolve(self, source: Source) -> ResolvedSource:
        address = self.moved.get(source.address, source.address)
        known = None if is_commit(source.ref) and address in self.silent else self._known(address)
        if is_commit(source.ref):
            return ResolvedSource(source, source.ref, source.ref, address)
        if known is None:
            return ResolvedSource(source, _made_up(source), _full(source.ref), address)
        for name in (source.ref, *(folder + source.ref for folder in _KINDS)):
            if name in known:
                return ResolvedSource(source, known[name], name, address)
        near = difflib.get_close_matches(source.ref, [ref.name for ref in _named(known)], n=3)
        raise RefNotFound("ref", f"The repository has no branch or tag called {source.ref}.", near)

    async def refs(
        self, address: str, prefix: str = "", limit: int = 50, credentials: Credentials | None = None
    ) -> Sequence[NamedRef]:
        """Give what begins so."""
        self._unlock(address, credentials)
        known = self._known(self.moved.get(address, address)) or {_full("main"): _made_up(Source(address, "main"))}
        return [ref for ref in _named(known) if ref.name.startswith(prefix)][:limit]

    def _unlock(self, address: str, given: Credentials | None) -> None:
        key = self.locked.get(address)
        if key is not None and (given is None or key != f"{given.username}:{given.password}"):
            sentence = "it is private, and was not asked with the right credentials."
            raise SourceUnreachable(address, sentence, may_be_private=True)

    def _known(self, address: str) -> Mapping[str, str] | None:
        if address in self.silent:
            raise SourceUnreachable(address, "its server does not answer.")
        if address in self.repositories:
            return {_full(name): commit for name, commit in self.repositories[address].items()}
        if self.accept_any:
            return None
        raise SourceUnreachable(address, "there is no such repository.", may_be_private=True)


def _full(name: str) -> str:
    return name if name == "HEAD" or name.startswith("refs/") else f"{_BRANCHES}{name}"


def _named(known: Mapping[str, str]) -> Sequence[NamedRef]:
    found: dict[str, NamedRef] = {}
    for folder, kind in _KINDS.items():
        for full in sorted(known):
            if full.startswith(folder):
                name = full.removeprefix(folder)
                found.setdefault(name, NamedRef(name, kind, known[full]))
    # Nothing says which branch is the default one but its commit.
    return sorted(found.values(), key=lambda ref: (ref.kind is RefKind.TAG, ref.commit != known.get("HEAD")))


def _made_up(source: Source) -> str:
    return hashlib.sha1(f"{source.address} {source.ref}".encode(), usedforsecurity=False).hexdigest()


@hookimpl
def register_source_resolvers(register: Register[SourceResolver]) -> None:
    """Offer this resolver."""
    register("memory", InMemorySourceResolver)
