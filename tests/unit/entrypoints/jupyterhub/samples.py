"""Images and profiles as a service offers them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub.offers import Offer, OfferedImage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = Profile("small", "Small", "For lessons", cpu=0.5, memory=1024**3)
GPU = Profile("gpu", "With GPU", node_selector={"gpu": "yes"})


def image(number: int = 1, **changes: object) -> OfferedImage:
    plain = OfferedImage(
        service="repo2docker",
        id=f"{number:024x}",
        name=f"localhost/r2d/example.org--a--b{number}:{'a' * 40}",
        reference=f"localhost/r2d/example.org--a--b{number}@sha256:{number:064x}",
        title="",
        description="",
        repo=f"https://example.org/a/b{number}",
        ref="main",
        commit="0123456789" * 4,
        subdir="",
        owner="user:alice",
        created_at=datetime(2026, 2, 26, 12, tzinfo=UTC),
        private=False,
        featured=False,
        default=False,
        profile="",
        launchable=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields of an image


def offer(*images: OfferedImage, profiles: tuple[Profile, ...] = (), away: tuple[str, ...] = ()) -> Offer:
    pages = {"repo2docker": "/jhub/services/repo2docker/"}
    return Offer(images, {"repo2docker": profiles}, pages, away)
