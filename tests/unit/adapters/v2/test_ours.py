"""What labels say of an image of ours is told, and kept; what others wrote there is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.adapters.v2.told_registry import INSTALLATION, name_of, summary_for

from repo2docker_service.adapters.registries.v2.inventory.ours import OurImages, abridged
from repo2docker_service.domain.records import LAUNCHABLE_LABEL


@pytest.mark.parametrize(("written", "told"), [("yes", True), ("no", False), ("unknown", None)])
def test_whether_a_hub_can_start_an_image_is_told_from_what_is_kept_of_it(written: str, told: bool | None) -> None:
    summary = summary_for(name_of())
    pushed = replace(summary, labels={**summary.labels, LAUNCHABLE_LABEL: written, "maintainer": "somebody"})

    kept = abridged(pushed)
    image = OurImages(INSTALLATION)(name_of(), kept)

    assert "maintainer" not in kept.labels
    assert image is not None
    assert image.launchable is told
