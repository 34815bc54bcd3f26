"""Summaries: the little of an image that is shown, and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from repo2docker_service.adapters.registries.v2.manifests import Kind


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a manifest without its layers; it never changes.

    Attributes:
        digest: that of the manifest itself, also when it is an index.
        size: bytes of the config and of all distinct layers, as they are stored: compressed.
        config_digest: empty where there is no config.
    """

    digest: str
    media_type: str
    kind: Kind
    size: int = 0
    created: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    config_digest: str = ""
