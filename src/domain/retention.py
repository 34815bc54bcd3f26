"""What only this service needs, and for how long: records and logs of ended builds, an engine's copies of images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from repo2docker_service.domain.models import Build, BuildState, ImageName, Reason


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept; None: for ever."""

    builds: timedelta | None = None
    """Records and logs of builds, from their end."""
    copies: timedelta | None = None
    """An engine's own copies of images that a registry holds, from when they were made."""

    @classmethod
    def in_days(cls, builds: float, copies: float) -> Retention:
        """Read numbers of days, 0 meaning for ever."""
        return cls(*(timedelta(days=days) if days else None for days in (builds, copies)))


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """An image that an engine has under its final name."""

    name: ImageName
    id: str
    """The engine's own."""
    build_id: str
    """The build that made it, by its signed record."""
    repo: str
    """The address of the repository that it was built from."""
    created_at: datetime
    size: int
    """Bytes; of what it shares with others too."""
    in_use: bool
    """Whether there is a container of it, running or not."""


def expired_builds(builds: Sequence[Build], retention: Retention, now: datetime) -> Sequence[Build]:
    """Give the builds that have ended long enough ago, the oldest first.

    An image that could not be delivered waits for somebody to try again. So its build is kept, and the one that made
    it, until a later build of the same image has succeeded.
    """
    if retention.builds is None:
        return []
    needed = {key for build in builds if not _is_over(build, builds) for key in (build.id, build.made_by)}
    expired = [build for build in builds if build.id not in needed and now - _end_of(build) > retention.builds]
    return sorted(expired, key=_end_of)


def _is_over(build: Build, builds: Iterable[Build]) -> bool:
    if build.reason is not Reason.PUSH_FAILED:
        return build.state.ended
    return any(
        later.state is BuildState.SUCCEEDED
        and later.plan.image == build.plan.image
        and later.created_at > build.created_at
        for later in builds
    )


def _end_of(build: Build) -> datetime:
    return build.finished_at or build.created_at


def spare_copies(
    copies: Sequence[LocalCopy], builds: Sequence[Build], retention: Retention, now: datetime
) -> Sequence[LocalCopy]:
    """Give the copies that are old enough and that nobody needs here, the oldest first.

    Kept are those in use, the newest of each repository, and those whose image is being built or could not be
    delivered. Whether the registry has the image, and whether it is protected, is not known here.
    """
    if retention.copies is None:
        return []
    newest: dict[str, LocalCopy] = {}
    for copy in sorted(copies, key=_age):
        newest[f"{copy.name.registry}/{copy.name.repository}"] = copy
    wanted = {copy.name for copy in newest.values()}
    wanted |= {build.plan.image for build in builds if not _is_over(build, builds)}
    # An image may have several names here: what is used under one of them is used.
    used = {copy.id for copy in copies if copy.in_use}
    spare = [copy for copy in copies if copy.name not in wanted and copy.id not in used]
    return sorted((copy for copy in spare if now - copy.created_at > retention.copies), key=_age)


def _age(copy: LocalCopy) -> tuple[datetime, str]:
    return copy.created_at, str(copy.name)
