"""A registry for a service that a Hub starts: in memory, with images of everybody in it from the beginning."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repo2docker_service import hookimpl
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.models import BuildPlan, Image, ImageName, Owner, Source
from repo2docker_service.domain.ports import Registry
from repo2docker_service.hookspecs import Register

HOSTILE = "<img src=x onerror=alert(1)>\"'"
SHARED, OF_ALICE, OF_BEN, OF_COURSE, ODD, SERVERLESS = "shared", "alices", "bens", "courses", "odd", "serverless"
OWNERS: Mapping[str, str] = {
    SHARED: "user:carol",
    OF_ALICE: "user:alice",
    OF_BEN: "user:ben",
    OF_COURSE: "group:course-a",
    ODD: "user:carol",
    SERVERLESS: "user:carol",
}
PRIVATE = (OF_ALICE, OF_BEN, OF_COURSE)


def reference(word: str) -> str:
    """Give what a spawner starts for an image."""
    return f"localhost/r2d/{word}@sha256:{'1' * 64}"


def image(word: str) -> Image:
    """Give one of the images."""
    owner = Owner.parse(OWNERS[word])
    plan = BuildPlan(
        id=secrets.token_hex(16),
        source=Source(f"https://example.org/{word}"),
        commit="a" * 40,
        image=ImageName("localhost", f"r2d/{word}", "a" * 40),
        owner=owner,
        requested_by=owner,
        private=word in PRIVATE,
        title=HOSTILE if word == ODD else "",
    )
    known = Image(plan.image, f"sha256:{'1' * 64}", datetime.now(UTC), 1, plan, reference(word))
    return replace(known, launchable=word != SERVERLESS)


class SeededRegistry(InMemoryRegistry):
    """Has all the images in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for word in OWNERS:
            self.put(image(word))


@hookimpl
def register_registries(register: Register[Registry]) -> None:
    """Offer it as ``seeded``."""
    register("seeded", SeededRegistry)


def install(folder: Path) -> str:
    """Make this module a plugin of who starts with the PYTHONPATH that is given back."""
    package = folder / "seeded_registry-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: seeded-registry\nVersion: 1\n")
    (package / "entry_points.txt").write_text(f"[repo2docker_service]\nseeded = {__name__}\n")
    return f"{folder}:{Path(__file__).parents[3]}"
