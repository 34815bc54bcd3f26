"""The shape of the summary for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from repo2docker_service.domain.models import BuildState
from repo2docker_service.domain.overview.readiness import Part
from repo2docker_service.domain.overview.summarizing import Summary
from repo2docker_service.domain.overview.summary import BuildSummary, ImageSummary, Spread, Usage
from repo2docker_service.entrypoints.http import examples
from repo2docker_service.entrypoints.http.schemas import ImageShape
from repo2docker_service.entrypoints.http.shaping import image_shape, utc

Name = TypeVar("Name", bound=str)

_SPREAD: Final = {"count": 40, "median": 312.5, "ninetieth": 840.0}
_OUTDATED: Final = "Since it was built, these settings have changed: the appendix."
SUMMARY: Final[dict[str, Any]] = {
    "as_of": "2026-01-31T12:00:00Z",
    "parts": {"builder": {"ok": True, "seconds": 0.004}},
    "warnings": [{"part": "builder", "message": "The engine's live-restore is off."}],
    "builds": {
        "queued": 3,
        "building": 2,
        "pushing": 0,
        "ended": {"succeeded": 40, "failed": 2, "cancelled": 1},
        "longest_wait": 61.2,
        "durations": _SPREAD,
        "waits": _SPREAD,
        "reasons": {"build-failed": 2},
        "causes": {"package-not-found": 1},
    },
    "images": {
        "count": 1,
        "size": 812345678,
        "biggest": [examples.IMAGE],
        "oldest": [examples.IMAGE],
        "outdated": {_OUTDATED: 1},
        "partial": False,
    },
    "usage": [
        {
            "owner": "user:ada",
            "builds": 5,
            "builds_limit": 50,
            "images": 1,
            "images_limit": 0,
            "size": 812345678,
        }
    ],
    "disk": {"free": 53687091200, "reserve": 1073741824},
}


class WarningShape(BaseModel):
    """Something that works, and would be safer otherwise."""

    part: str
    message: Annotated[str, Field(description="What is the matter, and what to do about it.")]


class SpreadShape(BaseModel):
    """How long something took."""

    count: Annotated[int, Field(description="Of how many builds that is known.")]
    median: Annotated[float | None, Field(description="Seconds; null of none.")]
    ninetieth: Annotated[float | None, Field(description="Seconds within which nine of ten were done; null of none.")]


class BuildSummaryShape(BaseModel):
    """The builds on record."""

    queued: int
    building: int
    pushing: int
    ended: Annotated[dict[str, int], Field(description="How many have succeeded, failed or were cancelled.")]
    longest_wait: Annotated[
        float, Field(description="For how many seconds the build has waited that waits longest; 0 when none does.")
    ]
    durations: Annotated[SpreadShape, Field(description="From start to end, of those that have succeeded.")]
    waits: Annotated[SpreadShape, Field(description="From request to start.")]
    reasons: Annotated[dict[str, int], Field(description="How many have failed for which reason.")]
    causes: Annotated[
        dict[str, int], Field(description="What their logs tell, where somebody has asked for that build before.")
    ]


class ImageSummaryShape(BaseModel):
    """The images."""

    count: int
    size: Annotated[int, Field(description="Bytes; what images share counts for each of them.")]
    biggest: Annotated[list[ImageShape], Field(description="The ten that are biggest, the biggest first.")]
    oldest: Annotated[list[ImageShape], Field(description="The ten that are oldest, the oldest first.")]
    outdated: Annotated[
        dict[str, int] | None,
        Field(description="How many would be built otherwise now, by the reason; null where that cannot be told."),
    ]
    partial: Annotated[bool, Field(description="Whether there may be images that this service does not know of.")]


class UsageShape(BaseModel):
    """How much of its limits an owner has used; a limit of 0 is none."""

    owner: str
    builds: Annotated[int, Field(description="Queued or running.")]
    builds_limit: int
    images: int
    images_limit: int
    size: Annotated[int, Field(description="Bytes of its images.")]


class DiskShape(BaseModel):
    """The space where images are made."""

    free: Annotated[int | None, Field(description="Bytes; null where that cannot be seen.")]
    reserve: Annotated[int, Field(description="Bytes that have to be free for a build to begin.")]


class SummaryShape(BaseModel):
    """The whole service at a glance. What cannot be found out now is null."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUMMARY]})

    as_of: datetime
    parts: dict[str, Part]
    warnings: list[WarningShape]
    builds: BuildSummaryShape | None
    images: ImageSummaryShape | None
    usage: Annotated[
        list[UsageShape] | None, Field(description="The twenty owners that are nearest to their limits, or have most.")
    ]
    disk: DiskShape


def summary_shape(summary: Summary) -> SummaryShape:
    """Give it as the API tells it."""
    return SummaryShape(
        as_of=utc(summary.as_of),
        parts=dict(summary.parts),
        warnings=[WarningShape(part=each.part, message=each.message) for each in summary.cautions],
        builds=None if summary.builds is None else _builds(summary.builds),
        images=None if summary.images is None else _images(summary.images),
        usage=None if summary.usage is None else [_usage(each) for each in summary.usage],
        disk=DiskShape(free=summary.disk_free, reserve=summary.disk_reserve),
    )


def _builds(builds: BuildSummary) -> BuildSummaryShape:
    states = builds.states
    return BuildSummaryShape(
        queued=states.get(BuildState.QUEUED, 0),
        building=states.get(BuildState.BUILDING, 0),
        pushing=states.get(BuildState.PUSHING, 0),
        ended={state.value: states.get(state, 0) for state in BuildState if state.ended},
        longest_wait=round(builds.longest_wait, 1),
        durations=_spread(builds.durations),
        waits=_spread(builds.waits),
        reasons=_most_first(builds.reasons),
        causes=_most_first(builds.causes),
    )


def _images(images: ImageSummary) -> ImageSummaryShape:
    return ImageSummaryShape(
        count=images.count,
        size=images.size,
        biggest=[image_shape(each) for each in images.biggest],
        oldest=[image_shape(each) for each in images.oldest],
        outdated=None if images.outdated is None else _most_first(images.outdated),
        partial=images.partial,
    )


def _usage(usage: Usage) -> UsageShape:
    return UsageShape(
        owner=str(usage.owner),
        builds=usage.builds,
        builds_limit=usage.quotas.builds,
        images=usage.images,
        images_limit=usage.quotas.images,
        size=usage.size,
    )


def _spread(spread: Spread) -> SpreadShape:
    median, ninetieth = (None if each is None else round(each, 1) for each in (spread.median, spread.ninetieth))
    return SpreadShape(count=spread.count, median=median, ninetieth=ninetieth)


def _most_first(counts: Mapping[Name, int]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))}
