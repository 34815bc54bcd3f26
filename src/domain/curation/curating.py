"""Images with what the administrator says of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from repo2docker_service.domain.curation.catalog import CatalogEntry, curated
from repo2docker_service.domain.errors import ImageProtected
from repo2docker_service.domain.models import Image, ImageList
from repo2docker_service.domain.ports import Registry
from repo2docker_service.domain.rebuilds.build_settings import why_outdated

_PATIENCE: Final = 1.0
"""Seconds for which a list waits until it is known what builds have pushed; most have been asked before."""
_LONG_PATIENCE: Final = 5.0


async def _not_known() -> str:
    return ""


async def _not_remembered(builds: Collection[str], patience: float) -> Mapping[str, Collection[str]]:  # noqa: ARG001
    return {}


@dataclass(frozen=True)
class CuratedImages:
    """The images of a registry, each with what the catalog says of it now, and whether a build would differ from it."""

    registry: Registry
    entries: Callable[[], Sequence[CatalogEntry]] = tuple
    """What the catalog says now."""
    settings: Callable[[], Awaitable[str]] = _not_known
    """With what images are built now."""
    pushed: Callable[[Collection[str], float], Awaitable[Mapping[str, Collection[str]]]] = _not_remembered
    """What builds have pushed; see :class:`~repo2docker_service.domain.capabilities.RemembersPushes`."""

    async def list(self) -> ImageList:
        """Give all images, in no order.

        Raises:
            RegistryUnavailable: the registry does not answer, and nothing is known of it.
        """
        known = await self.registry.list()
        now = await self.settings()
        return replace(known, images=[_dated(image, now) for image in curated(known.images, self.entries())])

    async def compared(self, images: Sequence[Image]) -> Sequence[Image]:
        """Say of these images which are not what their builds have pushed, as far as that can be found out."""
        patience = _LONG_PATIENCE if len(images) == 1 else _PATIENCE
        pushed = await self.pushed({image.plan.id for image in images}, patience)
        return [_compared(image, pushed.get(image.plan.id, ())) for image in images]

    async def tells_outdated(self, images: Iterable[Image]) -> bool:
        """Whether it can be told now which of these images are outdated, rather than that none is known to be."""
        return bool(await self.settings()) or not any(image.settings for image in images)

    async def curate(self, image: Image) -> Image:
        """Give one image with what is said of it. Whether it is the newest of its ref only all of them tell.

        Raises:
            RegistryUnavailable: the registry does not answer, and the catalog may say something of the image.
        """
        entries = [entry for entry in self.entries() if entry.is_about(image)]
        image = _dated(image, await self.settings())
        if not entries:
            return image
        return curated([image, *(await self.registry.list()).images], entries)[0]

    async def require_replaceable(self, image: Image) -> None:
        """Refuse to have an image replaced that the catalog keeps.

        Raises:
            ImageProtected: it does.
            RegistryUnavailable: it cannot be found out now.
        """
        if (await self.curate(image)).curation.protected:
            raise ImageProtected(str(image.name))

    async def vanishing_with(self, image: Image, *, siblings: bool) -> Sequence[Image]:
        """Give the images that are gone when this one is deleted: itself, and perhaps the other names of its digest.

        Raises:
            RegistryUnavailable: it cannot be found out now.
        """
        images = (await self.list()).images
        return [other for other in images if other.name == image.name or (siblings and other.digest == image.digest)]


def _compared(image: Image, pushed: Collection[str]) -> Image:
    return replace(image, changed_outside=image.digest not in pushed) if pushed else image


def _dated(image: Image, now: str) -> Image:
    why = why_outdated(image.settings, now)
    return image if image.outdated == why else replace(image, outdated=why)
