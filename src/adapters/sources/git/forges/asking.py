"""Asks forges by their API for the commit of a ref."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from repo2docker_service.adapters.secret_files import UnreadableSecret, read_secret
from repo2docker_service.adapters.sources.git.failures import plainly
from repo2docker_service.adapters.sources.git.forges.answers import Answers, ApiResting, ApiUnhelpful
from repo2docker_service.adapters.sources.git.forges.forge import Forge
from repo2docker_service.adapters.sources.git.forges.kinds import Read, Told
from repo2docker_service.adapters.sources.git.http import GitHttp
from repo2docker_service.adapters.sources.git.refs import candidates
from repo2docker_service.domain.errors import SourceForbidden, SourceUnreachable
from repo2docker_service.domain.inputs import is_commit

_MOST_TAGS: Final = 3
"""Tags of tags that are followed to a commit."""
_WHILE_SILENT: Final = 30.0


Found = tuple[str, str, str]
"""A commit, the full name of the ref that it was found by, and the address to clone from."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A repository at a forge, and how it is asked."""

    forge: Forge
    path: str
    token: str = field(repr=False)
    private_allowed: bool = False


class Forges:
    """Gives answers about public repositories only: a token may open others, which are not for everybody."""

    def __init__(self, forges: Sequence[Forge], http: GitHttp, patience: float, log: logging.Logger) -> None:
        self._forges = forges
        self._answers = Answers(http)
        self._patience = patience
        self._log = log
        self._rests_until: dict[str, float] = {}

    async def find(self, address: str, ref: str, *, private_allowed: bool) -> Found | None:
        """Tell of a ref, or give None where git's protocol is to be asked, for whatever reason.

        Args:
            address: of the repository, in normal form.
            ref: as people write it.
            private_allowed: whether the address, and so the API, may lead into a private network.
        """
        forge, path = next(((each, path) for each in self._forges if (path := each.path_of(address))), (None, ""))
        if forge is None or self._rests(forge) or not (private_allowed or forge.api.startswith("https:")):
            return None
        try:
            with plainly(address, self._patience):
                async with asyncio.timeout(self._patience):
                    place = _Place(forge, path, await asyncio.to_thread(_token_of, forge), private_allowed)
                    found = await self._find(place, ref.lower() if is_commit(ref.lower()) else ref)
                    return (*found, address.removesuffix(forge.kind.suffix) + forge.kind.suffix) if found else None
        except ApiUnhelpful:
            return None
        except ApiResting as rest:
            self._rest(forge, str(rest), rest.seconds)
        except UnreadableSecret as problem:
            self._rest(forge, f"the token's file {forge.token_file} {problem}", _WHILE_SILENT)
        except (SourceUnreachable, SourceForbidden) as error:
            self._rest(forge, error.problem, _WHILE_SILENT)
        return None

    async def _find(self, place: _Place, ref: str) -> tuple[str, str] | None:
        kind, asked = place.forge.kind, place.forge.kind.repository(place.path)
        known = self._answers.recall(place.forge.api + asked)
        names = _names(ref, known)
        # At once, as both are far away; the default branch is mostly still called what it was.
        told, found = await asyncio.gather(self._ask(place, asked, kind.read_repository), self._first_of(place, names))
        if told is None or not told.public:
            return None
        if is_commit(ref):
            return ref, ref
        if ref == "HEAD" and told.commit:
            return told.commit, "HEAD"
        if ref == "HEAD" and names != (told.default_ref,):
            return await self._first_of(place, (told.default_ref,))
        return found

    async def _first_of(self, place: _Place, names: Iterable[str]) -> tuple[str, str] | None:
        kind = place.forge.kind
        for name in names:
            asked, tags = kind.ref(place.path, name), 0
            read = partial(kind.read_ref, place.path, name)
            told = await self._ask(place, asked, read) if asked else None
            # Servers give a branch that was renamed under its old name, too, and git does not.
            if told is None or told.name != name:
                continue
            while told is not None and told.beyond and tags < _MOST_TAGS:
                told, tags = await self._ask(place, told.beyond, read), tags + 1
            if told is not None and is_commit(told.commit):
                return told.commit, name
            raise ApiUnhelpful
        return None

    async def _ask(self, place: _Place, path: str, read: Read) -> Told | None:
        url = place.forge.api + path
        return await self._answers.ask(url, read, place.token, private_allowed=place.private_allowed)

    def _rests(self, forge: Forge) -> bool:
        return asyncio.get_running_loop().time() < self._rests_until.get(forge.api, 0)

    def _rest(self, forge: Forge, why: str, seconds: float) -> None:
        self._rests_until[forge.api] = asyncio.get_running_loop().time() + seconds
        self._log.warning("%s is not asked for %.0f seconds, and git's protocol instead: %s", forge.api, seconds, why)


def _names(ref: str, known: Told | None) -> Sequence[str]:
    if is_commit(ref):
        return ()
    if ref == "HEAD":
        return (known.default_ref,) if known else ()
    return candidates(ref)


def _token_of(forge: Forge) -> str:
    """Read the token, each time: it changes while the service runs."""
    token = read_secret(Path(forge.token_file)) if forge.token_file else ""
    if not (token.isascii() and token.isprintable()):
        raise UnreadableSecret("holds no token")
    return token
