"""Manifests and configs are read whoever made them, and what is hostile in them does no harm."""

import json
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.v2.asking import (
    DOCKER,
    DOCKER_LIST,
    OCI,
    OCI_CONFIG,
    OCI_INDEX,
    config_of,
    index_of,
    layer,
    manifest_of,
    packed,
)

from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.protocol.configs import read_config
from repo2docker_service.adapters.registries.v2.protocol.manifests import Kind, choose, read_manifest

CONFIG = config_of()


def child(os: str = "linux", architecture: str = "amd64", letter: str = "b", **fields: object) -> dict[str, object]:
    platform = {"os": os, "architecture": architecture}
    return {"mediaType": OCI, "digest": f"sha256:{letter * 64}", "size": 7, "platform": platform, **fields}


@pytest.mark.parametrize("media_type", [OCI, DOCKER])
def test_the_size_of_an_image_counts_each_layer_once(media_type: str) -> None:
    """Case 40."""
    stored = manifest_of(CONFIG, layer(100), layer(30, "b"), layer(100), media_type=media_type)

    manifest = read_manifest(stored.body, f"{media_type}; charset=utf-8")

    assert (manifest.kind, manifest.media_type) == (Kind.IMAGE, media_type)
    assert manifest.size == 100 + 30 + len(CONFIG.body)


def test_a_manifest_that_does_not_say_what_it_is_is_recognised() -> None:
    assert read_manifest(packed({"config": CONFIG.descriptor, "layers": []}), OCI).kind is Kind.IMAGE
    assert read_manifest(packed({"config": CONFIG.descriptor, "layers": []}), "").kind is Kind.IMAGE
    assert read_manifest(packed({"manifests": []}), "").kind is Kind.INDEX


@pytest.mark.parametrize("declared", [DOCKER, OCI_INDEX, "text/html", "application/json"])
def test_a_manifest_of_another_type_than_the_registry_says_is_refused(declared: str) -> None:
    """Case 37."""
    with pytest.raises(BadAnswer, match="another type"):
        read_manifest(manifest_of(CONFIG).body, declared)


def test_things_that_are_not_images_are_artifacts() -> None:
    """Case 34."""
    chart = manifest_of(config_of("application/vnd.cncf.helm.config.v1+json"), layer(9))
    other = "application/vnd.oci.artifact.manifest.v1+json"

    assert read_manifest(chart.body, OCI).kind is Kind.ARTIFACT
    assert read_manifest(packed({"mediaType": other}), other).kind is Kind.ARTIFACT


@pytest.mark.parametrize("kind", ["v1+json", "v1+prettyjws"])
def test_of_a_manifest_from_long_ago_nothing_is_read(kind: str) -> None:
    assert read_manifest(b"whatever", f"application/vnd.docker.distribution.manifest.{kind}").kind is Kind.LEGACY


@pytest.mark.parametrize(
    ("children", "letter"),
    [
        ([child("linux", "arm64", "c"), child()], "b"),
        ([child("unknown", "unknown", "c"), child("linux", "arm64")], "b"),
        ([child(letter="c", annotations={"vnd.docker.reference.type": "attestation-manifest"}), child()], "b"),
        ([child(letter="b", platform=None)], "b"),
        ([child("unknown", "unknown")], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_of_an_index_the_usual_platform_stands_for_it(
    children: list[dict[str, object]], letter: str | None, media_type: str
) -> None:
    """Cases 32 and 33."""
    manifest = read_manifest(index_of(*children, media_type=media_type).body, media_type)

    chosen = choose(manifest.children)

    assert manifest.kind is Kind.INDEX
    assert (chosen.digest if chosen else None) == (f"sha256:{letter * 64}" if letter else None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"config": {}}',
        b'{"config": "x"}',
        b"{}",
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"size": ' + b"1" * 10_000 + b"}",
        packed({"config": {**CONFIG.descriptor, "digest": "sha256:x"}}),
        packed({"config": {**CONFIG.descriptor, "digest": f"sha256:{'0' * 64}/../x"}}),
        packed({"config": CONFIG.descriptor, "layers": [layer(1)] * 1001}),
        packed({"config": CONFIG.descriptor, "layers": ["x"]}),
        packed({"config": CONFIG.descriptor, "layers": [{**layer(0), "size": -1}]}),
        packed({"config": CONFIG.descriptor, "layers": [{**layer(0), "size": 1.5}]}),
        packed({"config": CONFIG.descriptor, "layers": [{**layer(0), "size": "1"}]}),
        packed({"config": CONFIG.descriptor, "layers": [{**layer(0), "size": None}]}),
        packed({"config": CONFIG.descriptor, "layers": [{**layer(0), "size": True}]}),
        packed({"config": CONFIG.descriptor, "layers": [{**layer(0), "size": 1 << 70}]}),
    ],
)
def test_what_is_no_manifest_is_refused(body: bytes) -> None:
    """Case 62."""
    with pytest.raises(BadAnswer):
        read_manifest(body, OCI)


def test_what_would_take_far_more_room_than_its_text_is_refused_unread() -> None:
    body = b'{"layers":[' + b"{}," * 1_300_000 + b"{}]}"
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match="more parts than any honest one"):
            read_manifest(body, OCI)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_an_index_has_a_hundred_children_at_most() -> None:
    assert read_manifest(index_of(*[child()] * 100).body, OCI_INDEX).children
    with pytest.raises(BadAnswer):
        read_manifest(index_of(*[child()] * 101).body, OCI_INDEX)


@pytest.mark.parametrize(
    ("created", "read"),
    [
        ("2026-02-03T04:05:06Z", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2026-02-03T04:05:06.123456789Z", datetime(2026, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)),
        ("2026-02-03T04:05:06.1+02:00", datetime(2026, 2, 3, 2, 5, 6, 100000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00.000000000Z", None),
        ("once", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_when_an_image_was_made_is_read_unless_that_is_not_told(created: object, read: datetime | None) -> None:
    """Case 39."""
    assert read_config(packed({"created": created})).created == read


@pytest.mark.parametrize("config", [{}, {"config": None}, {"config": {}}, {"config": {"Labels": None}}, {"config": []}])
def test_an_image_may_have_no_labels(config: dict[str, object]) -> None:
    """Case 39."""
    assert read_config(packed(config)).labels == {}


def test_labels_in_any_script_are_given_as_they_are() -> None:
    """Case 41: who shows them sees to it that they do no harm."""
    labels = {
        "latin": "<script>alert(1)</script>",
        "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd\u202c",
        "中文": "你好\n\x1b[31m",
        "emoji": "\U0001f600" * 3,
        "": "",
    }

    assert read_config(packed({"config": {"Labels": labels}})).labels == labels


def test_labels_that_no_text_can_hold_are_left_out() -> None:
    """Case 41."""
    body = b'{"config": {"Labels": {"a": "\\ud800", "\\udc00": "b", "c": 7, "d": "e"}}}'

    assert read_config(body).labels == {"d": "e"}


def test_labels_are_as_many_and_as_long_as_is_reasonable() -> None:
    labels = {"long": "x" * 65_537, "k" * 1025: "x", "record": "x" * 65_536, **{str(n): "" for n in range(300)}}

    kept = read_config(packed({"config": {"Labels": labels}})).labels

    assert len(kept) == 256
    assert list(kept)[:2] == ["record", "0"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(CONFIG.digest),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["config", "layers", "manifests", "Labels", "digest", "size", "created"]), inner
        )
    ),
    max_leaves=20,
)


@given(values)
def test_any_json_is_either_read_or_refused(value: object) -> None:
    body = json.dumps(value).encode()
    for read in (read_config, lambda body: read_manifest(body, OCI), lambda body: read_manifest(body, OCI_INDEX)):
        with suppress(BadAnswer):
            read(body)


def test_a_config_that_is_none_is_refused() -> None:
    for body in (b"", b"[]", b"{" * 10):
        with pytest.raises(BadAnswer):
            read_config(body)


def test_the_config_of_an_image_has_a_known_type() -> None:
    assert CONFIG.media_type == OCI_CONFIG
