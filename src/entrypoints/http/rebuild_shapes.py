"""The shapes of requests and answers about building outdated images again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from repo2docker_service.domain.rebuilds.outdated import Rebuild, Standing
from repo2docker_service.domain.rebuilds.rebuilding import Rebuilds
from repo2docker_service.entrypoints.http import examples
from repo2docker_service.entrypoints.http.schemas import LONGEST_PAGE, Body, ImageShape, Name
from repo2docker_service.entrypoints.http.shaping import image_shape, known, utc

_OUTDATED: Final[dict[str, Any]] = {
    "image": examples.IMAGE | {"outdated": "Since it was built, these settings have changed: the appendix."},
    "state": "under-way",
    "build_id": "abcdef0123456789abcdef0123456789",
}


class RebuildsWanted(BaseModel):
    """Which of them to list."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[Standing | None, Field(description="Only those in this state.")] = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="How many at most.")] = 50


class RebuildWish(Body):
    """Which images to build again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"images": [examples.IMAGE["id"]]}]})

    images: Annotated[
        list[Name] | None,
        Field(
            max_length=LONGEST_PAGE,
            description="Ids of the images, also of some for which that has failed; null: all that are outdated.",
        ),
    ] = None
    failed_before: Annotated[
        AwareDatetime | None,
        Field(strict=False, description="Also those for which it has failed before this time."),
    ] = None


class RebuildShape(BaseModel):
    """An outdated image, and what becomes of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUTDATED]})

    image: ImageShape
    state: Annotated[
        Standing,
        Field(description="under-way: a build of it is queued or runs; skipped: it is not built again by itself."),
    ]
    why_skipped: str | None = None
    build_id: Annotated[
        str | None, Field(description="The build that is under way, or of one that is skipped the last that has tried.")
    ] = None


class RebuildsShape(BaseModel):
    """The outdated images: those under way, then those that wait, the next one first, then those that are skipped."""

    items: list[RebuildShape]
    under_way: Annotated[int, Field(description="How many there are in all, here and in what follows.")]
    waiting: int
    skipped: int
    at_once: Annotated[int, Field(description="How many may be under way at once.")]
    begun: Annotated[list[str], Field(description="Ids of the builds that this request has begun or joined.")]
    as_of: datetime
    partial: Annotated[bool, Field(description="Whether there may be images that this service does not know of.")]


def rebuilds_shape(found: Rebuilds, wanted: RebuildsWanted) -> RebuildsShape:
    """Give them as the API tells them; there may be thousands, so only some of them."""
    counts = found.counts()
    items = [each for each in found.items if wanted.state in (None, each.standing)]
    return RebuildsShape(
        items=[_rebuild_shape(each) for each in items[: wanted.limit]],
        under_way=counts[Standing.UNDER_WAY],
        waiting=counts[Standing.WAITING],
        skipped=counts[Standing.SKIPPED],
        at_once=found.at_once,
        begun=[build.id for build in found.begun],
        as_of=utc(found.as_of),
        partial=found.partial,
    )


def _rebuild_shape(each: Rebuild) -> RebuildShape:
    more = known(why_skipped=each.why_skipped or None, build_id=each.build_id or None)
    return RebuildShape(image=image_shape(each.image), state=each.standing, **more)
