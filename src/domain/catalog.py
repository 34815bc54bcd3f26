"""What administrators say of images: which to offer first, to whom, and which to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from repo2docker_service.domain.curation import NOTHING_SAID, Curation
from repo2docker_service.domain.models import Image


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """An image that an administrator has something to say of.

    With a commit it is the image of that commit; with a ref the newest image that was built from that ref.
    """

    repo: str
    """The address of the repository, in normal form."""
    ref: str = "HEAD"
    commit: str = ""
    subdir: str = ""
    curation: Curation = NOTHING_SAID

    def is_about(self, image: Image) -> bool:
        """Whether an image was built from what is named here, be it the newest or not."""
        plan = image.plan
        revision = self.commit == plan.commit if self.commit else self.ref == plan.source.ref
        return revision and (self.repo, self.subdir) == (plan.source.address, plan.source.subdir)


def curated(images: Iterable[Image], entries: Sequence[CatalogEntry]) -> Sequence[Image]:
    """Give the images, in no order, with what the catalog says of them; of two entries for one the first counts."""
    found = list(images)
    said: dict[str, Curation] = {}
    for entry in entries:
        named = [image for image in found if not image.plan.private and entry.is_about(image)]
        if named:
            newest = max(named, key=lambda image: (image.created_at, str(image.name)))
            said.setdefault(str(newest.name), entry.curation)
    return [replace(image, curation=said.get(str(image.name), NOTHING_SAID)) for image in found]
