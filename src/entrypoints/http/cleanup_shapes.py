"""The shapes of answers about what nobody needs any more, and about all that one owner has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from repo2docker_service.domain.retention.leftovers import Kind, Leftover
from repo2docker_service.domain.retention.removal import Holdings
from repo2docker_service.entrypoints.http import examples
from repo2docker_service.entrypoints.http.shaping import known, utc

LEFTOVER: Final[dict[str, Any]] = {
    "kind": "build",
    "name": examples.BUILD["id"],
    "repo": examples.BUILD["repo"],
    "since": "2026-01-31T12:05:00Z",
    "size": 0,
}


class _Shape(BaseModel):
    """Something that is kept."""

    kind: Annotated[
        Kind,
        Field(
            description="build: the record and log of an ended build, whose image stays;"
            " copy: what the engine has of an image that the registry holds; image: the image itself;"
            " cache: what the engine keeps of the steps of builds, whoever has built."
        ),
    ]
    name: Annotated[str, Field(description="A build's id, an image's full name, or build-cache.")]
    repo: Annotated[str, Field(description="The address of the repository; empty for the cache.")]
    since: Annotated[datetime, Field(description="When the build ended, the image was made, the cache was used last.")]
    size: Annotated[int, Field(description="Bytes of an image, also those that others share; 0 for a build.")]


class LeftoverShape(_Shape):
    """Something that nobody needs any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**LEFTOVER, "why": "It ended more than 30 days ago."}]})

    why: Annotated[str, Field(description="A sentence that says by what rule it goes.")]


class LeftoversShape(BaseModel):
    """All of it."""

    items: list[LeftoverShape]


class HoldingShape(_Shape):
    """Something that belongs to an owner."""

    model_config = ConfigDict(json_schema_extra={"examples": [LEFTOVER, {**LEFTOVER, "stays": "It is in use."}]})

    stays: Annotated[str | None, Field(description="Why it is left; absent of what goes or has gone.")] = None


class HoldingsShape(BaseModel):
    """All that belongs to an owner."""

    items: list[HoldingShape]
    partial: Annotated[bool, Field(description="Whether there may be images that this service does not know of.")]


def leftovers_shape(found: Sequence[Leftover]) -> LeftoversShape:
    """Give them as the API tells them."""
    return LeftoversShape(items=[LeftoverShape(**_members(each), why=each.why) for each in found])


def holdings_shape(found: Holdings) -> HoldingsShape:
    """Give them as the API tells them."""
    return HoldingsShape(
        items=[HoldingShape(**_members(each.what), **known(stays=each.stays or None)) for each in found.items],
        partial=found.partial,
    )


def _members(leftover: Leftover) -> dict[str, Any]:
    members = asdict(leftover) | {"since": utc(leftover.since)}
    del members["why"]
    return members
