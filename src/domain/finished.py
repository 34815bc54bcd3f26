"""What an image tells of the build that made it."""

from __future__ import annotations

from repo2docker_service.domain.models import Build, BuildState, Image


def finished_build(image: Image) -> Build:
    """Give the build that made an image, as far as the image tells."""
    return Build(
        plan=image.plan,
        state=BuildState.SUCCEEDED,
        created_at=image.created_at,
        finished_at=image.created_at,
        digest=image.digest,
        launchable=image.launchable,
        reused=True,
    )
