"""An image in a folder, in the OCI image layout, as a builder leaves it for its pusher.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md. What wrote it has read a repository, so it is
taken for what a stranger may have written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from typing import Any

IMAGE = "/run/image"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
LONGEST = 4 << 20
"""Bytes of a document; what registries take of a manifest."""


class NoImage(Exception):
    """There is none, or not one that can be sent."""


@dataclass(frozen=True)
class Image:
    """What a folder holds."""

    folder: str
    digest: str
    layers: dict[str, int]
    """Bytes of each layer, by its digest."""
    config: dict[str, Any]
    """What a container of it would be started with, as ``Env``."""


def read(folder: str = IMAGE) -> Image:
    """Give the one image of a folder.

    Raises:
        NoImage: it has none, or something else.
    """
    try:
        (entry,) = json.loads(_content(folder, "index.json"))["manifests"]
        manifest = _blob(folder, entry["digest"])
        layers = {str(each["digest"]): int(each["size"]) for each in manifest["layers"]}
        config = _blob(folder, manifest["config"]["digest"]).get("config") or {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoImage(f"what was built is no image: {error!r}") from error
    return Image(folder, entry["digest"], layers, config)


def _blob(folder: str, digest: str) -> dict[str, Any]:
    if not DIGEST.fullmatch(digest):
        raise ValueError("a digest of another kind")
    content = _content(folder, "blobs", "sha256", digest.partition(":")[2])
    if hashlib.sha256(content).hexdigest() != digest.partition(":")[2]:
        raise ValueError("content of another digest")
    found: dict[str, Any] = json.loads(content)
    return found


def _content(folder: str, *names: str) -> bytes:
    descriptor = os.open(os.path.join(folder, *names), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ValueError("a document that is too long")
    return content
