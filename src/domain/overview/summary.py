"""What administrators want to know at a glance, made from all builds and all images."""

from __future__ import annotations

import heapq
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from repo2docker_service.domain.failures.causes import CauseKind
from repo2docker_service.domain.models import Build, BuildState, Image, ImageList, Owner, Reason
from repo2docker_service.domain.orders.quotas import Quotas

_IMAGES: Final = 10
_OWNERS: Final = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, of some builds."""

    count: int
    """Of how many that is known."""
    median: float | None
    """Seconds; None of none."""
    ninetieth: float | None
    """Seconds within which nine of ten were done; None of none."""


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What there is to know of the builds on record."""

    states: Mapping[BuildState, int]
    longest_wait: float
    """For how many seconds the build has waited that waits longest; 0 when none does."""
    durations: Spread
    """From start to end, of those that have succeeded."""
    waits: Spread
    """From request to start, of all that have started."""
    reasons: Mapping[Reason, int]
    causes: Mapping[CauseKind, int]
    """Of those failures for which somebody has looked."""


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """What there is to know of the images."""

    count: int
    size: int
    """Bytes; what images share counts for each of them."""
    biggest: Sequence[Image]
    oldest: Sequence[Image]
    outdated: Mapping[str, int] | None
    """How many there are for each reason; None where that cannot be told."""
    partial: bool
    """Whether there may be images that the service does not know of."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of its limits an owner has used."""

    owner: Owner
    builds: int
    """Queued or running."""
    images: int
    size: int
    """Bytes of its images."""
    quotas: Quotas

    @property
    def fullness(self) -> float:
        """The greater part that is used of a limit; 0 where there is none."""
        limits = ((self.builds, self.quotas.builds), (self.images, self.quotas.images))
        return max((used / limit for used, limit in limits if limit), default=0.0)


def summarize_builds(
    builds: Sequence[Build], now: datetime, cause_of: Callable[[Build], CauseKind | None]
) -> BuildSummary:
    """Count builds, and how long they took.

    Args:
        builds: all on record.
        now: the time.
        cause_of: gives what went wrong in a failed build, as far as that is known.
    """
    waiting = [build.created_at for build in builds if build.state is BuildState.QUEUED]
    failed = [build for build in builds if build.reason is not None]
    succeeded = [build for build in builds if build.state is BuildState.SUCCEEDED]
    return BuildSummary(
        states=Counter(build.state for build in builds),
        longest_wait=_seconds(min(waiting, default=now), now),
        durations=_spread(
            _seconds(build.started_at, build.finished_at)
            for build in succeeded
            if build.started_at is not None and build.finished_at is not None
        ),
        waits=_spread(_seconds(build.created_at, build.started_at) for build in builds if build.started_at is not None),
        reasons=Counter(build.reason for build in failed if build.reason is not None),
        causes=Counter(cause for build in failed if (cause := cause_of(build)) is not None),
    )


def summarize_images(known: ImageList, *, tells_outdated: bool = True) -> ImageSummary:
    """Count images, and find those that stand out.

    Args:
        known: all images.
        tells_outdated: whether it can be told now which of them are outdated.
    """
    images = known.images
    return ImageSummary(
        count=len(images),
        # One image may have several names.
        size=sum({image.digest: image.size for image in images}.values()),
        biggest=heapq.nlargest(_IMAGES, images, key=lambda image: (image.size, str(image.name))),
        oldest=heapq.nsmallest(_IMAGES, images, key=lambda image: (image.created_at, str(image.name))),
        outdated=Counter(image.outdated for image in images if image.outdated) if tells_outdated else None,
        partial=known.partial,
    )


def fullest(builds: Iterable[Build], images: Iterable[Image], quotas_of: Callable[[Owner], Quotas]) -> Sequence[Usage]:
    """Give the owners that are nearest to their limits, or that have most where they have none."""
    under_way = Counter(build.plan.owner for build in builds if not build.state.ended)
    kept: Counter[Owner] = Counter()
    sizes: Counter[Owner] = Counter()
    for image in images:
        kept[image.plan.owner] += 1
        sizes[image.plan.owner] += image.size
    usages = (
        Usage(owner, under_way[owner], kept[owner], sizes[owner], quotas_of(owner))
        for owner in under_way.keys() | kept.keys()
    )
    return heapq.nlargest(_OWNERS, usages, key=lambda each: (each.fullness, each.size, each.builds, str(each.owner)))


def _seconds(start: datetime, end: datetime) -> float:
    # Clocks are set back at times.
    return max((end - start).total_seconds(), 0.0)


def _spread(values: Iterable[float]) -> Spread:
    ordered = sorted(values)
    if not ordered:
        return Spread(0, None, None)
    ninetieth = ordered[math.ceil(0.9 * len(ordered)) - 1]
    return Spread(len(ordered), statistics.median(ordered), ninetieth)
