"""Small images written straight into a registry, far quicker than an engine pushes them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from urllib.parse import urlsplit

SCHEMA2 = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
ALL = f"{SCHEMA2}, {DOCKER_LIST}, {OCI_MANIFEST}, {OCI_INDEX}"
CREATED = "2026-02-03T04:05:06.123456789Z"
Descriptor = dict[str, object]


class WriteRefused(Exception):
    """The registry did not take what was to be written."""


class RegistryWriter:
    """Writes to one repository, over one connection."""

    def __init__(self, base_url: str, repository: str, auth: str | None = None) -> None:
        """Make a writer.

        Args:
            base_url: address of the registry.
            repository: where in it to write.
            auth: the Authorization header; see `basic`.
        """
        parts = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._path = f"/v2/{repository}"
        self._headers = {"Authorization": auth} if auth else {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def blob(self, content: bytes, media_type: str) -> Descriptor:
        """Write a blob, unless it is there, and describe it as manifests do."""
        digest = digest_of(content)
        if self._send("HEAD", f"{self._path}/blobs/{digest}", 200, 404).status == 404:
            place = self._send("POST", f"{self._path}/blobs/uploads/", 202).headers["Location"]
            target = f"{place}{'&' if '?' in place else '?'}digest={digest}"
            parts = urlsplit(target)
            self._send("PUT", f"{parts.path}?{parts.query}", 201, body=content, kind="application/octet-stream")
        return {"mediaType": media_type, "size": len(content), "digest": digest}

    def manifest(self, reference: str, content: bytes, media_type: str) -> str:
        """Write a manifest under a tag, or under its digest, and give its digest."""
        self._send("PUT", f"{self._path}/manifests/{reference}", 201, body=content, kind=media_type)
        return digest_of(content)

    def has(self, reference: str) -> bool:
        """Tell whether there is a manifest under this tag or digest."""
        return self._send("HEAD", f"{self._path}/manifests/{reference}", 200, 404, accept=ALL).status == 200

    def delete(self, digest: str, kind: str = "manifests") -> None:
        """Delete a manifest, with all its tags, or one of the `blobs`."""
        self._send("DELETE", f"{self._path}/{kind}/{digest}", 202)

    def _send(
        self, method: str, target: str, *wanted: int, body: bytes | None = None, kind: str = "", accept: str = ""
    ) -> http.client.HTTPResponse:
        said = {"Content-Type": kind, "Accept": accept}
        headers = self._headers | {name: value for name, value in said.items() if value}
        self._connection.request(method, target, body, headers)
        answer = self._connection.getresponse()
        found = answer.read()
        if answer.status not in wanted:
            raise WriteRefused(f"{method} {target}: {answer.status} {found[:500]!r}")
        return answer


@contextmanager
def writing(base_url: str, repository: str, *, auth: str | None = None) -> Iterator[RegistryWriter]:
    """Give a writer for a while."""
    writer = RegistryWriter(base_url, repository, auth)
    try:
        yield writer
    finally:
        writer.close()


def put_image(
    base_url: str,
    repository: str,
    tag: str,
    labels: Mapping[str, str] | None,
    *,
    auth: str | None = None,
    oci: bool = False,
    layers: int = 1,
    created: str | None = CREATED,
) -> str:
    """Write an image that engines can pull, and give the digest of its manifest.

    Args:
        base_url: address of the registry.
        repository: where in it to write.
        tag: the image's tag, which is also in its configuration, so that no two tags share a digest.
        labels: its labels; None is written as null.
        auth: the Authorization header; see `basic`.
        oci: whether it is of OCI's kind rather than of Docker's.
        layers: how many layers it has; the first layers of all images are the same.
        created: when it was made, or None not to say.
    """
    config = image_config(tag, labels, layers=layers, created=created)
    with writing(base_url, repository, auth=auth) as writer:
        return write_image(writer, tag, config, layers=layers, oci=oci)[0]


def put_images(
    base_url: str, repository: str, labels: Mapping[str, Mapping[str, str]], *, auth: str | None = None
) -> dict[str, str]:
    """Write an image for each tag, ten at a time, and give their digests by tag."""

    def put(tag: str) -> str:
        return put_image(base_url, repository, tag, labels[tag], auth=auth)

    # The first one by itself: a registry stumbles over a layer that is written ten times at the same moment.
    first, rest = list(labels)[:1], list(labels)[1:]
    with ThreadPoolExecutor(10) as threads:
        return {tag: put(tag) for tag in first} | dict(zip(rest, threads.map(put, rest), strict=True))


def write_image(
    writer: RegistryWriter, reference: str, config: bytes, *, layers: int = 1, oci: bool = False
) -> tuple[str, int]:
    """Write an image with this configuration, and give the digest and the length of its manifest.

    An empty reference writes it under its digest only, as the images that an index lists are.
    """
    described = [writer.blob(layer(number)[0], OCI_LAYER if oci else DOCKER_LAYER) for number in range(layers)]
    content = manifest(writer.blob(config, OCI_CONFIG if oci else DOCKER_CONFIG), described, oci=oci)
    kind = OCI_MANIFEST if oci else SCHEMA2
    return writer.manifest(reference or digest_of(content), content, kind), len(content)


def image_config(
    name: str,
    labels: Mapping[str, str] | None,
    *,
    layers: int = 1,
    created: str | None = CREATED,
    architecture: str = "amd64",
) -> bytes:
    """Make the configuration of an image; `name` makes it differ from others."""
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Labels": labels, "Env": [f"NAME={name}"]},
        "rootfs": {"type": "layers", "diff_ids": [layer(number)[1] for number in range(layers)]},
    }
    return json.dumps(config | ({"created": created} if created else {})).encode()


def manifest(config: Descriptor, layers: Sequence[Descriptor], *, oci: bool = False) -> bytes:
    """Make the manifest of an image."""
    kind = OCI_MANIFEST if oci else SCHEMA2
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": list(layers)}).encode()


@lru_cache(maxsize=256)
def layer(number: int) -> tuple[bytes, str]:
    """Give a compressed layer of one file, and the digest of what it is uncompressed."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        text = f"layer {number}\n".encode()
        entry = tarfile.TarInfo(f"layer-{number}")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return gzip.compress(packed.getvalue(), mtime=0), digest_of(packed.getvalue())


def basic(username: str, password: str) -> str:
    """Make the Authorization header of a user."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def digest_of(content: bytes) -> str:
    """Give the digest by which a registry knows this content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
