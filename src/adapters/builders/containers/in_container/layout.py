"""An image in a folder, in the OCI image layout, as a builder leaves it for its pusher.

https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md. What wrote it has read a repository, so it is
taken for what a stranger may have written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from typing import Any

IMAGE = "/run/image"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
LAYER = re.compile(r"application/vnd\.(?:oci\.image\.layer\.v1|docker\.image\.rootfs\.diff)\.tar[.+a-z]*", re.ASCII)
LONGEST = 4 << 20
"""Bytes of a document; what registries take of a manifest."""
KEPT = ("architecture", "os", "variant", "created", "rootfs", "history")
STARTED_WITH = (
    *("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels"),
    *("StopSignal", "Healthcheck", "Shell", "ArgsEscaped"),
)
"""All that an image says of its containers, and nothing that says what is done when another image is made of it."""
TRIGGERS = "The image is stored without its ONBUILD instructions."
MANIFEST, CONFIG = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.config.v1+json"


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


def take(target: str, folder: str = IMAGE) -> Image:
    """Look at the one image of a folder and give it from another one, with nothing in it that builds would act on.

    Args:
        target: an empty folder that nobody else writes into; layers are links in it.
        folder: where it was left.

    Raises:
        NoImage: it has none, or something else.
    """
    try:
        return _taken(target, folder)
    except (OSError, ArithmeticError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoImage(f"what was built is not one image with layers: {error!r}") from error


def _taken(target: str, folder: str) -> Image:
    for names in ((), ("blobs",), ("blobs", "sha256")):
        if not stat.S_ISDIR(os.lstat(os.path.join(folder, *names)).st_mode):
            raise ValueError("a folder that is none")
    (entry,) = json.loads(_content(folder, "index.json"))["manifests"]
    manifest = _blob(folder, entry["digest"])
    document = _blob(folder, manifest["config"]["digest"])
    config = document.get("config") or {}
    if config.get("OnBuild"):
        print(TRIGGERS, flush=True)
    kept = {name: config[name] for name in STARTED_WITH if name in config}
    layers = [_layer(folder, each) for each in manifest["layers"]]
    blobs = os.path.join(target, "blobs", "sha256")
    os.makedirs(blobs)
    for place in {each["digest"].partition(":")[2] for each in layers}:
        os.symlink(os.path.join(folder, "blobs", "sha256", place), os.path.join(blobs, place))
    digest = _written(target, {**{name: document[name] for name in KEPT if name in document}, "config": kept}, layers)
    return Image(target, digest, {each["digest"]: each["size"] for each in layers}, kept)


def _written(target: str, config: dict[str, Any], layers: list[dict[str, Any]]) -> str:
    """Write a layout around layers, and give the digest of its image."""
    described = {"mediaType": CONFIG, **_put(target, config)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": layers}
    made = {"mediaType": MANIFEST, **_put(target, manifest)}
    for name, document in (
        ("oci-layout", {"imageLayoutVersion": "1.0.0"}),
        ("index.json", {"schemaVersion": 2, "manifests": [made]}),
    ):
        with open(os.path.join(target, name), "w") as file:
            json.dump(document, file)
    return str(made["digest"])


def _put(target: str, document: dict[str, Any]) -> dict[str, Any]:
    content = json.dumps(document).encode()
    digest = hashlib.sha256(content).hexdigest()
    with open(os.path.join(target, "blobs", "sha256", digest), "wb") as file:
        file.write(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


def _layer(folder: str, told: dict[str, Any]) -> dict[str, Any]:
    digest, size, kind = told["digest"], told["size"], told["mediaType"]
    if not DIGEST.fullmatch(digest) or not LAYER.fullmatch(kind):
        raise ValueError("a layer of another kind")
    found = os.lstat(os.path.join(folder, "blobs", "sha256", digest.partition(":")[2]))
    if not stat.S_ISREG(found.st_mode) or found.st_size != size:
        raise ValueError("a layer that is not what the image says of it")
    return {"mediaType": kind, "digest": digest, "size": size}


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
