"""What a Job carries so that any replica knows what it is: the signed card, what was asked of it, and how it ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import BUILD, INSTANCE, PREFIX
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, ImageName, Reason

IMAGE: Final = f"{PREFIX}.image"
"""Label: which builds are of the same image."""
OWNER: Final = f"{PREFIX}.owner"
"""Label: which builds are of the same owner, for people who look; a hash, as names may hold anything."""
ENDED: Final = f"{PREFIX}.ended"
"""Label: that it has ended, so that those that have not are found without reading all."""
CREATED: Final = f"{PREFIX}.created"
"""Annotation: when the build was asked for; the cluster's own times are whole seconds, too coarse for a queue."""
SEALED: Final = f"{PREFIX}.sealed"
"""Annotation, until the build is begun: what opens the repository, in a form that only this service can read."""
CANCEL: Final = f"{PREFIX}.cancel"
"""Annotation: somebody wants it to be cancelled."""
BEGUN: Final = f"{PREFIX}.begun"
"""Annotation: the pod in which it was first seen to run, and since when. A cluster may replace a pod that is gone; a
build is not run twice."""
END: Final = f"{PREFIX}.end"
"""Annotation: how it ended, as the service found out; it holds whatever becomes of the pod."""
MANAGED: Final = {"app.kubernetes.io/managed-by": "repo2docker-service", "app.kubernetes.io/component": "build"}


def image_label(image: ImageName) -> str:
    """Give what stands for an image in labels and in names of Jobs."""
    return hashlib.sha256(str(image).encode()).hexdigest()[:32]


def job_name(installation: Installation, image: ImageName, number: int) -> str:
    """Give the name of an image's build of this number, which only one Job can have."""
    whole = f"{installation.instance}/{image}"
    return f"r2d-{hashlib.sha256(whole.encode()).hexdigest()[:32]}-{number}"


def number_of(name: str) -> int:
    """Give the number in a Job's name; 0 where there is none."""
    _, _, number = name.rpartition("-")
    return int(number) if number.isdecimal() and number.isascii() else 0


def labels(installation: Installation, plan: BuildPlan) -> dict[str, str]:
    """Give what Jobs and their pods can be chosen by."""
    return {
        **MANAGED,
        INSTANCE: installation.instance,
        BUILD: plan.id,
        IMAGE: image_label(plan.image),
        OWNER: hashlib.sha256(str(plan.owner).encode()).hexdigest()[:32],
    }


@dataclass(frozen=True, slots=True)
class End:
    """How a build ended, and what of its pod is told when that is gone."""

    state: BuildState
    reason: Reason | None = None
    finished_at: datetime | None = None
    started_at: datetime | None = None
    digest: str = ""
    """That of the pushed image."""
    problem: str = ""
    """Why, in the words of the cluster or the registry."""
    message: str = ""
    """A sentence for people, where that of the reason does not do."""
    image_id: str = ""
    """The digest of the repo2docker image."""

    def written(self) -> str:
        """Write it as an annotation."""
        return json.dumps(asdict(self), sort_keys=True, default=str)


def read_end(text: str) -> End | None:
    """Read an annotation; one in words of a later release counts as a build that failed in a way unknown here."""
    if not text:
        return None
    try:
        values: dict[str, Any] = json.loads(text)
        return End(
            state=BuildState(values["state"]),
            reason=Reason(values["reason"]) if values["reason"] else None,
            finished_at=_time(values["finished_at"]),
            started_at=_time(values["started_at"]),
            digest=values["digest"],
            problem=values["problem"],
            message=values["message"],
            image_id=values["image_id"],
        )
    except (ValueError, KeyError, TypeError):
        return End(BuildState.FAILED, Reason.INTERNAL)


def end_of(build: Build, problem: str = "", finished_at: datetime | None = None) -> End:
    """Give the end of a build as it is known from its pod."""
    return End(
        state=build.state,
        reason=build.reason,
        finished_at=build.finished_at or finished_at,
        started_at=build.started_at,
        digest=build.digest or "",
        problem=problem,
        image_id=build.builder_image_id,
    )


def read_time(annotations: Mapping[str, str], name: str) -> datetime | None:
    """Read a time that this service has written; None where there is none, or where it is none."""
    try:
        return _time(annotations.get(name, ""))
    except ValueError:
        return None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
