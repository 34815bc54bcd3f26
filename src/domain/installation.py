"""What sets one installation apart from others on the same engine or registry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repo2docker_service.domain.signing import Signer


@dataclass(frozen=True, slots=True)
class Installation:
    """Name, keys and place of one installation; given to every adapter."""

    instance: str
    signer: Signer
    data_dir: Path
    image_prefix: str = "r2d"
