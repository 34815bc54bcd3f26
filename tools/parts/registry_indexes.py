"""Lists of images, and things that are no images, written straight into a registry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from .registry_content import (
    DOCKER_LIST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    SCHEMA2,
    Descriptor,
    RegistryWriter,
    digest_of,
    image_config,
    manifest,
    write_image,
    writing,
)

ARCHITECTURES = ("amd64", "arm64")


def put_index(
    base_url: str,
    repository: str,
    tag: str,
    labels: Mapping[str, str],
    *,
    oci: bool = True,
    attestation: bool = False,
    architectures: Sequence[str] = ARCHITECTURES,
    auth: str | None = None,
) -> str:
    """Write a list of one image for each architecture, and give its digest.

    Args:
        base_url: address of the registry.
        repository: where in it to write.
        tag: the tag of the list.
        labels: the labels of its images.
        oci: whether all is of OCI's kind rather than of Docker's.
        attestation: whether it also lists what buildx attests of each image.
        architectures: for which there are images.
        auth: the Authorization header.
    """
    with writing(base_url, repository, auth=auth) as writer:
        children = [_child(writer, tag, labels, architecture, oci=oci) for architecture in architectures]
        # Some builders put what they attest first.
        attested = [_attestation(writer, str(child["digest"])) for child in children] if attestation else []
        return write_index(writer, tag, [*attested, *children], oci=oci)


def write_index(writer: RegistryWriter, tag: str, children: Sequence[Descriptor], *, oci: bool = True) -> str:
    """Write a list of what is there already, and give its digest."""
    kind = OCI_INDEX if oci else DOCKER_LIST
    content = {"schemaVersion": 2, "mediaType": kind, "manifests": list(children)}
    return writer.manifest(tag, json.dumps(content).encode(), kind)


def put_artifact(base_url: str, repository: str, tag: str, *, auth: str | None = None) -> str:
    """Write something that is no image, a chart of Helm, and give its digest."""
    with writing(base_url, repository, auth=auth) as writer:
        config = writer.blob(b'{"name": "chart"}', "application/vnd.cncf.helm.config.v1+json")
        chart = writer.blob(b"a chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
        return writer.manifest(tag, manifest(config, [chart], oci=True), OCI_MANIFEST)


def _child(writer: RegistryWriter, name: str, labels: Mapping[str, str], architecture: str, *, oci: bool) -> Descriptor:
    config = image_config(name, labels, architecture=architecture)
    digest, size = write_image(writer, "", config, oci=oci)
    platform = {"architecture": architecture, "os": "linux"}
    return {"mediaType": OCI_MANIFEST if oci else SCHEMA2, "digest": digest, "size": size, "platform": platform}


def _attestation(writer: RegistryWriter, image: str) -> Descriptor:
    config = writer.blob(json.dumps({"architecture": "unknown", "os": "unknown"}).encode(), OCI_CONFIG)
    content = manifest(config, [writer.blob(image.encode(), OCI_LAYER)], oci=True)
    digest = writer.manifest(digest_of(content), content, OCI_MANIFEST)
    return {
        "mediaType": OCI_MANIFEST,
        "digest": digest,
        "size": len(content),
        "platform": {"architecture": "unknown", "os": "unknown"},
        "annotations": {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": image,
        },
    }
