"""Manifests: what a registry says an image consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.protocol.references import DIGEST
from repo2docker_service.adapters.registries.v2.transport.documents import mapping, read_object, sequence, size, text

_DOCKER: Final = "application/vnd.docker.distribution.manifest"
_OCI: Final = "application/vnd.oci.image"
_MANIFESTS: Final = (f"{_DOCKER}.v2+json", f"{_OCI}.manifest.v1+json")
_INDEXES: Final = (f"{_DOCKER}.list.v2+json", f"{_OCI}.index.v1+json")
_LEGACY: Final = (f"{_DOCKER}.v1+json", f"{_DOCKER}.v1+prettyjws")
_IMAGE_CONFIGS: Final = ("application/vnd.docker.container.image.v1+json", f"{_OCI}.config.v1+json")

ACCEPT: Final = ", ".join([*_MANIFESTS, *_INDEXES])
"""All that is understood: some registries fail when one of these is left out."""

_MOST_LAYERS: Final = 1000
_MOST_CHILDREN: Final = 100
_ATTESTATION: Final = ("vnd.docker.reference.type", "attestation-manifest")
_ELSEWHERE: Final = (".foreign.", ".nondistributable.")
_USUAL_PLATFORM: Final = ("linux", "amd64")
_NO_PLATFORM: Final = ("unknown", "unknown")


class Kind(StrEnum):
    """What a manifest is of."""

    IMAGE = "image"
    INDEX = "index"
    """Images for several platforms, or one with its attestations."""
    ARTIFACT = "artifact"
    """Something else that is kept in registries: charts, signatures and the like."""
    LEGACY = "legacy"
    """An image in the format before 2016, of which nothing is read."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """How a manifest refers to something else."""

    media_type: str
    digest: str
    size: int
    platform: tuple[str, str] = ("", "")
    """Operating system and architecture; empty when not told."""
    attestation: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as far as it is understood."""

    media_type: str
    kind: Kind
    config: Descriptor | None = None
    layers: Sequence[Descriptor] = ()
    children: Sequence[Descriptor] = ()

    @property
    def own_layers(self) -> Sequence[str]:
        """Digests of the layers that are kept beside it, each once; others are only referred to."""
        own = [layer.digest for layer in self.layers if not any(word in layer.media_type for word in _ELSEWHERE)]
        return tuple(dict.fromkeys(own))

    @property
    def size(self) -> int:
        """Bytes to pull for it, each thing counted once."""
        parts = [*self.layers, *([self.config] if self.config else [])]
        return sum({part.digest: part.size for part in parts}.values())


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


def read_manifest(body: bytes, content_type: str) -> Manifest:
    """Read a manifest.

    Args:
        body: its text.
        content_type: how the registry calls it.

    Raises:
        BadAnswer: it is not a manifest, contradicts its name, or is larger than any honest one.
    """
    declared = content_type.partition(";")[0].strip().lower()
    if declared in _LEGACY:
        return Manifest(declared, Kind.LEGACY)
    document = read_object(body, "the manifest")
    media_type = _agreed(declared, text(document.get("mediaType")), document)
    if media_type in _INDEXES:
        return Manifest(media_type, Kind.INDEX, children=_descriptors(document, "manifests", _MOST_CHILDREN))
    if media_type not in _MANIFESTS:
        return Manifest(media_type, Kind.ARTIFACT)
    config = _descriptor(document.get("config"))
    kind = Kind.IMAGE if config.media_type in _IMAGE_CONFIGS else Kind.ARTIFACT
    return Manifest(media_type, kind, config, _descriptors(document, "layers", _MOST_LAYERS))


def choose(children: Sequence[Descriptor]) -> Descriptor | None:
    """Give the image of an index that stands for it: that of the usual platform, else the first, if any."""
    images = [child for child in children if child.platform != _NO_PLATFORM and not child.attestation]
    usual = [child for child in images if child.platform == _USUAL_PLATFORM]
    return next(iter([*usual, *images]), None)


def _agreed(declared: str, written: str, document: Mapping[str, object]) -> str:
    if declared and written and declared != written.lower():
        raise BadAnswer("the manifest is of another type than the registry says")
    if declared or written:
        return declared or written
    # Old manifests of the OCI do not say what they are, and not every server of files does it for them.
    return _INDEXES[1] if "manifests" in document else _MANIFESTS[1]


def _descriptors(document: Mapping[str, object], key: str, most: int) -> Sequence[Descriptor]:
    values = sequence(document.get(key))
    if len(values) > most:
        raise BadAnswer(f"the manifest has more than {most} {key}")
    return tuple(_descriptor(value) for value in values)


def _descriptor(value: object) -> Descriptor:
    fields = mapping(value)
    digest = text(fields.get("digest"))
    if not DIGEST.fullmatch(digest):
        raise BadAnswer("the manifest refers to something without a proper digest")
    platform = mapping(fields.get("platform"))
    return Descriptor(
        media_type=text(fields.get("mediaType")),
        digest=digest,
        size=size(fields.get("size")),
        platform=(text(platform.get("os")), text(platform.get("architecture"))),
        attestation=mapping(fields.get("annotations")).get(_ATTESTATION[0]) == _ATTESTATION[1],
    )
