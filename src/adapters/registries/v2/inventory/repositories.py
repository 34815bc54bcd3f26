"""Finds the repositories that may hold our images, also where the registry does not list any."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import Refused
from repo2docker_service.adapters.registries.v2.inventory.asking import Asks
from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages
from repo2docker_service.adapters.registries.v2.inventory.places import Listing
from repo2docker_service.adapters.registries.v2.inventory.scope import Scope, within
from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore, Log

_NO_CATALOG: Final = frozenset({401, 403, 404, 405, 501})
_ADVICE: Final = (
    "The registry does not let us list its repositories (%s): only images that this service has pushed or found are"
    " listed. Set c.V2Registry.listing to 'single' to keep all images in one repository, or to 'static' and name them"
    " in c.V2Registry.repositories."
)


class Repositories:
    """Knows where to look for images.

    Args:
        scope: which they are, and how to find them.
        client: asks the registry.
        known: what it has told before.
        store: what it has told other processes.
        log: is told once that there is no catalog.
    """

    def __init__(self, scope: Scope, client: Asks, known: KnownImages, store: ImageStore, log: Log) -> None:
        self._scope = scope
        self._client = client
        self._known = known
        self._store = store
        self._log = log
        self.partial = False
        """Whether there may be others, of which nothing can be known."""

    async def find(self) -> Sequence[str]:
        """Give the repositories to look into, without any that is not ours to touch.

        Raises:
            RegistryError: the registry does not answer.
        """
        found = {*await self._listed(), *self._known.repositories()}
        return sorted(name for name in found if within(self._scope.prefix, name))

    async def _listed(self) -> Collection[str]:
        match self._scope.listing:
            case Listing.SINGLE:
                return [self._scope.prefix]
            case Listing.STATIC:
                # Whatever else builds have made is known only to who has pushed or found it.
                self.partial = True
                return self._scope.static
        try:
            listed = await self._client.repositories(self._scope.prefix)
        except Refused as refused:
            if refused.status not in _NO_CATALOG:
                raise
            return await self._without_catalog(refused)
        self.partial = False
        return listed

    async def _without_catalog(self, refused: Refused) -> Collection[str]:
        # Who is not known to the registry at all has another problem than a missing catalog.
        await self._client.ping()
        self._log.log(logging.DEBUG if self.partial else logging.WARNING, _ADVICE, refused.problem)
        self.partial = True
        return await self._store.repositories()
