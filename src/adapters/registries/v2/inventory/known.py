"""What is known of the registry's images, in memory: the list is answered from here."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from repo2docker_service.adapters.registries.v2.inventory.tables import Batch, Contents, TagRow
from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary
from repo2docker_service.domain.models import Image, ImageName

_MOST_GONE: Final = 10_000
"""Names that are remembered as gone, so that a late answer does not bring one back."""


class ReadImage(Protocol):
    """Tells what image a summary is of, under a name."""

    def __call__(self, name: ImageName, summary: Summary) -> Image | None:
        """Give the image, or None when it is not ours."""
        ...


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a tag pointed to when the registry was last asked."""

    digest: str
    checked_at: float
    """Seconds since the epoch."""
    asked: int
    """The ticket of the question; 0 when the answer was read from the cache."""


class KnownImages:
    """Tags, summaries and images as the registry last told them.

    Questions overlap, so each takes a ticket before it is asked, and an answer to an older question than the one that
    was last answered is dropped.

    Args:
        registry: the first part of all names.
        read: makes images of summaries.
        tell: is called with each name whose image appeared, changed or vanished.
    """

    def __init__(self, registry: str, read: ReadImage, tell: Callable[[ImageName], None]) -> None:
        self._registry = registry
        self._read = read
        self._tell = tell
        self._tags: dict[str, dict[str, Tagged]] = {}
        self._summaries: dict[str, Summary] = {}
        self._images: dict[ImageName, Image] = {}
        self._unreadable: set[ImageName] = set()
        self._gone: OrderedDict[ImageName, int] = OrderedDict()
        self._just_learnt: set[str] = set()
        self._tickets = 0
        self._new_summaries: dict[str, Summary] = {}
        self._new_tags: dict[tuple[str, str], TagRow] = {}

    def load(self, contents: Contents) -> None:
        """Take over what was remembered; nobody is told."""
        self._summaries |= contents.summaries
        for row in contents.tags:
            self._tags.setdefault(row.repository, {})[row.tag] = Tagged(row.digest, row.checked_at, 0)
            name = ImageName(self._registry, row.repository, row.tag)
            self._place(name, self._image_of(name, row.digest))

    def ticket(self) -> int:
        """Take a ticket for a question that is about to be asked."""
        self._tickets += 1
        return self._tickets

    def learn(self, summary: Summary) -> None:
        """Remember a summary; it holds for ever."""
        self._summaries[summary.digest] = summary
        self._new_summaries[summary.digest] = summary
        self._just_learnt.add(summary.digest)

    def observe(self, name: ImageName, digest: str | None, ticket: int) -> None:
        """Take in what a name points to, None for nothing."""
        known = self.tagged(name)
        if ticket < (known.asked if known else self._gone.get(name, 0)):
            return
        self._unreadable.discard(name)
        now = time.time()
        if digest is None:
            self._forget(name, ticket)
        else:
            self._tags.setdefault(name.repository, {})[name.tag] = Tagged(digest, now, ticket)
            self._gone.pop(name, None)
        if digest or known:
            row = TagRow(name.repository, name.tag, digest or "", now)
            self._new_tags[name.repository, name.tag] = row
        before = self._images.get(name)
        after = self._image_of(name, digest) if digest else None
        self._place(name, after)
        if before != after:
            self._tell(name)

    def tagged(self, name: ImageName) -> Tagged | None:
        """Give what is known of a name."""
        return self._tags.get(name.repository, {}).get(name.tag)

    def summary(self, digest: str) -> Summary | None:
        """Give the summary of a manifest, if it is known."""
        return self._summaries.get(digest)

    def image(self, name: ImageName) -> Image | None:
        """Give the image of that name, if it is ours."""
        return self._images.get(name)

    def images(self) -> Sequence[Image]:
        """Give all images of ours."""
        return tuple(self._images.values())

    def pass_over(self, name: ImageName) -> None:
        """Remember that what is under a name cannot be read, until it is looked at once more."""
        self._unreadable.add(name)

    def unreadable(self) -> Collection[ImageName]:
        """Give the names under which there is what cannot be read, and no image of ours is known."""
        return self._unreadable - self._images.keys()

    def repositories(self) -> Collection[str]:
        """Give the repositories that have tags."""
        return set(self._tags)

    def tags(self, repository: str) -> Mapping[str, Tagged]:
        """Give the tags of a repository."""
        return self._tags.get(repository, {})

    @property
    def has_new_summaries(self) -> bool:
        """Whether content was fetched that nobody has written down yet."""
        return bool(self._new_summaries)

    @property
    def unsaved(self) -> int:
        """How many things nobody has written down yet."""
        return len(self._new_summaries) + len(self._new_tags)

    def take_unsaved(self, as_of: datetime | None = None) -> Batch:
        """Give what has to be written down, for once."""
        batch = Batch(tuple(self._new_summaries.values()), tuple(self._new_tags.values()), as_of)
        self._new_summaries, self._new_tags = {}, {}
        return batch

    def everything(self, as_of: datetime | None = None) -> Batch:
        """Give all that is known, for a file that has nothing."""
        return Batch(tuple(self._summaries.values()), tuple(self._rows()), as_of)

    def tidy(self, present: Collection[ImageName]) -> None:
        """Drop summaries that no tag points to any more, and what could not be read and is not present any more."""
        self._unreadable.intersection_update(present)
        used = {tagged.digest for tags in self._tags.values() for tagged in tags.values()}
        # Who has just learnt one may still be asking something before a tag is seen to point to it.
        used |= self._just_learnt
        self._just_learnt = set()
        self._summaries = {digest: known for digest, known in self._summaries.items() if digest in used}

    def _rows(self) -> Iterator[TagRow]:
        for repository, tags in self._tags.items():
            for tag, known in tags.items():
                yield TagRow(repository, tag, known.digest, known.checked_at)

    def _forget(self, name: ImageName, ticket: int) -> None:
        tags = self._tags.get(name.repository, {})
        tags.pop(name.tag, None)
        if not tags:
            self._tags.pop(name.repository, None)
        self._gone[name] = ticket
        self._gone.move_to_end(name)
        if len(self._gone) > _MOST_GONE:
            self._gone.popitem(last=False)

    def _image_of(self, name: ImageName, digest: str) -> Image | None:
        shown = self._images.get(name)
        if shown is not None and shown.digest == digest:
            return shown
        summary = self._summaries.get(digest)
        return self._read(name, summary) if summary else None

    def _place(self, name: ImageName, image: Image | None) -> None:
        if image is None:
            self._images.pop(name, None)
        else:
            self._images[name] = image
