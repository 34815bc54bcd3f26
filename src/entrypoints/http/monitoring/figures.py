"""The figures that Prometheus reads. Their labels have few values: never a person, a repository or an image."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from repo2docker_service import __version__

PREFIX: Final = "repo2docker_service"
_ANSWERS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BUILDS: Final = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 5400, 7200)
_WAITS: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
_LAGS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Figures:
    """All figures of one application; each application has its own, also where several are in one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info(PREFIX, "The version that runs.", registry=registry).info({"version": __version__})
        self.requests = Counter(
            f"{PREFIX}_requests", "Requests answered.", ("method", "route", "code"), registry=registry
        )
        self.request_duration = Histogram(
            f"{PREFIX}_request_duration_seconds",
            "Time until an answer began.",
            ("method", "route"),
            buckets=_ANSWERS,
            registry=registry,
        )
        self.streams_open = Gauge(
            f"{PREFIX}_streams_open", "Streams of events that somebody reads now.", ("route",), registry=registry
        )
        self.builds = Gauge(f"{PREFIX}_builds", "Builds on record, by state.", ("state",), registry=registry)
        self.longest_wait = Gauge(
            f"{PREFIX}_build_queue_longest_wait_seconds",
            "For how long the build has waited that waits longest; 0 when none does.",
            registry=registry,
        )
        self.builds_ended = Counter(
            f"{PREFIX}_builds_ended",
            "Builds that have ended, with the reason of a failure.",
            ("state", "reason"),
            registry=registry,
        )
        self.build_duration = Histogram(
            f"{PREFIX}_build_duration_seconds",
            "Time from the start of a build to its end.",
            ("state",),
            buckets=_BUILDS,
            registry=registry,
        )
        self.build_queue_duration = Histogram(
            f"{PREFIX}_build_queue_duration_seconds",
            "Time that a build waited for its start, counted when it ends.",
            buckets=_WAITS,
            registry=registry,
        )
        self.part_up = Gauge(
            f"{PREFIX}_part_up", "Whether a part that the service stands on answers.", ("part",), registry=registry
        )
        self.part_answer = Gauge(
            f"{PREFIX}_part_answer_seconds", "How long its last answer took.", ("part",), registry=registry
        )
        self.disk_free = Gauge(
            f"{PREFIX}_disk_free_bytes", "Space that is free where images are made.", registry=registry
        )
        self.disk_reserve = Gauge(
            f"{PREFIX}_disk_reserve_bytes", "Space that has to be free for a build to begin.", registry=registry
        )
        self.loop_lag = Histogram(
            f"{PREFIX}_event_loop_lag_seconds",
            "How much later than due the process got round to something.",
            buckets=_LAGS,
            registry=registry,
        )
