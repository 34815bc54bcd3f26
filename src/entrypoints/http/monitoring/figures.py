"""The figures that Prometheus reads. Their labels have few values: never a person, a repository or an image."""

from __future__ import annotations

from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from repo2docker_service import __version__
from repo2docker_service.domain.models import BuildState, Reason

PREFIX: Final = "repo2docker_service"
_ANSWERS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BUILDS: Final = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 5400, 7200)
_WAITS: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
_LAGS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

_ENDS: Final = (
    *((BuildState.FAILED, reason.value) for reason in Reason),
    *((state, "") for state in BuildState if state.ended and state is not BuildState.FAILED),
)
"""Every state that a build may end in, with the reason where it has one."""


class Figures:
    """All figures of one application; each application has its own, also where several are in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info(PREFIX, "The version that runs.", registry=self.registry).info({"version": __version__})
        counter = partial(Counter, namespace=PREFIX, registry=self.registry)
        gauge = partial(Gauge, namespace=PREFIX, registry=self.registry)
        histogram = partial(Histogram, namespace=PREFIX, registry=self.registry)

        self.requests = counter("requests", "Requests answered.", ("method", "route", "code"))
        text = "Time until an answer began."
        self.request_duration = histogram("request_duration_seconds", text, ("method", "route"), buckets=_ANSWERS)
        self.streams_open = gauge("streams_open", "Streams of events that somebody reads now.", ("route",))

        self.builds = gauge("builds", "Builds on record, by state.", ("state",))
        text = "For how long the build has waited that waits longest; 0 when none does."
        self.longest_wait = gauge("build_queue_longest_wait_seconds", text)
        text = "Builds that have ended, with the reason of a failure."
        self.builds_ended = counter("builds_ended", text, ("state", "reason"))
        # From 0 on: a rate tells nothing of the first of a series that was not there before.
        for state, reason in _ENDS:
            self.builds_ended.labels(state, reason)
        text = "Time from the start of a build to its end."
        self.build_duration = histogram("build_duration_seconds", text, ("state",), buckets=_BUILDS)
        text = "Time that a build waited for its start, counted when it ends."
        self.build_queue_duration = histogram("build_queue_duration_seconds", text, buckets=_WAITS)

        self.part_up = gauge("part_up", "Whether a part that the service stands on answers.", ("part",))
        self.part_answer = gauge("part_answer_seconds", "How long its last answer took.", ("part",))
        text = "Things about a part that an administrator should change, though it works as it is."
        self.warnings = gauge("part_warnings", text, ("part",))
        text = "Builds that have ended and whose logs could not be archived yet."
        self.logs_to_archive = gauge("logs_to_archive", text)
        self.disk_free = gauge("disk_free_bytes", "Space that is free where images are made.")
        self.disk_reserve = gauge("disk_reserve_bytes", "Space that has to be free for a build to begin.")
        text = "How much later than due the process got round to something."
        self.loop_lag = histogram("event_loop_lag_seconds", text, buckets=_LAGS)
