"""Configs: what an image says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.registries.v2.transport.documents import mapping, read_object, text

_MOST_LABELS: Final = 256
_LONGEST_KEY: Final = 1024
# The signed record of an image is one label, and may hold long texts with every character escaped.
_LONGEST_VALUE: Final = 1 << 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Config:
    """What the config of an image says.

    Attributes:
        created: when it was made; None when that is not told, or told as zero for the sake of reproducible builds.
        labels: as they are in the image, but for those too long or too many.
    """

    created: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def read_config(body: bytes) -> Config:
    """Read the config of an image.

    Raises:
        BadAnswer: it is not JSON, or not an object.
    """
    document = read_object(body, "the image's config")
    labels = mapping(mapping(document.get("config")).get("Labels"))
    return Config(_time(text(document.get("created"))), _bounded(labels))


def _bounded(labels: Mapping[str, object]) -> Mapping[str, str]:
    kept = {
        key: value
        for key, value in labels.items()
        if isinstance(value, str) and len(key) <= _LONGEST_KEY and len(value) <= _LONGEST_VALUE
        if text(key) == key and text(value) == value
    }
    return dict(list(kept.items())[:_MOST_LABELS])


def _time(written: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(written)
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return time if time > _EPOCH else None
