"""The images of a registry: found by asking it, listed from memory, deleted with care."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from repo2docker_service.adapters.changes import Changes
from repo2docker_service.adapters.registries.v2.inventory.asking import Asks
from repo2docker_service.adapters.registries.v2.inventory.deleting import Deleter
from repo2docker_service.adapters.registries.v2.inventory.freshness import Freshness
from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages, ReadImage
from repo2docker_service.adapters.registries.v2.inventory.looking import Looker
from repo2docker_service.adapters.registries.v2.inventory.push_support import Verifier
from repo2docker_service.adapters.registries.v2.inventory.refreshing import Refresher
from repo2docker_service.adapters.registries.v2.inventory.repositories import Repositories
from repo2docker_service.adapters.registries.v2.inventory.scope import Scope
from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore, Log
from repo2docker_service.domain.errors import ImageNotFound
from repo2docker_service.domain.models import Image, ImageList, ImageName


class RegistryImages:
    """Puts together what is known, what is remembered over a restart, and what is asked.

    Args:
        client: asks the registry; closed by whoever made it.
        store: remembers; closed with this.
        changes: is told what appeared, changed and vanished.
        read: tells which summaries are of images of ours.
        scope: which images there are to be.
        log: for warnings.
    """

    def __init__(
        self,
        client: Asks,
        store: ImageStore,
        changes: Changes[ImageName],
        read: ReadImage,
        scope: Scope,
        log: Log,
    ) -> None:
        self._scope = scope
        self._store = store
        self._known = KnownImages(scope.registry, read, lambda name: changes.publish(name, name))
        looker = self._looker = Looker(client, self._known, store, read)
        self._deleter = Deleter(client, self._known, looker, log, scope.workers)
        self._verifier = Verifier(client, self._known, looker, read, scope.workers)
        repositories = self._repositories = Repositories(scope, client, self._known, store, log)
        self._refresher = Refresher(scope, client, repositories, self._known, looker, self._save, log)
        self._freshness = Freshness(self._renew, scope.refresh_seconds, lambda: changes.watched, log, scope.registry)

    async def open(self) -> None:
        """Recall what was known, and begin to ask the registry."""
        contents = await self._store.open()
        # Signatures of thousands of images take long enough to be noticed by everyone else.
        await asyncio.to_thread(self._known.load, contents)
        self._freshness.as_of = contents.as_of
        self._freshness.start()

    async def close(self) -> None:
        """Stop asking, and close the store."""
        await self._freshness.stop()
        await self._save()
        await self._store.close()

    async def find(self, image: ImageName) -> Image | None:
        """Ask for the image of that name; None when it is not there, not ours, or not to be touched.

        Raises:
            RegistryError: the registry does not answer.
        """
        if not self._scope.holds(image):
            return None
        found = await self._looker.find(image)
        if self._known.has_new_summaries:
            # That an old one is still there can be written down with the next list: nobody should wait for that.
            await self._save()
        return found

    def recall(self, image: ImageName) -> Image | None:
        """Give what is known of a name."""
        return self._known.image(image)

    async def repositories(self) -> Sequence[str]:
        """Give all repositories that may hold something of ours.

        Raises:
            RegistryError: the registry does not answer.
        """
        return await self._repositories.find()

    async def list(self) -> ImageList:
        """Give what is known; wait only where nothing complete was ever known.

        Raises:
            RegistryError: nothing is known, and the registry does not answer.
        """
        freshness = self._freshness
        await freshness.for_reader(self._scope.patience)
        if freshness.as_of is None and freshness.failure is not None:
            # It is raised for every reader, and must not gather the traces of them all.
            raise freshness.failure.with_traceback(None)
        return ImageList(
            self._known.images(),
            freshness.as_of or freshness.begun_at,
            stale=freshness.stale,
            partial=freshness.partial or freshness.as_of is None,
            unreadable=self._known.unreadable(),
        )

    async def delete(self, image: ImageName, digest: str, *, siblings: bool) -> None:
        """Delete an image, and its other names only when asked.

        Raises:
            ImageNotFound, ImageMoved, ImageHasSiblings, DeletionRefused: as the port says.
            RegistryError: the registry does not answer.
        """
        if not self._scope.holds(image):
            raise ImageNotFound(str(image))
        try:
            await self._deleter.delete(image, digest, siblings=siblings)
        finally:
            await self._save()

    async def verify(self, image: ImageName, digest: str, build_id: str) -> None:
        """See that what was pushed is there and whole, and list it from now on.

        Raises:
            NotDelivered: it is not.
            RegistryError: the registry does not answer.
        """
        await self._verifier.verify(image, digest, build_id)
        await self._save()

    async def _renew(self) -> bool:
        partial = await self._refresher.run()
        await self._save(datetime.now(UTC))
        return partial

    async def _save(self, as_of: datetime | None = None) -> None:
        batch = self._known.take_unsaved(as_of)
        if (batch.summaries or batch.tags or as_of) and not await self._store.save(batch):
            await self._store.save(self._known.everything(as_of or self._freshness.as_of))
