"""Counts builds that have ended, by looking at the list of all: nothing is missed while nobody looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from repo2docker_service.domain.models import Build
from repo2docker_service.entrypoints.http.monitoring.figures import Figures


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


@dataclass
class BuildEnds:
    """Remembers which ends are counted. Those from before the process began are not its to count."""

    figures: Figures
    since: datetime = field(default_factory=now)
    _ended: set[str] = field(default_factory=set)

    def look(self, builds: Iterable[Build]) -> None:
        """Count the builds that have ended since the last look."""
        ended = {build.id: build for build in builds if build.state.ended and not build.reused}
        for identifier in ended.keys() - self._ended:
            self._count(ended[identifier])
        # What is on record no more cannot end again.
        self._ended = set(ended)

    def _count(self, build: Build) -> None:
        if build.finished_at is None or build.finished_at < self.since:
            return
        self.figures.builds_ended.labels(build.state, build.reason or "").inc()
        if build.started_at is not None:
            seconds = (build.finished_at - build.started_at).total_seconds()
            self.figures.build_duration.labels(build.state).observe(max(0.0, seconds))
            waited = (build.started_at - build.created_at).total_seconds()
            self.figures.build_queue_duration.observe(max(0.0, waited))
