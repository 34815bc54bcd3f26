"""What administrators say of images: which to offer first, to whom, and which to keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from repo2docker_service.domain.curation.curation import NOTHING_SAID, Curation
from repo2docker_service.domain.models import Image
from repo2docker_service.domain.naming import place

_Where = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """An image that an administrator has something to say of.

    With a commit it is the image of that commit; with a ref the newest image that was built from that ref. Older ones,
    and ones with build arguments, stay with the groups of the entry, and nothing else is said of them.
    """

    repo: str
    """The address of the repository, in normal form."""
    ref: str = "HEAD"
    commit: str = ""
    subdir: str = ""
    curation: Curation = NOTHING_SAID

    def is_about(self, image: Image) -> bool:
        """Whether an image was built from what is named here, be it the newest or not. Private ones never are."""
        plan = image.plan
        revision = self.commit == plan.commit if self.commit else self.ref == plan.source.ref
        return revision and not plan.private and self.where == _where(image)

    @property
    def where(self) -> _Where:
        """What tells repository and folder from others."""
        return place(self.repo), self.subdir


def curated(images: Iterable[Image], entries: Sequence[CatalogEntry]) -> Sequence[Image]:
    """Give the images, in the same order, with what is said of them; of two entries for one image the first counts."""
    found = list(images)
    near = _by_place(found) if entries else {}
    named = [_named(entry, near) for entry in entries]
    said: dict[str, Curation] = {}
    for entry, about in zip(entries, named, strict=True):
        # Whoever builds sets build arguments, and by them may change all that is in an image.
        for image in [image for image in about if not image.plan.build_args][:1]:
            said.setdefault(str(image.name), entry.curation)
    for entry, about in zip(entries, named, strict=True):
        for image in about:
            said.setdefault(str(image.name), Curation(groups=entry.curation.groups))
    return [_with(image, said.get(str(image.name), NOTHING_SAID)) for image in found]


def _by_place(images: Iterable[Image]) -> Mapping[_Where, Sequence[Image]]:
    # There may be thousands of images, and few of one repository.
    found: dict[_Where, list[Image]] = defaultdict(list)
    for image in images:
        found[_where(image)].append(image)
    return found


def _named(entry: CatalogEntry, near: Mapping[_Where, Sequence[Image]]) -> Sequence[Image]:
    about = [image for image in near.get(entry.where, ()) if entry.is_about(image)]
    return sorted(about, key=lambda image: (image.created_at, str(image.name)), reverse=True)


def _where(image: Image) -> _Where:
    source = image.plan.source
    return place(source.address), source.subdir


def _with(image: Image, curation: Curation) -> Image:
    return image if image.curation == curation else replace(image, curation=curation)
