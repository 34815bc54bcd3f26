"""What every image builder must do, as tests."""

from __future__ import annotations

from repo2docker_service.testing.build_ends import BuildEnds
from repo2docker_service.testing.build_logs import BuildLogs
from repo2docker_service.testing.build_starts import BuildStarts
from repo2docker_service.testing.driving import Outcome, PlanFactory

__all__ = ["ImageBuilderContract", "Outcome", "PlanFactory"]


class ImageBuilderContract(BuildStarts, BuildLogs, BuildEnds):
    """Subclass this, and define these fixtures.

    Required:
        builder: an :class:`~repo2docker_service.domain.ports.ImageBuilder` in which nothing runs, and which runs
            ``concurrency`` builds at once.
        plan_factory: a :class:`~repo2docker_service.testing.driving.PlanFactory`.

    Optional:
        concurrency: how many builds run at once; 1 unless overridden.
        settle: seconds that a short build may take, or a cancelled one to stop; 60 unless overridden.
        other_builder: a second builder of the same installation; without it some tests are skipped.
        registry: where the builder delivers; without it nobody looks for images.
    """
