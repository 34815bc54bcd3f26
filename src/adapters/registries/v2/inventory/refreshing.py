"""Asks the registry what has changed: what tags there are, and what those point to that may have moved."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, BrokenOff, Refused, RegistryError
from repo2docker_service.adapters.registries.v2.inventory.asking import Asks
from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages
from repo2docker_service.adapters.registries.v2.inventory.looking import Looker
from repo2docker_service.adapters.registries.v2.inventory.places import is_temporary
from repo2docker_service.adapters.registries.v2.inventory.pooling import each
from repo2docker_service.adapters.registries.v2.inventory.repositories import Repositories
from repo2docker_service.adapters.registries.v2.inventory.scope import Scope
from repo2docker_service.adapters.registries.v2.inventory.store import Log
from repo2docker_service.domain.models import ImageName

_UNSAVED: Final = 200
"""How much may be learnt before it is written down."""
_MOST_WARNED: Final = 1000
_MOST_BROKEN: Final = 10
"""Images that a registry may break off; where it is more, the registry itself is ill."""


@dataclass
class Refresher:
    """Brings what is known up to date. Nothing of it runs any more when a call returns, raises or is cancelled."""

    scope: Scope
    client: Asks
    repositories: Repositories
    known: KnownImages
    looker: Looker
    save: Callable[[], Awaitable[None]]
    """Writes down what was learnt."""
    log: Log
    _warned: set[str] = field(default_factory=set)
    _broken: int = 0

    async def run(self) -> bool:
        """Ask everything that is due; say whether there may be images that were not found.

        Raises:
            RegistryError: the registry does not answer; what was learnt until then is kept.
        """
        due: list[ImageName] = []
        present: set[ImageName] = set()
        self._broken = 0
        refused: list[RegistryError] = []
        repositories = await self.repositories.find()
        await each(repositories, partial(self._list, present, due, refused), self.scope.workers)
        if refused and len(refused) == len(repositories):
            raise refused[0]
        if not due and not self.known.repositories():
            # A registry that shows nothing may have nothing, or not let us in at all.
            await self.client.ping()
        await each(sorted(due, key=self._checked_at), self._look, self.scope.workers)
        self.known.tidy(present)
        return self.repositories.partial or bool(refused)

    async def _list(
        self, present: set[ImageName], due: list[ImageName], refused: list[RegistryError], repository: str
    ) -> None:
        ticket = self.known.ticket()
        try:
            tags = {tag for tag in await self.client.tags(repository) if not is_temporary(tag)}
        except (BadAnswer, Refused) as error:
            self._pass_over(repository, error)
            refused.append(error)
            return
        if not tags and self.known.tags(repository):
            # So much vanishes seldom, and often it is only that we are not let in any more.
            await self.client.ping()
        for tag in self.known.tags(repository).keys() - tags:
            self.known.observe(self._name(repository, tag), None, ticket)
        names = [self._name(repository, tag) for tag in sorted(tags)]
        present.update(names)
        due += filter(self._is_due, names)

    def _name(self, repository: str, tag: str) -> ImageName:
        return ImageName(self.scope.registry, repository, tag)

    def _is_due(self, name: ImageName) -> bool:
        known = self.known.tagged(name)
        if known is None or (known.asked == 0 and self.known.summary(known.digest) is None):
            return True
        # What was looked at in the future was looked at by another clock.
        return not 0 <= time.time() - known.checked_at < self.scope.longest_belief(name.tag)

    def _checked_at(self, name: ImageName) -> float:
        """Order by need: what was never looked at goes first."""
        known = self.known.tagged(name)
        return known.checked_at if known else 0.0

    async def _look(self, name: ImageName) -> None:
        try:
            await self.looker.find(name)
        except BrokenOff as error:
            # So a registry gives what it has lost, again and again; and everything, when it is gone itself.
            self._broken += 1
            if self._broken > _MOST_BROKEN:
                raise
            await self.client.ping()
            self._warn_of(str(name), error)
            self.known.pass_over(name)
        except (BadAnswer, Refused) as error:
            self._pass_over(str(name), error)
            self.known.pass_over(name)
        if self.known.unsaved >= _UNSAVED:
            await self.save()

    def _pass_over(self, what: str, error: RegistryError) -> None:
        """Say once that something cannot be read, unless the whole registry has a problem."""
        if error.again:
            raise error
        self._warn_of(what, error)

    def _warn_of(self, what: str, error: RegistryError) -> None:
        if what not in self._warned and len(self._warned) < _MOST_WARNED:
            self._warned.add(what)
            self.log.warning("Passing over %s in the registry: %s", what, error.problem)
