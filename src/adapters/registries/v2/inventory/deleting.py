"""Deletes images without deleting more than was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Refused, RegistryError, Unauthorized
from repo2docker_service.adapters.registries.v2.inventory.asking import Asks
from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages
from repo2docker_service.adapters.registries.v2.inventory.looking import Looker
from repo2docker_service.adapters.registries.v2.inventory.pooling import each
from repo2docker_service.adapters.registries.v2.inventory.store import Log
from repo2docker_service.domain.errors import DeletionRefused, ImageHasSiblings, ImageMoved, ImageNotFound
from repo2docker_service.domain.models import ImageName

_UNSUPPORTED: Final = "UNSUPPORTED"
_SWITCHED_OFF: Final = (
    "The registry has deleting switched off. An administrator can allow it: Docker's own registry does with"
    " REGISTRY_STORAGE_DELETE_ENABLED=true; hosted registries have their own pages for it."
)
_NOT_ALLOWED: Final = (
    "The account that this service uses at the registry may not delete. An administrator can give it that right."
)


@dataclass
class Deleter:
    """Deletes by digest where no other tag would vanish too, else by tag where the registry can do that."""

    client: Asks
    known: KnownImages
    looker: Looker
    log: Log
    workers: int = 10
    """How many requests are made at a time."""
    by_digest_only: bool = False
    """Whether the registry has refused to delete a tag; it is then not asked again."""

    async def delete(self, image: ImageName, digest: str, *, siblings: bool) -> None:
        """Delete an image, and its other names only when asked.

        Raises:
            ImageNotFound, ImageMoved, ImageHasSiblings: as the port says.
            DeletionRefused: the registry does not delete, or not for us.
            RegistryError: the registry does not answer.
        """
        found = await self.looker.find(image)
        if found is None:
            raise ImageNotFound(str(image))
        if found.digest != digest:
            raise ImageMoved(str(image), digest, found.digest)
        others = await self._others(image, digest)
        if others and not siblings:
            await self._delete_tag(image, digest, others)
        else:
            await self._delete_manifest(image, digest)
        self.log.info("Deleted %s (%s)", image, digest)
        for name in (image, *(others if siblings else ())):
            await self._look_again(name)

    async def _others(self, image: ImageName, digest: str) -> Sequence[ImageName]:
        """Find the other names that would vanish with the digest. No memory is good enough for that."""
        tags = [tag for tag in await self.client.tags(image.repository) if tag != image.tag]
        others: list[ImageName] = []

        async def look(tag: str) -> None:
            try:
                found = await self.client.digest(image.repository, tag)
            except (BadAnswer, Refused) as error:
                if error.again:
                    raise
                return  # nobody can pull by a tag that makes no sense, so nobody loses it
            if found == digest:
                others.append(ImageName(image.registry, image.repository, tag))

        await each(tags, look, self.workers)
        return sorted(others, key=str)

    async def _delete_tag(self, image: ImageName, digest: str, others: Sequence[ImageName]) -> None:
        siblings = ImageHasSiblings(str(image), [str(name) for name in others])
        if self.by_digest_only:
            raise siblings
        # Looking at all the others has taken its time.
        now = await self.client.digest(image.repository, image.tag)
        if now not in (digest, None):
            raise ImageMoved(str(image), digest, str(now))
        try:
            deleted = await self.client.delete(image.repository, image.tag)
        except Refused as refused:
            if refused.status in {400, 405} or refused.code == _UNSUPPORTED:
                self.by_digest_only = True
                raise siblings from refused
            raise explained(str(image), refused) from refused
        await self._gone_before(image, deleted=deleted)

    async def _delete_manifest(self, image: ImageName, digest: str) -> None:
        try:
            # First: while the image is there, whoever is stopped here can go on.
            await self.client.delete_logs(image.repository, digest)
            deleted = await self.client.delete(image.repository, digest)
        except Refused as refused:
            raise explained(str(image), refused) from refused
        await self._gone_before(image, deleted=deleted)

    async def _gone_before(self, image: ImageName, *, deleted: bool) -> None:
        if not deleted:
            await self._look_again(image)
            raise ImageNotFound(str(image))

    async def _look_again(self, name: ImageName) -> None:
        ticket = self.known.ticket()
        try:
            await self.looker.find(name)
        except RegistryError as error:
            # It is deleted all the same, and the next renewal of the list tells what came in its place.
            self.log.debug("Could not look at %s after it was deleted: %s", name, error)
            self.known.observe(name, None, ticket)


def explained(name: str, refused: Refused) -> Exception:
    """Give what to raise where the registry does not delete something of that name."""
    if refused.again or isinstance(refused, NotFound):
        return refused
    if isinstance(refused, Unauthorized):
        return DeletionRefused(name, _NOT_ALLOWED)
    if refused.status == 405 or refused.code == _UNSUPPORTED:
        return DeletionRefused(name, _SWITCHED_OFF)
    return DeletionRefused(name, f"The registry says that {refused.problem}.")
