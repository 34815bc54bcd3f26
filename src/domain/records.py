"""How a plan is written down on containers and images, and read back by this and later releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from repo2docker_service.domain.models import BuildPlan, ImageName, Owner, Source
from repo2docker_service.domain.signing import Signer

SCHEMA: Final = 1
"""Which releases can read a record: those that know this number. New fields do not raise it; see decision 13."""
_LABEL: Final = "repo2docker-service.image"
INSTANCE_LABEL: Final = f"{_LABEL}.instance"
RECORD_LABEL: Final = f"{_LABEL}.record"
SIGNATURE_LABEL: Final = f"{_LABEL}.signature"
LAUNCHABLE_LABEL: Final = f"{_LABEL}.launchable"
"""Whether a hub can start the image; written when it was looked into, after it was built."""
_UNKNOWN: Final = "unknown"
_VERDICTS: Final = {"yes": True, "no": False}


def canonical(value: Mapping[str, Any]) -> str:
    """Write JSON in the one form that signatures are made over."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def plan_to_record(plan: BuildPlan) -> dict[str, Any]:
    """Write a plan as JSON values."""
    return {
        "schema": SCHEMA,
        "id": plan.id,
        "repo": plan.source.address,
        "ref": plan.source.ref,
        "subdir": plan.source.subdir,
        "commit": plan.commit,
        "image": [plan.image.registry, plan.image.repository, plan.image.tag],
        "owner": str(plan.owner),
        "requested_by": str(plan.requested_by),
        "clone_address": plan.clone_address,
        "private": plan.private,
        "build_args": dict(plan.build_args),
        "title": plan.title,
        "description": plan.description,
        "round": plan.round,
        "labels": dict(plan.labels),
        "repo2docker_config": {name: dict(traits) for name, traits in plan.repo2docker_config.items()},
        "public_only": plan.public_only,
    }


def plan_from_record(record: Mapping[str, Any]) -> BuildPlan:
    """Read a plan; fields that a later release added are passed over.

    Raises:
        ValueError, KeyError, TypeError: it is not a record, or one that only later releases understand.
    """
    if record["schema"] > SCHEMA:
        raise ValueError(record["schema"])
    return BuildPlan(
        id=record["id"],
        source=Source(record["repo"], record["ref"], record["subdir"]),
        commit=record["commit"],
        image=ImageName(*record["image"]),
        owner=Owner.parse(record["owner"]),
        requested_by=Owner.parse(record["requested_by"]),
        clone_address=record["clone_address"],
        private=record["private"],
        build_args=record["build_args"],
        title=record["title"],
        description=record["description"],
        round=record.get("round", 0),
        labels=record.get("labels", {}),
        repo2docker_config=record.get("repo2docker_config", {}),
        public_only=record.get("public_only", False),
    )


def image_labels(signer: Signer, instance: str, plan: BuildPlan, settings: str) -> dict[str, str]:
    """Give the labels of a built image: those of the OCI image specification, and ours, signed.

    The record holds the image's repository and tag, so labels that an image inherited from its base prove nothing.
    Whether a hub can start it is said to be unknown, so that neither its base nor its repository says so.
    """
    record = canonical({**plan_to_record(plan), "settings": settings})
    standard = {
        "org.opencontainers.image.source": plan.source.address,
        "org.opencontainers.image.revision": plan.commit,
        "org.opencontainers.image.title": plan.title,
        "org.opencontainers.image.description": plan.description,
    }
    return {
        **plan.labels,
        **{key: value for key, value in standard.items() if value},
        INSTANCE_LABEL: instance,
        RECORD_LABEL: record,
        SIGNATURE_LABEL: signer.sign(_purpose(instance), record),
        LAUNCHABLE_LABEL: _UNKNOWN,
    }


def read_image_labels(
    signer: Signer, instance: str, labels: Mapping[str, str], image: ImageName | None
) -> tuple[BuildPlan, str] | None:
    """Give the plan and settings hash behind an image, or None when the labels are not ours or not for this name.

    Without a name, they may be inherited from another image.
    """
    record = labels.get(RECORD_LABEL, "")
    if labels.get(INSTANCE_LABEL) != instance:
        return None
    if not signer.verify(_purpose(instance), record, labels.get(SIGNATURE_LABEL, "")):
        return None
    try:
        values = json.loads(record)
        plan = plan_from_record(values)
    except (ValueError, KeyError, TypeError):
        return None
    return (plan, values["settings"]) if image in (None, plan.image) else None


def read_launchable(labels: Mapping[str, str]) -> bool | None:
    """Tell whether a hub can start the image of these labels; None when that is not known, as of older images."""
    return _VERDICTS.get(labels.get(LAUNCHABLE_LABEL, ""))


def _purpose(instance: str) -> str:
    return f"image/{instance}"
