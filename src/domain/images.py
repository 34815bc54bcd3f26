"""The use cases around images: list, find, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import ImageNotFound, ImageProtected, InvalidInput, RegistryUnavailable
from repo2docker_service.domain.inputs import check_address
from repo2docker_service.domain.models import Identity, Image, ImageName, Owner, Source
from repo2docker_service.domain.naming import ImageNaming, image_id, is_private, place
from repo2docker_service.domain.paging import Key, paginate
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import Registry
from repo2docker_service.domain.searching import holds_words


class Sort(StrEnum):
    """The orders in which images can be listed."""

    NEWEST = "newest"
    NAME = "name"
    SIZE = "size"
    FEATURED = "featured"


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images are wanted; empty means any."""

    name: str = ""
    """The exact full name, the id, or what a spawner starts."""
    repo: str = ""
    """The address of the repository."""
    ref: str = ""
    """The branch or tag that it was built from, or its commit."""
    owner: Owner | None = None
    q: str = ""
    """Words that all occur in name, address, ref, commit, folder, title, description or the owner's name."""

    def wants(self, image: Image) -> bool:
        """Whether an image passes."""
        plan = image.plan
        return (
            (not self.name or self.name in _names_of(image))
            and (not self.repo or place(self.repo) == place(plan.source.address))
            and self.ref in ("", plan.source.ref, plan.commit)
            and self.owner in (None, plan.owner)
            and holds_words(self.q, plan, str(image.name), image.title, image.description)
        )


def _names_of(image: Image) -> tuple[str, str, str]:
    name = str(image.name)
    return name, image.launch_reference, image_id(name)


@dataclass(frozen=True, slots=True)
class ImagePage:
    """A page of images, with how fresh the knowledge is."""

    items: Sequence[Image]
    next: str | None
    total: int
    as_of: datetime
    stale: bool
    partial: bool
    unreadable: Sequence[ImageName] = ()
    """What is there, and is not given in a way that can be read: the first of it by name."""


_MOST_UNREADABLE: Final = 100
_ORDERS: Final[Mapping[Sort, Callable[[Image], Key]]] = {
    Sort.NEWEST: lambda image: (image.created_at.timestamp(), str(image.name)),
    Sort.NAME: lambda image: (str(image.name), ""),
    Sort.SIZE: lambda image: (image.size, str(image.name)),
    Sort.FEATURED: lambda image: (_prominence(image), str(image.name)),
}


def _prominence(image: Image) -> str:
    rank = 2 if image.curation.default else int(image.curation.featured)
    return f"{rank} {image.created_at.timestamp():020.6f}"


@dataclass(frozen=True)
class ImageService:
    """What people can do with images. Items that a caller may not know of are answered as missing."""

    registry: Registry
    naming: ImageNaming
    policy: Policy
    curated: CuratedImages

    @property
    def after_delete(self) -> str:
        """What people should know who deleted an image; empty when there is nothing to know."""
        return self.registry.after_delete

    async def list(
        self,
        who: Identity,
        wanted: ImageFilter = ImageFilter(),
        *,
        sort: Sort = Sort.NEWEST,
        limit: int = 50,
        cursor: str = "",
        visible_to: Owner | None = None,
        groups: Collection[str] = (),
    ) -> ImagePage:
        """Give the images that the caller may know of: newest, largest or most prominent first, or by name.

        Args:
            who: the caller.
            wanted: which ones.
            sort: in which order.
            limit: how many at most.
            cursor: where a page before ended.
            visible_to: only those that this one may know of, who is perhaps somebody else.
            groups: which groups somebody else is in, as the caller says.

        Raises:
            InvalidInput: the address cannot be one, or it is not said whose the groups are.
            Forbidden: the caller may read nothing at all, or not on behalf of that one.
            BadCursor: the cursor was not given out by this method for this order.
        """
        if groups and visible_to is None:
            raise InvalidInput("group", "Say with visible_to who is in these groups.")
        sees = self.policy.sight_on_behalf_of(who, visible_to or who.owner, groups)
        wanted = replace(wanted, repo=check_address(wanted.repo)) if wanted.repo else wanted
        known = await self.curated.list()
        images = [image for image in known.images if wanted.wants(image) and sees(image)]
        page = paginate(images, _ORDERS[sort], limit=limit, cursor=cursor, descending=sort is not Sort.NAME)
        items = await self.curated.compared(page.items)
        # Whose they are cannot be read either.
        unreadable = [] if visible_to else [name for name in known.unreadable if self._may_hear_of(who, name)]
        return ImagePage(
            items,
            page.next,
            page.total,
            known.as_of,
            known.stale,
            known.partial,
            sorted(unreadable, key=str)[:_MOST_UNREADABLE],
        )

    async def known(self, who: Identity) -> Sequence[Image]:
        """Give all images that the caller may know of, in no order. Whether they are what was built is not looked at.

        Raises:
            RegistryUnavailable: the registry does not answer, and nothing is known of it.
        """
        sees = self.policy.sight_of(who)
        return [image for image in (await self.curated.list()).images if sees(image)]

    async def get(self, who: Identity, identifier: str) -> Image:
        """Give one image by its id.

        Raises:
            ImageNotFound: there is none, or none that the caller may know of.
        """
        return await self._get(who, identifier, lambda image: image_id(str(image.name)))

    async def find(self, who: Identity, given: str) -> Image:
        """Give one image by its id or by its full name.

        Raises:
            ImageNotFound: there is none, or none that the caller may know of.
        """
        by_name = ":" in given
        return await self._get(who, given, lambda image: str(image.name) if by_name else image_id(str(image.name)))

    async def _get(self, who: Identity, given: str, key: Callable[[Image], str]) -> Image:
        for image in (await self.curated.list()).images:
            if key(image) == given and self.policy.sees(who, image):
                return (await self.curated.compared([image]))[0]
        raise ImageNotFound(given)

    async def delete(self, who: Identity, identifier: str, digest: str, *, siblings: bool = False) -> Image:
        """Remove an image if its name still points to the digest that the caller saw; gives what was removed.

        Raises:
            ImageNotFound: there is none, or none that the caller may know of.
            Forbidden: it is somebody else's, or one is that would vanish with it.
            ImageProtected: the catalog keeps it, or one that would vanish with it.
            ImageMoved, ImageInUse, ImageHasSiblings, DeletionRefused: as the registry says.
        """
        image = await self.get(who, identifier)
        for vanishing in (image, *await self.curated.vanishing_with(image, siblings=siblings)):
            self.policy.require_delete(who, vanishing)
            if vanishing.curation.protected:
                raise ImageProtected(str(vanishing.name))
        await self.registry.delete(image.name, digest, siblings=siblings)
        return image

    async def watch(self, who: Identity) -> AsyncIterator[ImageName]:
        """Give the name of each image that appeared, changed or vanished, as far as the caller may know of it.

        Raises:
            Forbidden: the caller may read nothing at all.
        """
        self.policy.require_read(who)
        return (name async for name in self.registry.watch() if await self._knows(who, name))

    async def _knows(self, who: Identity, name: ImageName) -> bool:
        image = await self.registry.recall(name)
        if image is None:
            return self._may_hear_of(who, name)
        try:
            return self.policy.sees(who, await self.curated.curate(image))
        except RegistryUnavailable:
            return False  # a change of what nobody can see

    def _may_hear_of(self, who: Identity, name: ImageName) -> bool:
        """Whether an image may be spoken of that cannot be asked for its owner: it vanished, or cannot be read."""
        if self.policy.is_admin(who):
            return True
        if is_private(name) or not self.policy.reads_all_that_is_shared(who):
            return False
        about = [entry for entry in self.curated.entries() if self._repository(entry) == name.repository]
        return all(self.policy.is_among(who, entry.curation.groups) for entry in about)

    def _repository(self, entry: CatalogEntry) -> str:
        repository, tag = self.naming.shared(Source(entry.repo), entry.commit, {})
        return self.registry.destination(repository, tag).image.repository
