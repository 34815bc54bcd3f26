"""The shapes of requests and answers about builds, and how they are made.

A field of an answer with a default is left out when it has no value.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.failures.causes import Cause, CauseKind
from repo2docker_service.domain.inputs import LONGEST_NAME
from repo2docker_service.domain.models import Build, BuildRequest, BuildState, Reason, Source
from repo2docker_service.domain.paging import Page
from repo2docker_service.entrypoints.http import examples
from repo2docker_service.entrypoints.http.schemas import (
    Address,
    Body,
    CredentialsWish,
    Name,
    OwnerText,
    PageShape,
    Paging,
    Text,
    few,
)
from repo2docker_service.entrypoints.http.shaping import credentials_of, known, owner_of, plan_fields, utc

MOST_BUILD_ARGS: Final = 50


class BuildWish(Body):
    """What to build."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"repo": examples.BUILD["repo"]},
                {"repo": examples.BUILD["repo"], "ref": "master", "force": True},
            ]
        }
    )

    repo: Annotated[Address, Field(description="The https:// address of a git repository.")]
    ref: Annotated[Name, Field(description="A branch, a tag or a full commit; HEAD is the default branch.")] = "HEAD"
    subdir: Annotated[Name, Field(description="The folder of the repository to build from.")] = ""
    owner: Annotated[OwnerText, Field(description="For whom: user:NAME, service:NAME or group:NAME.")] = ""
    force: Annotated[bool, Field(description="Build although the image exists.")] = False
    build_args: Annotated[
        dict[Annotated[str, StringConstraints(max_length=64)], Text],
        BeforeValidator(partial(few, most=MOST_BUILD_ARGS)),
        Field(max_length=MOST_BUILD_ARGS, description="Values for a Dockerfile's ARG lines."),
    ] = {}
    title: Text = ""
    description: Text = ""
    credentials: CredentialsWish | None = None


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


class BuildsWanted(Paging):
    """Which builds to list."""

    state: Annotated[
        BuildState | None,
        BeforeValidator(_empty_is_none),
        WithJsonSchema({"type": "string", "enum": ["", *BuildState], "description": "Only those; empty: all."}),
    ] = None
    owner: OwnerText = ""
    q: Annotated[str, Field(max_length=LONGEST_NAME, description="Words that all occur somewhere.")] = ""


class ProgressShape(BaseModel):
    """Steps done of steps known; both 0 when nothing is known yet."""

    step: int
    steps: int


class CauseShape(BaseModel):
    """What went wrong inside a build, as far as its log tells."""

    kind: CauseKind
    line: Annotated[int, Field(description="The number of the log's line that tells it, from 1.")]
    text: Annotated[str, Field(description="That line as plain text; of a long one its two ends.")]
    advice: Annotated[str, Field(description="What a person can do about it.")]


class BuildShape(BaseModel):
    """One run of repo2docker for a source at a commit."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BUILD]})

    id: str
    state: BuildState
    reason: Annotated[Reason | None, Field(description="Why it failed.")] = None
    message: Annotated[str | None, Field(description="What a person can do about it.")] = None
    cause: Annotated[
        CauseShape | None, Field(description="What the log tells of it; in lists only where somebody has asked before.")
    ] = None
    progress: ProgressShape
    repo: str
    ref: str
    commit: str
    subdir: str
    image: Annotated[str, Field(description="The full name that people can pull.")]
    digest: Annotated[str | None, Field(description="That of what was built, whatever the name points to.")] = None
    changed_outside: Annotated[
        bool | None, Field(description="True where its name points to an image by now that was not built here.")
    ] = None
    launchable: Annotated[
        bool | None, Field(description="Whether a notebook server is in the image; left out while nobody knows.")
    ] = None
    repo2docker_image: Annotated[str | None, Field(description="The image that repo2docker ran from.")] = None
    repo2docker_image_id: Annotated[
        str | None,
        Field(description="The digest by which the engine knew that image, whatever its name stands for now."),
    ] = None
    owner: str
    requested_by: str
    private: bool
    build_args: Annotated[list[str], Field(description="Names of the build arguments that were given; mostly none.")]
    title: str
    description: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    queue_position: Annotated[int | None, Field(description="1 is the next to start.")] = None
    estimated_seconds: Annotated[
        float | None, Field(description="How long builds of this repository took lately, from start to end.")
    ] = None
    reused: Annotated[bool, Field(description="The image was there already; nothing is built.")]
    joined: Annotated[bool, Field(description="Somebody had asked for the same before.")]


def build_shape(build: Build) -> BuildShape:
    """Give a build as the API tells it."""
    return BuildShape(
        **plan_fields(build.plan),
        id=build.id,
        state=build.state,
        progress=ProgressShape(step=build.progress.step, steps=build.progress.steps),
        image=str(build.plan.image),
        created_at=utc(build.created_at),
        reused=build.reused,
        joined=build.joined,
        **known(
            reason=build.reason,
            message=build.message or (ADVICE[build.reason] if build.reason else None),
            cause=build.cause and cause_shape(build.cause),
            digest=build.digest,
            changed_outside=build.changed_outside or None,
            launchable=build.launchable,
            repo2docker_image=build.builder_image or None,
            repo2docker_image_id=build.builder_image_id or None,
            started_at=build.started_at and utc(build.started_at),
            finished_at=build.finished_at and utc(build.finished_at),
            queue_position=build.queue_position,
            estimated_seconds=build.estimated_seconds,
        ),
    )


def cause_shape(cause: Cause) -> CauseShape:
    """Give what went wrong as the API tells it."""
    return CauseShape(kind=cause.kind, line=cause.line, text=cause.text, advice=cause.advice)


def build_page(page: Page[Build]) -> PageShape[BuildShape]:
    """Give a page of builds."""
    return PageShape[BuildShape](items=[build_shape(each) for each in page.items], next=page.next, total=page.total)


def build_request(wish: BuildWish) -> BuildRequest:
    """Read what somebody asks for."""
    return BuildRequest(
        source=Source(wish.repo, wish.ref, wish.subdir),
        owner=owner_of(wish.owner),
        force=wish.force,
        build_args=wish.build_args,
        title=wish.title,
        description=wish.description,
        credentials=credentials_of(wish.credentials),
    )
