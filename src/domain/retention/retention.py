"""How long things are kept: records and logs of ended builds, an engine's copies of images, and images themselves."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Image, ImageName, Reason
from repo2docker_service.domain.naming import place


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, None meaning for ever, and how many."""

    builds: timedelta | None = None
    """Records and logs of builds, from their end."""
    copies: timedelta | None = None
    """An engine's own copies of images that a registry holds, from when they were made."""
    count: int = 0
    """Records and logs of ended builds at most, of which the newest are kept; 0 sets no limit."""

    @classmethod
    def in_days(cls, builds: float, copies: float, count: int = 0) -> Retention:
        """Read numbers of days, 0 meaning for ever."""
        return cls(in_days(builds), in_days(copies), count)


def in_days(days: float) -> timedelta | None:
    """Read a number of days, 0 meaning for ever."""
    return timedelta(days=days) if days else None


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """An image that an engine has under its final name."""

    name: ImageName
    id: str
    """The engine's own."""
    plan: BuildPlan
    """The record of the build that made it, as it is signed in the image."""
    created_at: datetime
    size: int
    """Bytes; of what it shares with others too."""
    in_use: bool
    """Whether there is a container of it, running or not."""


@dataclass(frozen=True, slots=True)
class SpareCache:
    """What an engine keeps of the steps of builds beyond what it should."""

    size: int
    """Bytes."""
    since: datetime
    """When what is to go first was used last."""


def expired_builds(builds: Sequence[Build], retention: Retention, now: datetime) -> Sequence[Build]:
    """Give the builds that have ended long enough ago, or after which enough others have; the oldest first.

    An image that could not be delivered waits for somebody to try again. So its build is kept, and the one that made
    it, until a later build of the same image has succeeded.
    """
    needed = {key for build in _not_over(builds) for key in (build.id, build.made_by)}
    ended = sorted((build for build in builds if build.state.ended), key=end_of)
    too_many = max(len(ended) - retention.count, 0) if retention.count else 0
    return [
        build
        for place, build in enumerate(ended)
        if build.id not in needed and (place < too_many or is_older(end_of(build), retention.builds, now))
    ]


def why_expired(build: Build, retention: Retention, now: datetime) -> str:
    """Say in a sentence why an expired build is."""
    if is_older(end_of(build), retention.builds, now):
        return f"It ended more than {spoken(retention.builds)} ago."
    return f"It is not among the newest {retention.count} that have ended."


def spoken(age: timedelta | None) -> str:
    """Give a number of days as people say it."""
    days = (age or timedelta()) / timedelta(days=1)
    return f"{days:g} day{'' if days == 1 else 's'}"


def is_older(moment: datetime, age: timedelta | None, now: datetime) -> bool:
    """Whether something of that moment has the age by now; None is never reached."""
    return age is not None and now - moment > age


def _not_over(builds: Sequence[Build]) -> Sequence[Build]:
    """Give those that have not ended, and those whose image no later build has delivered."""
    delivered: dict[ImageName, datetime] = {}
    for build in builds:
        if build.state is BuildState.SUCCEEDED:
            image = build.plan.image
            delivered[image] = max(build.created_at, delivered.get(image, build.created_at))
    return [build for build in builds if not build.state.ended or _waits(build, delivered.get(build.plan.image))]


def _waits(build: Build, delivered: datetime | None) -> bool:
    """Whether its image could not be delivered, nor was by another build that was asked for after it."""
    return build.reason is Reason.PUSH_FAILED and (delivered is None or delivered <= build.created_at)


def end_of(build: Build) -> datetime:
    """Give when a build ended, or was asked for where its end is not known."""
    return build.finished_at or build.created_at


def spare_copies(
    copies: Sequence[LocalCopy], builds: Sequence[Build], retention: Retention, now: datetime
) -> Sequence[LocalCopy]:
    """Give the copies that are old enough and that nobody needs here, the oldest first.

    Kept are those in use, the newest of each repository, and those whose image is being built or could not be
    delivered. Whether the registry has the image, and whether it is protected, is not known here.
    """
    kept = _unfinished(builds) | _newest((copy, (copy.name.registry, *_where(copy))) for copy in copies)
    # An image may have several names here: what is used under one of them is used.
    used = {copy.id for copy in copies if copy.in_use}
    return [
        copy
        for copy in sorted(copies, key=_age)
        if copy.name not in kept and copy.id not in used and is_older(copy.created_at, retention.copies, now)
    ]


def old_images(
    images: Sequence[Image], builds: Sequence[Build], used: Collection[str], age: timedelta | None, now: datetime
) -> Sequence[Image]:
    """Give the images that were made long enough ago and that nobody is known to need, the oldest first.

    Kept are those in use, the newest of each owner, repository and folder, those that are being built again, and those
    that the catalog protects, features or has as the default.

    Args:
        images: all of them, with what the catalog says.
        builds: all of them.
        used: names, ids and launch references of images that something was started from.
        age: None for never.
        now: the time.
    """
    kept = _unfinished(builds) | _newest((image, (image.plan.owner, *_where(image))) for image in images)
    # An image may have several names: what is used under one of them is used.
    busy = {image.digest for image in images if is_used(image, used)}
    return [
        image
        for image in sorted(images, key=_age)
        if image.name not in kept
        and image.digest not in busy
        and not is_chosen(image)
        and is_older(image.created_at, age, now)
    ]


def is_used(image: Image, used: Collection[str]) -> bool:
    """Whether something was started from an image, by the names, ids and launch references of those that were used."""
    return str(image.name) in used or image.launch_reference in used


def is_chosen(image: Image) -> bool:
    """Whether an administrator has chosen it to be kept or to be offered first."""
    said = image.curation
    return said.protected or said.featured or said.default


def _unfinished(builds: Sequence[Build]) -> set[ImageName]:
    """Give the names whose images are being made, or wait to be delivered."""
    return {build.plan.image for build in _not_over(builds)}


def _where(item: LocalCopy | Image) -> tuple[str, str]:
    """Tell the source from others. Names do not: some registries have one repository for all images."""
    source = item.plan.source
    return place(source.address), source.subdir


def _newest(items: Iterable[tuple[LocalCopy | Image, Hashable]]) -> set[ImageName]:
    """Give the name of the newest item of each group."""
    found: dict[Hashable, LocalCopy | Image] = {}
    for item, group in items:
        if group not in found or _age(item) > _age(found[group]):
            found[group] = item
    return {item.name for item in found.values()}


def _age(item: LocalCopy | Image) -> tuple[datetime, str]:
    return item.created_at, str(item.name)
