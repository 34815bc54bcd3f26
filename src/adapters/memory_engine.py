"""What the in-memory builder and the in-memory registry of one installation share: a pretended engine."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from weakref import WeakValueDictionary

from repo2docker_service.adapters.changes import Changes
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Image, ImageName
from repo2docker_service.domain.retention.retention import LocalCopy


class Bell:
    """Wakes all who wait for the next ring."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait now."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self) -> None:
        """Return at the next ring."""
        await self._rung.wait()


@dataclass(eq=False)
class Run:
    """A build with its log."""

    build: Build
    lines: list[str] = field(default_factory=list)
    changed: Bell = field(default_factory=Bell)
    pushed: str = ""
    """The digest of what it has delivered."""


@dataclass(eq=False)
class MemoryEngine:
    """Builds and images of one installation, for as long as an adapter holds on to them."""

    installation: Installation
    runs: dict[str, Run] = field(default_factory=dict)
    images: dict[ImageName, Image] = field(default_factory=dict)
    users: dict[ImageName, list[str]] = field(default_factory=dict)
    """Of images, what runs from each."""
    copies: dict[ImageName, LocalCopy] = field(default_factory=dict)
    build_changes: Changes[Build] = field(default_factory=Changes)
    image_changes: Changes[ImageName] = field(default_factory=Changes)

    @classmethod
    def of(cls, installation: Installation) -> MemoryEngine:
        """Give the one engine of that very installation object, so that its adapters find each other."""
        return _ENGINES.setdefault(id(installation), cls(installation))

    def has_built(self, plan: BuildPlan) -> bool:
        """Whether a build of the same repository has succeeded."""
        done = (run.build.plan for run in self.runs.values() if run.build.state is BuildState.SUCCEEDED)
        return any(each.source.address == plan.source.address for each in done)

    def store(self, image: Image) -> None:
        """Put an image under its name, in place of what was there."""
        self.images[image.name] = image
        self.image_changes.publish(image.name, image.name)

    def remove(self, name: ImageName) -> None:
        """Take an image away."""
        del self.images[name]
        self.image_changes.publish(name, name)


def step_ends(count: int, seconds: float, *, again: bool) -> Sequence[Sequence[str]]:
    """Give what is told at the end of each step, of which there is none before the first.

    Args:
        count: how many steps there are.
        seconds: how long each takes.
        again: whether the same was done before, so that some of it is kept.
    """
    kept = count // 3 if again else 0
    told = [f"#{step} {'CACHED' if step <= kept else f'DONE {seconds:.1f}s'}" for step in range(1, count + 1)]
    return [(), *((line,) for line in told)]


def pretended_image(plan: BuildPlan) -> Image:
    """Give the image that a pretended build of a plan makes: another one for each build."""
    digits = hashlib.sha256(plan.id.encode()).hexdigest()
    digest = f"sha256:{digits}"
    return Image(
        name=plan.image,
        digest=digest,
        created_at=datetime.now(UTC),
        size=500_000_000 + int(digits[:7], 16),
        plan=plan,
        launch_reference=f"{plan.image.registry}/{plan.image.repository}@{digest}",
        launchable=True,
    )


# An engine holds its installation, so an id is not given to another one while it is in here.
_ENGINES: Final[WeakValueDictionary[int, MemoryEngine]] = WeakValueDictionary()
