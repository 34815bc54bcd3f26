"""Which outdated images are to be built again, and which of them next: told by images and builds alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from repo2docker_service.domain.models import Build, BuildState, Image, ImageName
from repo2docker_service.domain.naming import place


class Standing(StrEnum):
    """Where the rebuild of an outdated image is."""

    UNDER_WAY = "under-way"
    """A build of it is queued or runs, whoever asked for that."""
    WAITING = "waiting"
    SKIPPED = "skipped"
    """It is not built again by itself."""


PROTECTED: Final = "The catalog protects it, so it is not replaced."
PRIVATE: Final = "It is private, and what opens its repository is not kept. Its owner can build it again, with force."
GONE: Final = "It is not there any more."
CANCELLED: Final = "The build that was to replace it was cancelled."
NOT_SEEN: Final = "It was built again, and the registry still tells of the image before."
NOT_OUTDATED: Final = "It is not outdated."


@dataclass(frozen=True, slots=True)
class Rebuild:
    """An outdated image, and what becomes of it."""

    image: Image
    standing: Standing
    why_skipped: str = ""
    """A sentence; empty unless it is skipped."""
    build_id: str = ""
    """The build that is under way, or that has tried last; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator wants built again."""

    only: Collection[ImageName] | None = None
    """Only these, also where that has failed before; None: all outdated images. Those under way are told anyway."""
    failed_before: datetime | None = None
    """Also those for which it has failed before this time; None: none for which it has failed."""

    def names(self, image: Image) -> bool:
        """Whether an image is named, be it for nothing as it is not outdated."""
        return self.only is not None and image.name in self.only

    def wants_again(self, build: Build) -> bool:
        """Whether an image is to be tried again whose last build has ended like this."""
        if self.only is not None:
            return True
        return self.failed_before is not None and (build.finished_at or build.created_at) < self.failed_before


EVERYTHING: Final = Wanted()


def rebuilds(
    images: Iterable[Image], builds: Iterable[Build], settings: str, wanted: Wanted = EVERYTHING
) -> Sequence[Rebuild]:
    """Say of each outdated image what becomes of it: those under way, those that wait in their turn, those skipped.

    Args:
        images: all, with what the catalog says of them and whether they are outdated.
        builds: all that are on record.
        settings: with what images are built now.
        wanted: which ones.
    """
    candidates = [image for image in images if image.outdated or wanted.names(image)]
    latest = _latest({image.name for image in candidates}, builds)
    found = [_rebuild(image, latest.get(image.name), settings, wanted) for image in candidates]
    if wanted.only is not None:
        found = [each for each in found if wanted.names(each.image) or each.standing is Standing.UNDER_WAY]
    return by_standing(_in_turn(found))


def by_standing(found: Iterable[Rebuild]) -> Sequence[Rebuild]:
    """Put those under way first, then those that wait, then those skipped; among themselves they stay in order."""
    return sorted(found, key=lambda each: list(Standing).index(each.standing))


def _latest(names: Collection[ImageName], builds: Iterable[Build]) -> Mapping[ImageName, Build]:
    latest: dict[ImageName, Build] = {}
    for build in builds:
        known = latest.get(build.plan.image)
        if build.plan.image in names and (known is None or build.created_at > known.created_at):
            latest[build.plan.image] = build
    return latest


def _rebuild(image: Image, build: Build | None, settings: str, wanted: Wanted) -> Rebuild:
    build_id = build.id if build is not None else ""
    if build is not None and not build.state.ended:
        return Rebuild(image, Standing.UNDER_WAY, build_id=build_id)
    tried = build if build is not None and _has_tried(build, image, settings) else None
    why = _why_skipped(image, tried, wanted)
    return Rebuild(image, Standing.SKIPPED if why else Standing.WAITING, why, tried.id if tried is not None else "")


def _has_tried(build: Build, image: Image, settings: str) -> bool:
    """Whether a build was to make the image as it would be made now. What is not known of it speaks for that."""
    return build.created_at > image.created_at and build.settings in ("", settings)


def _why_skipped(image: Image, tried: Build | None, wanted: Wanted) -> str:
    if not image.outdated:
        return NOT_OUTDATED
    if image.curation.protected:
        return PROTECTED
    if image.plan.private:
        return PRIVATE
    if tried is None or wanted.wants_again(tried):
        return ""
    if tried.state is BuildState.SUCCEEDED:
        return NOT_SEEN
    return CANCELLED if tried.state is BuildState.CANCELLED else f"Its last build failed: {tried.reason}."


def _in_turn(found: Iterable[Rebuild]) -> Sequence[Rebuild]:
    """Put the newest of each repository, folder and ref before all others: they are what people start."""
    newest_first = sorted(found, key=lambda each: (each.image.created_at, str(each.image.name)), reverse=True)
    seen: set[tuple[str, str, str]] = set()
    first: list[Rebuild] = []
    later: list[Rebuild] = []
    for each in newest_first:
        source = each.image.plan.source
        what = place(source.address), source.subdir, source.ref
        (later if what in seen else first).append(each)
        seen.add(what)
    return [*first, *later]
