"""How an ended build is written down, beside the plan, and read back by this and later releases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from repo2docker_service.domain.models import Build, BuildState, Progress, Reason
from repo2docker_service.domain.records import plan_from_record, plan_to_record


def build_to_record(build: Build) -> dict[str, Any]:
    """Write an ended build as JSON values."""
    return {
        "plan": plan_to_record(build.plan),
        "state": build.state.value,
        "reason": build.reason.value if build.reason else "",
        "message": build.message,
        "created_at": build.created_at.isoformat(),
        "started_at": build.started_at.isoformat() if build.started_at else "",
        "finished_at": build.finished_at.isoformat() if build.finished_at else "",
        "progress": [build.progress.step, build.progress.steps],
        "digest": build.digest or "",
        "builder_image": build.builder_image,
        "builder_image_id": build.builder_image_id,
        "made_by": build.made_by,
        "settings": build.settings,
    }


def build_from_record(record: Mapping[str, Any]) -> Build:
    """Read an ended build; fields that a later release added are passed over.

    Raises:
        ValueError, KeyError, TypeError: it is not a record, or one that only later releases understand.
    """
    return Build(
        plan=plan_from_record(record["plan"]),
        state=BuildState(record["state"]),
        created_at=datetime.fromisoformat(record["created_at"]),
        started_at=_time(record["started_at"]),
        finished_at=_time(record["finished_at"]),
        reason=Reason(record["reason"]) if record["reason"] else None,
        message=record["message"],
        progress=Progress(*record["progress"]),
        digest=record["digest"] or None,
        builder_image=record["builder_image"],
        builder_image_id=record["builder_image_id"],
        made_by=record["made_by"],
        settings=record["settings"],
    )


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
