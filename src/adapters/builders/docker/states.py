"""A build's state, derived from its containers and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import Card, Kind, Mark, OtherEnd, read_card
from repo2docker_service.adapters.builders.containers.ends import KILLED, reason_of
from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.containers.sealed import KEPT_FOR
from repo2docker_service.adapters.builders.docker.containers import ENTRYPOINT
from repo2docker_service.domain.failures.advice import ADVICE, CREDENTIALS_GONE
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState, Progress, Reason

_CANCELLED: Final = frozenset({codes.CANCELLED, 138})  # 138: SIGUSR1 before the launcher listened for it
_NOTHING_SEEN: Final = Progress()
_RUNNING: Final = frozenset({"running", "paused", "restarting"})


@dataclass(frozen=True, slots=True)
class Container:
    """A container that proved to be ours, as the engine described it."""

    id: str
    name: str
    card: Card
    mark: Mark | None
    status: str
    exit_code: int
    out_of_memory: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    image_id: str = ""
    """The digest of the image that it was made from, whatever that image is called by now."""

    @property
    def waiting(self) -> bool:
        """Whether it was never started."""
        return self.status == "created"

    @property
    def running(self) -> bool:
        """Whether something runs in it."""
        return self.status in _RUNNING

    @property
    def exited(self) -> bool:
        """Whether it ran and has ended."""
        return not self.waiting and not self.running

    @property
    def succeeded(self) -> bool:
        """Whether it ended and did its work."""
        return self.exited and self.exit_code == codes.OK


def read_container(installation: Installation, inspected: Mapping[str, Any]) -> Container | None:
    """Give the container behind an inspection, or None when it is not ours.

    Labels are inherited from images and can be read and copied by anybody on the engine, so they count only together
    with the name that they are signed for, our image and our entrypoint.
    """
    config = inspected["Config"]
    card = read_card(installation, config["Labels"] or {})
    if card is None or config["Image"] != card.builder_image or config["Entrypoint"] != list(ENTRYPOINT):
        return None
    name = inspected["Name"].removeprefix("/")
    try:
        mark = card.mark_of(name)
    except ValueError:
        return None
    if mark is not None and card.kind is not Kind.BUILDER:
        return None
    state = inspected["State"]
    return Container(
        id=inspected["Id"],
        name=name,
        card=card,
        mark=mark,
        status=state["Status"],
        exit_code=state["ExitCode"],
        out_of_memory=state["OOMKilled"],
        created_at=_time(inspected["Created"]) or datetime.now(UTC),
        started_at=_time(state["StartedAt"]),
        finished_at=_time(state["FinishedAt"]),
        image_id=inspected.get("Image", ""),
    )


def _time(text: str) -> datetime | None:
    # The engine writes year 1 for "not yet".
    return None if text.startswith("0001") else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Work:
    """The containers of one build."""

    builder: Container
    pusher: Container | None = None

    @property
    def id(self) -> str:
        """The build's id."""
        return self.builder.card.plan.id

    @property
    def state(self) -> BuildState:
        """Where the build is."""
        mark = self.builder.mark
        if isinstance(mark, Reason):
            return BuildState.FAILED
        if isinstance(mark, BuildState):
            return mark
        state = self._state_of_the_parts
        # Another release says that it has ended; where the containers do not say how, it did not go well.
        return state if mark is None or state.ended else BuildState.FAILED

    @property
    def _state_of_the_parts(self) -> BuildState:
        builder, pusher = self.builder, self.pusher
        if self._cancelled:
            return BuildState.CANCELLED
        if builder.waiting:
            return BuildState.QUEUED
        if builder.running:
            return BuildState.BUILDING
        if not builder.succeeded:
            return BuildState.FAILED
        if pusher is None or not pusher.exited or self.unverified:
            return BuildState.PUSHING
        return BuildState.SUCCEEDED if pusher.succeeded else BuildState.FAILED

    @property
    def _cancelled(self) -> bool:
        return any(part.exited and part.exit_code in _CANCELLED for part in self._parts()) or (
            self.claimed and not self._failed_by_itself
        )

    @property
    def _failed_by_itself(self) -> bool:
        return self.builder.exited and not self.builder.succeeded

    @property
    def claimed(self) -> bool:
        """Whether somebody who cancels took the pusher's name."""
        return self.pusher is not None and self.pusher.card.kind is Kind.CLAIM

    @property
    def unverified(self) -> bool:
        """Whether it was pushed, and nobody has found out yet whether it arrived."""
        pusher = self.pusher
        return self.builder.mark is None and pusher is not None and pusher.succeeded and pusher.card.push

    @property
    def undelivered(self) -> bool:
        """Whether its image was made, and something is to be done so that it gets to its registry."""
        pusher = self.pusher
        return self.state is BuildState.PUSHING and (pusher is None or pusher.waiting or self.unverified)

    @property
    def may_be_sent_again(self) -> bool:
        """Whether its image may be kept for a later build, which then only has to store it."""
        return self.reason is Reason.PUSH_FAILED or (
            self.builder.mark is OtherEnd.OTHER and self.state is BuildState.FAILED and self.builder.succeeded
        )

    @property
    def ending(self) -> bool:
        """Whether it is cancelled, and something of it still runs or its name does not say so yet."""
        unmarked = self.claimed and self.builder.mark is None
        return self.state is BuildState.CANCELLED and (self.builder.running or unmarked)

    @property
    def unrecorded(self) -> bool:
        """Whether it has ended, and its name does not say how; what somebody cancels right now is theirs to name."""
        return self.state.ended and self.builder.mark is None and not self.claimed

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.state.ended and not self.ending and not self.unrecorded

    @property
    def mark(self) -> Mark:
        """How it ended."""
        return self.reason or self.state

    def _parts(self) -> list[Container]:
        return [part for part in (self.builder, self.pusher) if part is not None]

    @property
    def reason(self) -> Reason | None:
        """Why it failed, if it did."""
        if self.state is not BuildState.FAILED:
            return None
        if isinstance(self.builder.mark, Reason):
            return self.builder.mark
        failed = self.builder if self.pusher is None or self._failed_by_itself else self.pusher
        if failed.exit_code == KILLED and failed.out_of_memory:
            return Reason.OUT_OF_RESOURCES
        return Reason.BUILDER_LOST if failed.status == "dead" else reason_of(failed.exit_code)

    @property
    def _message(self) -> str:
        reason, builder = self.reason, self.builder
        if reason is Reason.SOURCE_UNREACHABLE and builder.card.sealed and builder.exit_code != codes.UNREACHABLE:
            return CREDENTIALS_GONE
        return ADVICE[reason] if reason else ""

    def build(self, queue_position: int | None = None, progress: Progress = _NOTHING_SEEN) -> Build:
        """Give the build as the domain knows it."""
        state, reason = self.state, self.reason
        finished = [part.finished_at for part in self._parts() if part.finished_at is not None]
        if self.claimed and self.pusher is not None and state is BuildState.CANCELLED:
            finished.append(self.pusher.created_at)  # what never ran ended when it was cancelled
        return Build(
            plan=self.builder.card.plan,
            state=state,
            created_at=self.builder.created_at,
            started_at=self.builder.started_at,
            finished_at=max(finished, default=None) if state.ended else None,
            reason=reason,
            message=self._message,
            progress=progress,
            queue_position=queue_position if state is BuildState.QUEUED else None,
            made_by=self.builder.card.kept,
            settings=self.builder.card.settings,
            builder_image=self.builder.card.builder_image,
            builder_image_id=self.builder.image_id,
        )


def has_waited_too_long(builder: Container) -> bool:
    """Whether a build's credentials must not be used any more."""
    return builder.card.sealed and builder.waiting and datetime.now(UTC) - builder.created_at > KEPT_FOR


def pair(containers: Iterable[Container]) -> dict[str, Work]:
    """Bring builders and their pushers together, by build id; of two that claim one id the older counts."""
    containers = list(containers)
    pushers = {found.card.plan.id: found for found in containers if found.card.kind is not Kind.BUILDER}
    builders = sorted(
        (found for found in containers if found.card.kind is Kind.BUILDER),
        key=lambda found: found.created_at,
        reverse=True,
    )
    return {builder.card.plan.id: Work(builder, pushers.get(builder.card.plan.id)) for builder in builders}
