"""The things the service speaks of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.curation.curation import NOTHING_SAID, Curation
from repo2docker_service.domain.failures.causes import Cause


class BuildState(StrEnum):
    """Where a build is. The three last ones are ends."""

    QUEUED = "queued"
    BUILDING = "building"
    PUSHING = "pushing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing follows this state."""
        return self in _ENDS

    def may_become(self, following: BuildState) -> bool:
        """Whether a build in this state can next be seen in the other one."""
        return following in _FOLLOWING[self]


_ENDS: Final = frozenset({BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELLED})
_FOLLOWING: Final[Mapping[BuildState, frozenset[BuildState]]] = {
    BuildState.QUEUED: frozenset({BuildState.BUILDING, BuildState.FAILED, BuildState.CANCELLED}),
    BuildState.BUILDING: frozenset({BuildState.PUSHING, BuildState.FAILED, BuildState.CANCELLED}),
    BuildState.PUSHING: _ENDS,
    BuildState.SUCCEEDED: frozenset(),
    BuildState.FAILED: frozenset(),
    BuildState.CANCELLED: frozenset(),
}


class Reason(StrEnum):
    """Why a build failed."""

    SOURCE_UNREACHABLE = "source-unreachable"
    REF_NOT_FOUND = "ref-not-found"
    BUILD_FAILED = "build-failed"
    OUT_OF_RESOURCES = "out-of-resources"
    TIMED_OUT = "timed-out"
    PUSH_FAILED = "push-failed"
    BUILDER_LOST = "builder-lost"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Source:
    """Where code is."""

    address: str
    ref: str = "HEAD"
    subdir: str = ""


class OwnerKind(StrEnum):
    """What an owner is."""

    USER = "user"
    SERVICE = "service"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose quota counts a thing, and who may delete it. Written ``user:NAME``."""

    kind: OwnerKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Owner:
        """Read ``user:NAME``, ``service:NAME`` or ``group:NAME``.

        Raises:
            ValueError: the text is none of these.
        """
        kind, colon, name = text.partition(":")
        if not colon or not name:
            raise ValueError(f"{text!r} is not user:NAME, service:NAME or group:NAME")
        return cls(OwnerKind(kind), name)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling."""

    name: str
    kind: OwnerKind = OwnerKind.USER
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    """Scopes without the ``custom:repo2docker:`` prefix, each perhaps with a filter, as ``builds:read!user=ada``."""

    @property
    def owner(self) -> Owner:
        """The owner of what this identity makes when it names no other."""
        return Owner(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class ImageName:
    """A name that people can pull: registry, repository and tag."""

    registry: str
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What somebody asks for."""

    source: Source
    owner: Owner | None = None
    force: bool = False
    build_args: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    credentials: Credentials | None = field(default=None, repr=False)
    """What opens the repository; what is built with it is private."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """All that a builder needs to know to build once; also the record that it keeps."""

    id: str
    """16 to 64 hexadecimal digits, made by chance."""
    source: Source
    commit: str
    image: ImageName
    owner: Owner
    requested_by: Owner
    clone_address: str = ""
    """Where to clone from when the source's address redirects; else empty."""
    private: bool = False
    build_args: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    round: int = 0
    """Its turn in the queue: builds start by round, then by time."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What plugins add to the image's labels."""
    repo2docker_config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What plugins add to repo2docker's configuration, by class and trait."""
    public_only: bool = False
    """Whether git may fetch it from public addresses only, as its own was allowed as one."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a registry wants an image, and whether it must be sent there."""

    image: ImageName
    push: bool
    """False when the engine's own store is the registry."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps begun of steps known; both 0 when nothing is known yet."""

    step: int = 0
    steps: int = 0
    stages: tuple[tuple[str, int, int], ...] = field(default=(), compare=False, repr=False)
    """What they are the sums of: each stage's name, steps begun and steps known."""


# Items that many readers share are told apart by identity where they are turned into bytes: so weak references.
@dataclass(frozen=True, slots=True, weakref_slot=True)
class Build:
    """One run of repo2docker for a source at a commit."""

    plan: BuildPlan
    state: BuildState
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: Reason | None = None
    message: str = ""
    cause: Cause | None = None
    """The mistake behind the reason, where somebody has looked into its log and found one."""
    progress: Progress = Progress()
    digest: str | None = None
    """That of the image it made, whatever the image's name points to by now."""
    changed_outside: bool = False
    """Whether its name points to another image by now that says to be of this build: somebody else put it there."""
    launchable: bool | None = None
    """Whether a notebook server is in its image; None while that is not known, and when nobody looked."""
    builder_image: str = ""
    """The name of the repo2docker image that built it; empty where there is none."""
    builder_image_id: str = ""
    """The digest by which the engine knows that image: what the name stood for when the build was asked for."""
    queue_position: int | None = None
    """1 is the next to start."""
    estimated_seconds: float | None = None
    """How long builds of this repository took lately; None for an ended one, and where nothing is known."""
    reused: bool = False
    joined: bool = False
    made_by: str = ""
    """Id of the earlier build that made the image, where this one only had to store it."""
    settings: str = ""
    """The administrator's build settings at its start, empty when nobody told them, as they are written by
    :func:`~repo2docker_service.domain.rebuilds.build_settings.written_settings`."""

    @property
    def id(self) -> str:
        """The build's id."""
        return self.plan.id


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image of this service. The page calls it an environment."""

    name: ImageName
    digest: str
    created_at: datetime
    size: int
    """Bytes."""
    plan: BuildPlan
    """The record of the build that made it."""
    launch_reference: str
    """What a spawner should start."""
    settings: str = ""
    """The administrator's build settings at that time, empty when nobody told them, as they are written by
    :func:`~repo2docker_service.domain.rebuilds.build_settings.written_settings`."""
    outdated: str = ""
    """Why a build of today would differ; empty when it would not."""
    launchable: bool | None = None
    """Whether a notebook server is in it; None when nobody looked."""
    changed_outside: bool | None = None
    """Whether it is not what its build has pushed, as somebody else put it in the place of that; None while that is not
    known, and when nobody looked."""
    curation: Curation = NOTHING_SAID

    @property
    def title(self) -> str:
        """What people call it, in the administrator's words or those of who built it."""
        return self.curation.title or self.plan.title

    @property
    def description(self) -> str:
        """What it is for, in the administrator's words or those of who built it."""
        return self.curation.description or self.plan.description


@dataclass(frozen=True, slots=True)
class ImageList:
    """The images of a registry, as known at a time."""

    images: Sequence[Image]
    as_of: datetime
    stale: bool = False
    """Whether it could not be renewed since then."""
    partial: bool = False
    """Whether there may be images that this service does not know of."""
    unreadable: Collection[ImageName] = ()
    """What is there, and is not given in a way that can be read."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class LogChunk:
    """Some lines of a build's log, in order."""

    first: int
    """Number of the first line, from 1, counted through builder and pusher."""
    lines: Sequence[str]
    cursor: str
    """Where to go on after these lines: begins with the number of the last one; otherwise the builder's business."""

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.first + len(self.lines) - 1

    def after(self, line: int) -> LogChunk:
        """Give what follows a line that is in here."""
        return LogChunk(line + 1, self.lines[line + 1 - self.first :], self.cursor)
