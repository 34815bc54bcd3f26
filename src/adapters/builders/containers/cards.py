"""What a container carries so that any replica knows what it is, and nobody else can claim to be it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, ImageName, Reason
from repo2docker_service.domain.records import canonical, plan_from_record, plan_to_record

PREFIX: Final = "repo2docker-service.build"
INSTANCE: Final = f"{PREFIX}.instance"
BUILD: Final = f"{PREFIX}.id"
CARD: Final = f"{PREFIX}.card"
SIGNATURE: Final = f"{PREFIX}.signature"

_WORD: Final = re.compile(r"[a-z]+(-[a-z]+)*", re.ASCII)
_BUILD_ID: Final = re.compile(r"[0-9a-f]{16,}", re.ASCII)


class Kind(StrEnum):
    """What a container of ours is for."""

    BUILDER = "builder"
    PUSHER = "pusher"
    CLAIM = "claim"
    """Holds the pusher's name so that no pusher can be made: the build was cancelled. Never started."""


class OtherEnd(StrEnum):
    """An end in a word of another release: it ended, and only that release knows how."""

    OTHER = "other"


Mark = BuildState | Reason | OtherEnd
"""How a build ended, as a suffix of its builder's name. It is what the service found out (a build was cancelled, or
could not be started), and it holds whatever becomes of the container: one that is started again by mistake does no
work, but looks as if it ran."""
MARKS: Final[tuple[Mark, ...]] = (BuildState.SUCCEEDED, BuildState.CANCELLED, *Reason)


@dataclass(frozen=True, slots=True)
class Card:
    """A container's signed record."""

    kind: Kind
    name: str
    """The name it was created under, which is the lock."""
    plan: BuildPlan
    push: bool
    builder_image: str
    """The repo2docker image by the name that the container was created from."""
    settings: str
    kept: str = ""
    """Id of the earlier build that made the image, where it only has to be stored."""
    sealed: bool = False
    """Whether credentials for its repository lie sealed in its container until it is started."""

    @property
    def made_by(self) -> str:
        """Id of the build whose repo2docker makes, or made, the image."""
        return self.kept or self.plan.id

    def labels(self, installation: Installation) -> dict[str, str]:
        """Write the card as labels."""
        text = canonical(
            {
                "kind": self.kind.value,
                "name": self.name,
                "plan": plan_to_record(self.plan),
                "push": self.push,
                "builder_image": self.builder_image,
                "settings": self.settings,
                "kept": self.kept,
                "sealed": self.sealed,
            }
        )
        return {
            INSTANCE: installation.instance,
            BUILD: self.plan.id,
            CARD: text,
            SIGNATURE: installation.signer.sign(_purpose(installation), text),
        }

    def marked(self, mark: Mark) -> str:
        """Give the name of a builder whose build is known to have ended so."""
        return f"{self.name}.{mark.value}.{self.plan.id[:16]}"

    def mark_of(self, name: str) -> Mark | None:
        """Read how the build ended from a container's present name, if it says so.

        Raises:
            ValueError: the name is not one that this container could have.
        """
        if name == self.name:
            return None
        found = next((mark for mark in MARKS if name == self.marked(mark)), None)
        if found is None and not self._is_marked(name):
            raise ValueError(name)
        return found or OtherEnd.OTHER

    def _is_marked(self, name: str) -> bool:
        before, _, word = name.removesuffix(f".{self.plan.id[:16]}").rpartition(".")
        return before == self.name and name.endswith(f".{self.plan.id[:16]}") and bool(_WORD.fullmatch(word))


def builder_name(installation: Installation, image: ImageName) -> str:
    """Give the name under which only one build of an image can be under way."""
    return f"r2d-{installation.instance}-{hashlib.sha256(str(image).encode()).hexdigest()[:32]}"


def pusher_name(installation: Installation, build_id: str) -> str:
    """Give the name of a build's only pusher."""
    return f"r2d-{installation.instance}-push-{build_id}"


def look_name(installation: Installation, build_id: str) -> str:
    """Give the name of the container by which a build's pusher looks into the image; it is never started."""
    return f"r2d-{installation.instance}-look-{build_id}"


def looking_build(installation: Installation, name: str) -> str:
    """Give the id of the build whose pusher made a container of this name to look into its image, or nothing."""
    build_id = name.removeprefix(look_name(installation, ""))
    return build_id if _BUILD_ID.fullmatch(build_id) and build_id != name else ""


def read_card(installation: Installation, labels: Mapping[str, str]) -> Card | None:
    """Read a container's card, or give None when it is not signed by this installation."""
    if not is_signed(installation, labels):
        return None
    try:
        return _card(json.loads(labels[CARD]))
    except (ValueError, KeyError, TypeError):
        return None  # written by a later release, in a way that this one cannot read


def is_signed(installation: Installation, labels: Mapping[str, str]) -> bool:
    """Whether this installation made a container with this card, in whatever release."""
    text, signature = labels.get(CARD, ""), labels.get(SIGNATURE, "")
    return labels.get(INSTANCE) == installation.instance and installation.signer.verify(
        _purpose(installation), text, signature
    )


def _card(values: Mapping[str, Any]) -> Card:
    return Card(
        kind=Kind(values["kind"]),
        name=values["name"],
        plan=plan_from_record(values["plan"]),
        push=values["push"],
        builder_image=values["builder_image"],
        settings=values["settings"],
        kept=values.get("kept", ""),
        sealed=values.get("sealed", False),
    )


def _purpose(installation: Installation) -> str:
    return f"container/{installation.instance}"
