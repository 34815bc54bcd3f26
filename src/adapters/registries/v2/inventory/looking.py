"""Asks the registry what a name points to, and what that is."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from weakref import WeakValueDictionary

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, RegistryError
from repo2docker_service.adapters.registries.v2.inventory.asking import Asks
from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages, ReadImage
from repo2docker_service.adapters.registries.v2.inventory.ours import abridged
from repo2docker_service.adapters.registries.v2.inventory.places import is_steady
from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore
from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary
from repo2docker_service.domain.models import Image, ImageName


class Looker:
    """Finds images: one request when what the name points to is known, two or three when it is not."""

    def __init__(self, client: Asks, known: KnownImages, store: ImageStore, read: ReadImage) -> None:
        self._client = client
        self._known = known
        self._store = store
        self._read = read
        self._fetching: MutableMapping[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, name: ImageName) -> Image | None:
        """Ask what is under a name now, and remember it; None when nothing of ours is.

        Raises:
            RegistryError: the registry does not say.
        """
        ticket = self._known.ticket()
        if is_steady(name.tag) and self._known.tagged(name) is None:
            with suppress(BadAnswer):
                return await self._find_new(name, ticket)
        digest = await self._client.digest(name.repository, name.tag)
        try:
            summary = await self._summary(name.repository, digest) if digest else None
        except RegistryError as error:
            if not error.again:
                self._known.observe(name, digest, ticket)
            raise
        self._known.observe(name, digest, ticket)
        return self._read(name, summary) if summary else None

    async def _find_new(self, name: ImageName, ticket: int) -> Image | None:
        """Fetch what a new name points to without asking first what that is: it is hardly ever a second name."""
        summary = await self._client.tagged(name.repository, name.tag)
        if summary is not None and is_complete(summary):
            self._known.learn(abridged(summary))
        self._known.observe(name, summary.digest if summary else None, ticket)
        return self._read(name, summary) if summary else None

    async def fetch(self, repository: str, digest: str) -> Summary:
        """Ask what a manifest is of, whatever is known, and remember it.

        Raises:
            RegistryError: the registry does not say.
        """
        summary = await self._client.summary(repository, digest)
        if is_complete(summary):
            self._known.learn(abridged(summary))
        return summary

    async def _summary(self, repository: str, digest: str) -> Summary | None:
        if (known := self._known.summary(digest)) is not None:
            return known
        # Whoever comes first asks; a lock rather than a task, so that nothing goes on when all have left.
        async with self._fetching.setdefault(digest, asyncio.Lock()):
            if (known := self._known.summary(digest)) is not None:
                return known
            if (stored := await self._store.summary(digest)) is not None:
                self._known.learn(stored)
                return stored
            try:
                return await self.fetch(repository, digest)
            except NotFound:
                return None  # removed just now


def is_complete(summary: Summary) -> bool:
    """Whether the image's config was there. Without it nothing is known for good: a new push may bring it back."""
    return summary.created is not None or bool(summary.labels)
