"""Of an image no more is fetched than is needed, and nothing is believed before its digest is checked."""

from datetime import UTC, datetime

import pytest
from tests.unit.adapters.v2.asking import (
    DOCKER,
    DOCKER_CONFIG,
    DOCKER_LIST,
    OCI,
    OCI_CONFIG,
    OCI_INDEX,
    Stored,
    client_of,
    config_of,
    index_of,
    layer,
    manifest_of,
    packed,
)
from tests.unit.adapters.v2.scripted import Asked, Reply, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Unauthorized
from repo2docker_service.adapters.registries.v2.protocol.manifests import Kind, Summary

pytestmark = pytest.mark.served

CREATED = "2026-02-03T04:05:06Z"
LABELS = {"repo2docker.ref": "main"}
CONFIG = config_of(created=CREATED, config={"Labels": LABELS})
IMAGE = manifest_of(CONFIG, layer(100))
ALL_TYPES = {DOCKER, OCI, DOCKER_LIST, OCI_INDEX}


class Holding:
    """Holds what it is given, under tags and digests."""

    def __init__(self, *things: Stored, **tags: Stored) -> None:
        self.replies = {thing.digest: thing.reply for thing in (*things, *tags.values())}
        self.replies |= {tag: thing.reply for tag, thing in tags.items()}

    def __call__(self, asked: Asked) -> Reply:
        return self.replies.get(asked.path.rpartition("/")[2], refusing(404, "MANIFEST_UNKNOWN"))


async def summary_of(thing: Stored, *others: Stored) -> tuple[Summary, list[str]]:
    """Give what a client finds out, and what it asked for that."""
    async with serving(Holding(thing, *others)) as server, client_of(server.url) as client:
        return await client.summary("r", thing.digest), server.said


@pytest.mark.parametrize(("media_type", "config_type"), [(OCI, OCI_CONFIG), (DOCKER, DOCKER_CONFIG)])
async def test_an_image_takes_two_requests(media_type: str, config_type: str) -> None:
    """Cases 30 and 31."""
    config = Stored(CONFIG.body, config_type)
    image = manifest_of(config, layer(100), media_type=media_type)

    summary, said = await summary_of(image, config)

    assert summary == Summary(
        digest=image.digest,
        media_type=media_type,
        kind=Kind.IMAGE,
        size=100 + len(config.body),
        created=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
        labels=LABELS,
        config_digest=config.digest,
    )
    assert said == [f"GET /v2/r/manifests/{image.digest}", f"GET /v2/r/blobs/{config.digest}"]


async def test_all_types_of_manifests_are_always_accepted() -> None:
    async with serving(Holding(CONFIG, IMAGE, tag=IMAGE)) as server, client_of(server.url) as client:
        await client.digest("r", "tag")
        await client.summary("r", IMAGE.digest)

        accepted = [asked.headers["accept"].split(", ") for asked in server.requests if "/manifests/" in asked.path]
        assert list(map(set, accepted)) == [ALL_TYPES, ALL_TYPES]


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
async def test_an_index_is_known_by_its_own_digest_and_its_images_content(media_type: str) -> None:
    """Cases 32 and 33."""
    attestation = {
        **manifest_of(config_of(attested=True)).descriptor,
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    platform = {"os": "linux", "architecture": "amd64"}
    index = index_of(attestation, {**IMAGE.descriptor, "platform": platform}, media_type=media_type)

    summary, said = await summary_of(index, IMAGE, CONFIG)

    assert (summary.digest, summary.media_type, summary.kind) == (index.digest, media_type, Kind.INDEX)
    assert (summary.labels, summary.config_digest) == (LABELS, CONFIG.digest)
    assert summary.size == 100 + len(CONFIG.body)
    assert len(said) == 3


async def test_an_index_within_an_index_is_read_and_deeper_ones_are_not() -> None:
    outer = index_of(index_of(IMAGE.descriptor).descriptor)
    deep = index_of(outer.descriptor)

    found, _ = await summary_of(outer, index_of(IMAGE.descriptor), IMAGE, CONFIG)
    unknown, said = await summary_of(deep, outer, index_of(IMAGE.descriptor), IMAGE, CONFIG)

    assert found.labels == LABELS
    assert (unknown.kind, unknown.labels, unknown.size) == (Kind.INDEX, {}, 0)
    assert len(said) == 3


async def test_of_an_artifact_the_config_is_not_fetched() -> None:
    """Case 34."""
    chart = manifest_of(config_of("application/vnd.cncf.helm.config.v1+json"), layer(9))

    summary, said = await summary_of(chart)

    assert (summary.kind, summary.labels, summary.created) == (Kind.ARTIFACT, {}, None)
    assert len(said) == 1


async def test_an_old_image_is_listed_as_such() -> None:
    legacy = Stored(b'{"schemaVersion": 1}', "application/vnd.docker.distribution.manifest.v1+prettyjws")
    async with serving(lambda _: legacy.reply) as server, client_of(server.url) as client:
        assert (await client.summary("r", IMAGE.digest)).kind is Kind.LEGACY


async def test_an_image_without_its_config_is_still_listed() -> None:
    """Case 38."""
    summary, _ = await summary_of(IMAGE)

    assert (summary.kind, summary.labels, summary.created) == (Kind.IMAGE, {}, None)
    assert (summary.config_digest, summary.size) == (CONFIG.digest, 100 + len(CONFIG.body))


async def test_a_manifest_that_is_gone_is_not_found() -> None:
    async with serving(Holding()) as server, client_of(server.url) as client:
        with pytest.raises(NotFound, match="MANIFEST_UNKNOWN: as told"):
            await client.summary("r", IMAGE.digest)


@pytest.mark.parametrize("where", ["manifest", "config", "child"])
async def test_what_is_not_what_its_digest_says_is_refused(where: str) -> None:
    """Case 36: the header that is wrong may be right about what was sent instead."""
    index = index_of(IMAGE.descriptor)
    holding = Holding(index, IMAGE, CONFIG)
    changed = {"manifest": index, "config": CONFIG, "child": IMAGE}[where]
    holding.replies[changed.digest] = Stored(changed.body + b" ", changed.media_type).reply

    async with serving(holding) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer):
            await client.summary("r", index.digest)


async def test_a_config_of_another_length_or_too_long_is_refused() -> None:
    huge = Stored(packed({"config": {**CONFIG.descriptor, "size": 5 << 20}, "layers": []}), OCI)
    short = Stored(packed({"config": {**CONFIG.descriptor, "size": 5}, "layers": []}), OCI)

    for image, requests in ((huge, 1), (short, 2)):
        async with serving(Holding(image, CONFIG)) as server, client_of(server.url) as client:
            with pytest.raises(BadAnswer):
                await client.summary("r", image.digest)
            assert len(server.requests) == requests


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"x" * ((4 << 20) + 1), headers={"Content-Type": OCI}),
        Reply(body=b"\x1f\x8b" + b"x" * 100, headers={"Content-Type": OCI, "Content-Encoding": "gzip"}),
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500000\r\n" + b"x" * 0x500000),
        Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 0x500000),
    ],
)
async def test_a_manifest_without_measure_is_refused(reply: Reply) -> None:
    """Case 62."""
    async with serving(lambda _: reply) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer, match=r"more than 4194304 bytes|compressed"):
            await client.summary("r", IMAGE.digest)


async def test_a_digest_comes_from_the_head() -> None:
    async with serving(Holding(tag=IMAGE)) as server, client_of(server.url) as client:
        assert await client.digest("r", "tag") == IMAGE.digest
        assert await client.digest("r", "absent") is None
        assert server.said == ["HEAD /v2/r/manifests/tag", "HEAD /v2/r/manifests/absent"]


async def test_a_registry_that_does_not_tell_digests_is_asked_for_the_manifest() -> None:
    """Case 35."""
    silent = Reply(body=IMAGE.body, headers={"Content-Type": OCI})
    async with serving(lambda _: silent) as server, client_of(server.url) as client:
        assert await client.digest("r", "tag") == IMAGE.digest
        assert server.said == ["HEAD /v2/r/manifests/tag", "GET /v2/r/manifests/tag"]


async def test_a_registry_that_does_not_answer_heads_is_asked_for_the_manifest() -> None:
    """Case 69."""
    holding = Holding(tag=IMAGE)

    def play(asked: Asked) -> Reply:
        return Reply(405) if asked.method == "HEAD" else holding(asked)

    async with serving(play) as server, client_of(server.url) as client:
        assert await client.digest("r", "tag") == IMAGE.digest
        assert await client.digest("r", "absent") is None


@pytest.mark.parametrize("said", ["sha256:0", "x", f"sha256:{'A' * 64}", f"sha256:{'0' * 64}, sha256:{'0' * 64}"])
async def test_a_digest_that_is_none_is_refused(said: str) -> None:
    reply = Reply(headers={"Docker-Content-Digest": said})
    async with serving(lambda _: reply) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer):
            await client.digest("r", "tag")


async def test_a_wrong_digest_beside_a_manifest_is_refused() -> None:
    """Case 36."""

    def play(asked: Asked) -> Reply:
        wrong = {"Content-Type": OCI, "Docker-Content-Digest": CONFIG.digest}
        return Reply(405) if asked.method == "HEAD" else Reply(body=IMAGE.body, headers=wrong)

    async with serving(play) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer):
            await client.digest("r", "tag")


async def test_a_digest_that_may_not_be_seen_is_an_error() -> None:
    async with serving(lambda _: Reply(403)) as server, client_of(server.url) as client:
        with pytest.raises(Unauthorized):
            await client.digest("r", "tag")


async def test_what_a_tag_points_to_takes_as_many_requests() -> None:
    async with serving(Holding(IMAGE, CONFIG, latest=IMAGE)) as server, client_of(server.url) as client:
        assert await client.tagged("r", "latest") == await client.summary("r", IMAGE.digest)
        assert len(server.said) == 4


async def test_a_tag_that_is_not_there_points_to_nothing() -> None:
    async with serving(Holding()) as server, client_of(server.url) as client:
        assert await client.tagged("r", "latest") is None


@pytest.mark.parametrize("said", [f"sha256:{'0' * 64}", "nonsense"])
async def test_what_a_tag_points_to_is_checked_against_the_digest_that_is_told(said: str) -> None:
    """Case 36."""
    reply = Reply(body=IMAGE.body, headers={"Content-Type": OCI, "Docker-Content-Digest": said})
    async with serving(lambda _: reply) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer):
            await client.tagged("r", "latest")
