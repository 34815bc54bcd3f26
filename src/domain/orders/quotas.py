"""How much one owner may have at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from repo2docker_service.domain.errors import QuotaExceeded
from repo2docker_service.domain.models import Build, Owner
from repo2docker_service.domain.orders.estimates import seconds_until_room


@dataclass(frozen=True, slots=True)
class Quotas:
    """The limits for each owner; 0 sets none."""

    builds: int = 0
    """Queued or running."""
    images: int = 0
    """Stored."""

    def require_room_for_build(self, builds: Collection[Build], owner: Owner) -> None:
        """Refuse a build to an owner who has as many under way as the rule allows.

        Raises:
            QuotaExceeded: says when to try again.
        """
        count = len(under_way(builds, owner))
        if self.builds and count >= self.builds:
            rule = f"{owner} has {_some(count, 'build')} queued or running, and may have {self.builds}."
            raise QuotaExceeded(rule, seconds_until_room(builds))

    def require_room_for_image(self, builds: Collection[Build], stored: int, owner: Owner) -> None:
        """Refuse a build to an owner whose images, those that are being built counted, are as many as allowed.

        Raises:
            QuotaExceeded: no waiting helps, only deleting.
        """
        making = len(under_way(builds, owner))
        if self.images and stored + making >= self.images:
            with_them = f" and is building {making} more" if making else ""
            raise QuotaExceeded(f"{owner} has {_some(stored, 'image')}{with_them}, and may keep {self.images}.")


NO_LIMITS: Final = Quotas()


def under_way(builds: Collection[Build], owner: Owner) -> list[Build]:
    """Give an owner's builds that have not ended."""
    return [build for build in builds if not build.state.ended and build.plan.owner == owner]


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
