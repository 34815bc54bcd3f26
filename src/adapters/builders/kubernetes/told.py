"""What the cluster tells of Jobs and pods, in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import Card, read_card
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, PUSHER
from repo2docker_service.adapters.builders.kubernetes.records import (
    BEGUN,
    CANCEL,
    CREATED,
    END,
    SEALED,
    End,
    read_end,
    read_time,
)
from repo2docker_service.domain.installation import Installation

_OVER: Final = frozenset({"Succeeded", "Failed"})
_OUT_OF_MEMORY: Final = "OOMKilled"


@dataclass(frozen=True, slots=True)
class Container:
    """One of a pod's containers as the cluster told of it."""

    waits_for: str = ""
    """Why it does not run, in the cluster's word."""
    details: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    """None until it has ended."""
    out_of_memory: bool = False
    report: Mapping[str, Any] | None = None
    image_id: str = ""


@dataclass(frozen=True, slots=True)
class Pod:
    """A Job's pod as the cluster told of it."""

    name: str
    uid: str
    phase: str
    reason: str
    message: str
    leaving: bool
    """Whether it is being removed."""
    builder: Container
    pusher: Container

    @property
    def over(self) -> bool:
        """Whether it has ended; what it says of its containers may then be what they were before."""
        return self.phase in _OVER

    @property
    def evicted(self) -> bool:
        """Whether its node has let it go, for its own sake or others'."""
        return self.reason == "Evicted"

    @property
    def begun(self) -> bool:
        """Whether something ran in it, as far as its node tells; of one that it let go it may tell nothing."""
        return self.builder.started_at is not None


@dataclass(frozen=True, slots=True)
class Job:
    """A Job that proved to be ours, as the cluster described it."""

    uid: str
    version: str
    """Of the object, for changes that must not undo others'."""
    card: Card
    created_at: datetime
    let_go: bool
    """Whether the cluster may run it."""
    failed: bool
    complete: bool
    """Whether its pod has succeeded, which may be gone by now."""
    cancelled: bool
    """Whether somebody wants it to be."""
    begun: str
    """The pod in which it was seen to run."""
    begun_at: datetime | None
    end: End | None
    sealed: str

    @property
    def name(self) -> str:
        """Give its name."""
        return self.card.name

    @property
    def build_id(self) -> str:
        """Give the id of its build."""
        return self.card.plan.id


def read_job(installation: Installation, told: Mapping[str, Any]) -> Job | None:
    """Give the Job behind what the cluster tells, or None when it is not ours."""
    meta = told["metadata"]
    annotations = meta.get("annotations") or {}
    card = read_card(installation, annotations)
    if card is None or card.name != meta["name"]:
        return None
    conditions = told.get("status", {}).get("conditions") or ()
    reached = {each["type"] for each in conditions if each["status"] == "True"}
    pod, _, began = annotations.get(BEGUN, "").partition(" ")
    return Job(
        uid=meta["uid"],
        version=meta["resourceVersion"],
        card=card,
        created_at=read_time(annotations, CREATED) or _time(meta["creationTimestamp"]),
        let_go=bool(told["spec"].get("parallelism")),
        failed="Failed" in reached,
        complete="Complete" in reached,
        cancelled=CANCEL in annotations,
        begun=pod,
        begun_at=read_time({BEGUN: began}, BEGUN),
        end=read_end(annotations.get(END, "")),
        sealed=annotations.get(SEALED, ""),
    )


def read_pod(told: Mapping[str, Any]) -> Pod:
    """Give the pod behind what the cluster tells."""
    meta, status = told["metadata"], told.get("status", {})
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    scheduled = conditions.get("PodScheduled", {})
    unscheduled = scheduled.get("message", "") if scheduled.get("status") == "False" else ""
    return Pod(
        name=meta["name"],
        uid=meta["uid"],
        phase=status.get("phase", "Pending"),
        reason=status.get("reason", "") or scheduled.get("reason", ""),
        message=status.get("message", "") or unscheduled,
        leaving="deletionTimestamp" in meta,
        builder=_container(status.get("initContainerStatuses"), BUILDER),
        pusher=_container(status.get("containerStatuses"), PUSHER),
    )


def _container(statuses: Any, name: str) -> Container:
    told = next((each for each in statuses or () if each["name"] == name), None)
    if told is None:
        return Container()
    state = told.get("state") or {}
    waiting, ended = state.get("waiting", {}), state.get("terminated", {})
    began = (ended or state.get("running", {})).get("startedAt")
    return Container(
        waits_for=waiting.get("reason", ""),
        details=waiting.get("message", ""),
        started_at=_time(began) if began else None,
        finished_at=_time(ended["finishedAt"]) if ended.get("finishedAt") else None,
        exit_code=ended.get("exitCode"),
        out_of_memory=ended.get("reason") == _OUT_OF_MEMORY,
        report=_report(ended.get("message", "")),
        image_id=told.get("imageID", ""),
    )


def _report(text: str) -> Mapping[str, Any] | None:
    try:
        report = json.loads(text)
    except ValueError:
        return None  # it was killed while it wrote, or wrote nothing
    return report if isinstance(report, dict) else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
