"""What a real registry holds, however it came there, and what is said of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.integration.registry import faults
from tests.integration.registry.clients import client_of
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.packages import program, require
from tools.parts.registry import running_registry
from tools.parts.registry_content import (
    ALL,
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_LIST,
    OCI_INDEX,
    OCI_MANIFEST,
    SCHEMA2,
    RegistryWriter,
    digest_of,
    image_config,
    layer,
    manifest,
    put_image,
    write_image,
    writing,
)
from tools.parts.registry_indexes import put_artifact, put_index

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound
from repo2docker_service.adapters.registries.v2.protocol.manifests import Kind, Summary

LABELS = {"org.example.label": "value", "empty": ""}
CREATED = datetime(2026, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)
CONTENT = "GET /v2/app/(manifests|blobs)/"
STRANGE = {
    "unicode": "grüße 🗝 \u0000\u001b[31m",
    "right to left": "\u202egnp.exe\u202c \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "<script>alert(1)</script>": "</script><img src=x onerror=alert(1)>\r\nX: y",
    "formula": "=cmd|' /C calc'!A0",
}


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[RegistryProxy]:
    with running_registry(tmp_path) as registry, registry_proxy(registry.port) as proxy:
        yield proxy


@pytest.fixture
def writer(proxy: RegistryProxy) -> Iterator[RegistryWriter]:
    with writing(f"http://127.0.0.1:{proxy.behind}", "app") as writer:
        yield writer


async def summary(proxy: RegistryProxy, tag: str = "one") -> Summary:
    """Find a tag and give what is to be known of it, as an administrator's listing does."""
    async with client_of(proxy.url) as client:
        digest = await client.digest("app", tag)
        assert digest is not None
        proxy.forget()
        return await client.summary("app", digest)


def size_of(config: bytes, layers: Sequence[int] = (0,)) -> int:
    return len(config) + sum(len(layer(number)[0]) for number in layers)


@pytest.mark.parametrize(("oci", "media_type"), [(False, SCHEMA2), (True, OCI_MANIFEST)])
async def test_an_image_is_known_after_two_requests(oci: bool, media_type: str, proxy: RegistryProxy) -> None:
    """Cases 30 and 31."""
    config = image_config("one", LABELS, layers=3)
    digest = put_image(proxy.url, "app", "one", LABELS, oci=oci, layers=3)

    assert await summary(proxy) == Summary(
        digest, media_type, Kind.IMAGE, size_of(config, range(3)), CREATED, LABELS, digest_of(config)
    )
    assert len(proxy.seen(CONTENT)) == len(proxy.requests) == 2


@pytest.mark.parametrize(
    ("oci", "attestation", "media_type"),
    [(False, False, DOCKER_LIST), (True, False, OCI_INDEX), (True, True, OCI_INDEX)],
)
async def test_a_list_of_images_is_known_by_its_usual_one(
    oci: bool, attestation: bool, media_type: str, proxy: RegistryProxy
) -> None:
    """Cases 32 and 33."""
    digest = put_index(proxy.url, "app", "one", LABELS, oci=oci, attestation=attestation)
    config = image_config("one", LABELS, architecture="amd64")

    assert await summary(proxy) == Summary(
        digest, media_type, Kind.INDEX, size_of(config), CREATED, LABELS, digest_of(config)
    )


async def test_what_is_attested_of_an_image_is_not_taken_for_it(proxy: RegistryProxy) -> None:
    """Case 33, for an architecture that is not the usual one."""
    put_index(proxy.url, "app", "one", LABELS, attestation=True, architectures=["arm64"])

    assert (await summary(proxy)).labels == LABELS


async def test_what_is_no_image_is_listed_as_something_else(proxy: RegistryProxy) -> None:
    """Case 34."""
    digest = put_artifact(proxy.url, "app", "one")
    found = await summary(proxy)

    assert (found.digest, found.kind, found.labels, found.created) == (digest, Kind.ARTIFACT, {}, None)
    assert len(proxy.requests) == 1


async def test_a_digest_that_is_not_told_is_computed(proxy: RegistryProxy) -> None:
    """Case 35."""
    digest = put_image(proxy.url, "app", "one", LABELS)
    proxy.on("", faults.without_header("Docker-Content-Digest"))
    async with client_of(proxy.url) as client:
        assert await client.digest("app", "one") == digest
        assert await client.digest("app", digest) == digest
        assert await client.digest("app", "two") is None


@pytest.mark.parametrize("head_works", [True, False])
@pytest.mark.parametrize("told", [f"sha256:{'0' * 64}", "sha256:0", "no digest", f"sha256:{'A' * 64}"])
async def test_a_wrong_digest_is_noticed(told: str, head_works: bool, proxy: RegistryProxy) -> None:
    """Case 36: a head says nothing that could be compared, so one has to look at what the digest stands for."""
    put_image(proxy.url, "app", "one", LABELS)
    proxy.on("", faults.with_header("Docker-Content-Digest", told))
    if not head_works:
        proxy.on("HEAD ", faults.refuse(405))
    async with client_of(proxy.url) as client:
        with pytest.raises((BadAnswer, NotFound)):
            await client.summary("app", await client.digest("app", "one") or "")


async def test_other_content_than_the_digest_says_is_refused(proxy: RegistryProxy, writer: RegistryWriter) -> None:
    """Case 36."""
    one, _ = write_image(writer, "one", image_config("one", LABELS))
    other = manifest({"mediaType": DOCKER_CONFIG, "size": 1, "digest": f"sha256:{'0' * 64}"}, [])
    proxy.on("GET /v2/app/manifests/", faults.with_body(other))
    async with client_of(proxy.url) as client:
        with pytest.raises(BadAnswer, match="not what its digest says"):
            await client.summary("app", one)


async def test_another_config_than_the_digest_says_is_refused(proxy: RegistryProxy) -> None:
    """Case 36."""
    digest = put_image(proxy.url, "app", "one", {"label": "value"})
    forged = image_config("one", {"label": "VALUE"})
    proxy.on("GET /v2/app/blobs/", faults.with_body(forged))
    async with client_of(proxy.url) as client:
        with pytest.raises(BadAnswer, match="not what its digest says"):
            await client.summary("app", digest)


@pytest.mark.parametrize("declared", [OCI_MANIFEST, OCI_INDEX, "text/html"])
async def test_a_manifest_of_another_type_than_it_says_is_refused(declared: str, proxy: RegistryProxy) -> None:
    """Case 37."""
    put_image(proxy.url, "app", "one", LABELS)
    proxy.on("GET /v2/app/manifests/", faults.with_header("Content-Type", declared))
    async with client_of(proxy.url) as client:
        digest = await client.digest("app", "one") or ""
        with pytest.raises(BadAnswer, match="another type"):
            await client.summary("app", digest)


async def test_an_image_whose_config_is_lost_can_still_be_listed(proxy: RegistryProxy, writer: RegistryWriter) -> None:
    """Case 38."""
    digest = put_image(proxy.url, "app", "one", LABELS)
    config = image_config("one", LABELS)
    writer.delete(digest_of(config), "blobs")
    found = await summary(proxy)

    assert (found.digest, found.kind, found.size) == (digest, Kind.IMAGE, size_of(config))
    assert (found.labels, found.created) == ({}, None)


@pytest.mark.parametrize(
    ("written", "created"),
    [
        (None, None),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("2026-02-03T04:05:06.123456789Z", CREATED),
        ("2026-02-03T06:05:06.123456789+02:00", CREATED),
        ("2026-02-03T04:05:06Z", CREATED.replace(microsecond=0)),
    ],
)
async def test_the_time_of_an_image_is_understood_or_left_out(
    written: str | None, created: datetime | None, proxy: RegistryProxy
) -> None:
    """Case 39."""
    put_image(proxy.url, "app", "one", LABELS, created=written)

    assert (await summary(proxy)).created == created


async def test_an_image_may_have_no_labels(proxy: RegistryProxy) -> None:
    """Case 39."""
    put_image(proxy.url, "app", "one", None)

    assert (await summary(proxy)).labels == {}


async def test_a_layer_that_is_used_twice_is_counted_once(proxy: RegistryProxy, writer: RegistryWriter) -> None:
    """Case 40."""
    config = image_config("one", LABELS)
    described = writer.blob(layer(0)[0], DOCKER_LAYER)
    content = manifest(writer.blob(config, DOCKER_CONFIG), [described] * 3)
    writer.manifest("one", content, SCHEMA2)

    assert (await summary(proxy)).size == size_of(config)


async def test_strange_labels_come_through_as_they_are(proxy: RegistryProxy) -> None:
    """Case 41."""
    put_image(proxy.url, "app", "one", STRANGE)

    assert (await summary(proxy)).labels == STRANGE


async def test_what_the_engine_pushes_is_understood(proxy: RegistryProxy, engine: Engine, tmp_path: Path) -> None:
    """Case 42."""
    require("docker")
    api, name = DockerApi(engine.url), f"127.0.0.1:{proxy.behind}/app"
    query = {"fromSrc": "-", "repo": name, "tag": "one", "changes": 'LABEL org.example.label="value"'}
    try:
        list(api.follow("/images/create", query, layer(0)[0]))
        image = api.ask("GET", f"/images/{name}:one/json")
        run("docker", "-H", engine.url, "push", "--quiet", f"{name}:one", folder=tmp_path)
    finally:
        api.ask("DELETE", f"/images/{name}:one", {"force": "1"})
    found = await summary(proxy)

    assert (found.kind, found.media_type) == (Kind.IMAGE, SCHEMA2)
    assert found.labels == {"org.example.label": "value"}
    assert found.config_digest == image["Id"]
    assert found.created is not None
    assert found.created.isoformat()[:19] == image["Created"][:19]
    assert found.digest == digest_of(stored(proxy, found.digest))


@pytest.mark.parametrize(("form", "media_type"), [("oci", OCI_MANIFEST), ("v2s2", SCHEMA2)])
async def test_what_skopeo_copies_is_understood_as_skopeo_does(
    form: str, media_type: str, proxy: RegistryProxy, tmp_path: Path
) -> None:
    """Case 42."""
    require("skopeo")
    put_image(proxy.url, "source", "one", LABELS, layers=2)
    place = f"docker://127.0.0.1:{proxy.behind}"
    plain = "--src-tls-verify=false", "--dest-tls-verify=false"
    run(
        "skopeo",
        "--insecure-policy",
        "copy",
        *plain,
        "-f",
        form,
        f"{place}/source:one",
        f"{place}/app:one",
        folder=tmp_path,
    )
    said = json.loads(run("skopeo", "inspect", "--tls-verify=false", f"{place}/app:one", folder=tmp_path))
    found = await summary(proxy)

    assert (found.kind, found.media_type) == (Kind.IMAGE, media_type)
    assert (found.digest, found.labels) == (said["Digest"], said["Labels"])
    parts = json.loads(stored(proxy, found.digest))
    assert found.size == sum(part["size"] for part in [parts["config"], *parts["layers"]])


def run(name: str, *words: str, folder: Path) -> str:
    """Run a program that does not see the credentials of whoever runs the tests, and give what it prints."""
    environment = os.environ | {"HOME": str(folder), "DOCKER_CONFIG": str(folder)}
    command = [program(name) or name, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def stored(proxy: RegistryProxy, digest: str) -> bytes:
    return httpx.get(f"{proxy.url}/v2/app/manifests/{digest}", headers={"Accept": ALL}).content
