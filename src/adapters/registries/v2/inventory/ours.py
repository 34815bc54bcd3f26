"""Tells which images are ours, by what is signed in their labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Image, ImageName
from repo2docker_service.domain.records import (
    INSTANCE_LABEL,
    LAUNCHABLE_LABEL,
    RECORD_LABEL,
    SIGNATURE_LABEL,
    read_image_labels,
    read_launchable,
)

_OUR_LABELS: Final = frozenset({INSTANCE_LABEL, RECORD_LABEL, SIGNATURE_LABEL, LAUNCHABLE_LABEL})
# Only images that nobody built with this service's own builders have no time; they go to the end of the list.
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OurImages:
    """Makes images of the summaries of one installation's images."""

    installation: Installation

    def __call__(self, name: ImageName, summary: Summary) -> Image | None:
        """Give the image that a summary is of, or None when it is not ours, or not for that name."""
        known = read_image_labels(self.installation.signer, self.installation.instance, summary.labels, name)
        if known is None:
            return None
        plan, settings = known
        return Image(
            name,
            summary.digest,
            summary.created or _NO_TIME,
            summary.size,
            plan,
            launch_reference=f"{name.registry}/{name.repository}@{summary.digest}",
            settings=settings,
            launchable=read_launchable(summary.labels),
        )


def abridged(summary: Summary) -> Summary:
    """Leave out the labels that are not ours: they may be very long, and nobody asks for them."""
    return replace(summary, labels={key: value for key, value in summary.labels.items() if key in _OUR_LABELS})
