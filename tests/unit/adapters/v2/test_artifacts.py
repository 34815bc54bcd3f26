"""Artifacts as the OCI specifications have them, at registries that know of referrers and at those that do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from tests.unit.adapters.v2.asking import OCI_INDEX, client_of, config_of, digest_of, manifest_of
from tests.unit.adapters.v2.scripted import Asked, Reply, json_of, refusing, serving

from repo2docker_service.adapters.artifacts import CONFIG_TYPE, LAYER_TYPE
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Refused, Unauthorized
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient

pytestmark = pytest.mark.served

IMAGE = manifest_of(config_of())
SUBJECT = IMAGE.digest
FALLBACK = SUBJECT.replace(":", "-")
TAG = f"log-{'0a' * 16}"
OTHER = {"mediaType": "application/json", "digest": f"sha256:{'b' * 64}", "size": 5, "artifactType": "a/signature"}
NO_API = Reply(404, b"404 page not found")
ABSENT = refusing(404)


@dataclass
class Registry:
    """A registry in memory, of a kind that sees what refers to what or of one that does not."""

    sees: bool = False
    no_api: Reply = NO_API
    """What one that does not see says when it is asked."""
    absent: Reply = ABSENT
    place: Callable[[str], str] = lambda path: f"{path}?state=x%2Fy"
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=lambda: {SUBJECT: IMAGE.body})
    tags: dict[str, str] = field(default_factory=dict)
    others: list[dict[str, object]] = field(default_factory=lambda: [OTHER])

    def __call__(self, asked: Asked) -> Reply:
        kind, _, name = asked.path.removeprefix("/v2/a/b/").partition("/")
        if asked.method == "POST":
            return Reply(202, headers={"Location": self.place("/v2/a/b/blobs/uploads/1")})
        if kind == "referrers":
            return self._referrers(name) if self.sees else self.no_api
        digest = name if ":" in name else self.tags.get(name, "")
        if asked.method == "PUT" and kind == "blobs":
            assert dict(asked.query) == {"state": "x/y", "digest": digest_of(asked.body)}
            self.blobs[digest_of(asked.body)] = asked.body
            return Reply(201)
        if asked.method == "PUT":
            return self._put(name, asked.body)
        if asked.method == "DELETE":
            self.tags = {tag: where for tag, where in self.tags.items() if where != name}
            return Reply(202 if self.manifests.pop(name, None) else 404)
        body = (self.blobs if kind == "blobs" else self.manifests).get(digest)
        return Reply(body=body) if body else self.absent

    def _put(self, name: str, body: bytes) -> Reply:
        self.manifests[digest_of(body)] = body
        self.tags[name] = digest_of(body)
        subject = json.loads(body).get("subject", {}).get("digest", "")
        return Reply(201, headers={"OCI-Subject": subject} if subject and self.sees else {})

    def _referrers(self, subject: str) -> Reply:
        found = [
            {"digest": digest, "size": len(body), "artifactType": json.loads(body)["config"]["mediaType"]}
            for digest, body in self.manifests.items()
            if json.loads(body).get("subject", {}).get("digest") == subject
        ]
        return json_of({"manifests": [*self.others, *found]})

    def written(self) -> list[str]:
        """Give what the tag in the place of the API lists."""
        index = json.loads(self.manifests[self.tags[FALLBACK]])
        assert index["mediaType"] == OCI_INDEX
        return [entry["digest"] for entry in index["manifests"]]


async def attach(client: RegistryClient, tag: str = TAG, subject: str = SUBJECT) -> None:
    parts = [await client.artifacts.upload("a/b", f"layer of {tag}".encode())]
    config = f"config of {tag}".encode()
    await client.artifacts.attach("a/b", tag, config, parts, subject=subject, created="2026-01-31T12:00:00+00:00")


@pytest.mark.parametrize("sees", [True, False])
async def test_an_artifact_refers_to_its_image_and_is_written_down_where_the_registry_does_not_see_it(
    *, sees: bool
) -> None:
    registry = Registry(sees=sees)
    async with serving(registry) as server, client_of(server.url) as client:
        await attach(client)
        artifact = await client.artifacts.fetch("a/b", TAG)

    assert artifact is not None
    document = json.loads(registry.manifests[artifact.digest])
    assert (artifact.config, artifact.subject) == (f"config of {TAG}".encode(), SUBJECT)
    assert document["subject"] == IMAGE.descriptor
    assert (document["config"]["mediaType"], document["layers"][0]["mediaType"]) == (CONFIG_TYPE, LAYER_TYPE)
    assert "artifactType" not in document
    assert (FALLBACK in registry.tags) is not sees
    assert sees or registry.written() == [artifact.digest]


@pytest.mark.parametrize(
    ("sees", "no_api"),
    [
        (True, NO_API),
        (False, NO_API),
        (False, refusing(400)),
        (False, refusing(403)),
        (False, refusing(405)),
        (False, refusing(501)),
        (False, Reply(303, headers={"Location": "/login"})),
        (False, Reply(200, b"<html>Welcome</html>")),
    ],
    ids=lambda given: str(given.status) if isinstance(given, Reply) else "sees" if given else "does not see",
)
async def test_only_our_artifacts_go_with_an_image_and_what_others_wrote_down_stays(
    *, sees: bool, no_api: Reply
) -> None:
    registry = Registry(sees=sees, no_api=no_api)
    async with serving(registry) as server, client_of(server.url) as client:
        for number in range(2):
            await attach(client, f"{TAG}{number}")
        if not sees:
            index = json.loads(registry.manifests[registry.tags[FALLBACK]])
            index["manifests"].append(OTHER)
            registry._put(FALLBACK, json.dumps(index).encode())
        await client.delete_logs("a/b", SUBJECT)

    assert not any(tag.startswith(TAG) for tag in registry.tags)
    assert sees or registry.written() == [OTHER["digest"]]
    assert SUBJECT in registry.manifests


async def test_what_is_written_down_goes_with_the_last_artifact_that_is_removed() -> None:
    registry = Registry()
    async with serving(registry) as server, client_of(server.url) as client:
        await attach(client, f"{TAG}1")
        await attach(client, f"{TAG}2")
        for number, left in ((1, 1), (2, 0)):
            artifact = await client.artifacts.fetch("a/b", f"{TAG}{number}")
            assert artifact is not None
            assert await client.artifacts.discard("a/b", artifact)
            assert (FALLBACK in registry.tags) is bool(left)
            assert not await client.artifacts.discard("a/b", artifact)


async def test_nothing_is_attached_to_an_image_that_is_gone() -> None:
    registry = Registry(manifests={})
    async with serving(registry) as server, client_of(server.url) as client:
        with pytest.raises(NotFound):
            await attach(client)

    assert registry.tags == {}


@pytest.mark.parametrize(
    "place",
    ["https://elsewhere.example.org/v2/a/b/blobs/uploads/1", "//elsewhere.example.org/x", "", "http://127.0.0.1:1/x"],
)
async def test_what_is_uploaded_is_sent_to_no_other_server(place: str) -> None:
    registry = Registry(place=lambda _: place)
    async with serving(registry) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer, match="elsewhere"):
            await client.artifacts.upload("a/b", b"secret")

        assert server.said == ["POST /v2/a/b/blobs/uploads/"]


async def test_an_image_or_nothing_under_the_tag_is_no_artifact_and_a_changed_blob_is_found_out() -> None:
    registry = Registry()
    registry._put(TAG, IMAGE.body)
    async with serving(registry) as server, client_of(server.url) as client:
        assert await client.artifacts.fetch("a/b", TAG) is None
        assert await client.artifacts.fetch("a/b", f"{TAG}1") is None

        await attach(client)
        registry.blobs = dict.fromkeys(registry.blobs, b"something else")
        assert await client.artifacts.fetch("a/b", TAG) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"config": {"mediaType": CONFIG_TYPE, "digest": f"sha256:{'0' * 64}", "size": 5}},
        {"config": {"mediaType": CONFIG_TYPE, "digest": "../../elsewhere", "size": 5}},
        {"config": {"mediaType": CONFIG_TYPE, "digest": IMAGE.digest, "size": -1}},
        {"config": {"mediaType": CONFIG_TYPE, "digest": SUBJECT, "size": 1 << 40}},
        {"config": []},
        {"layers": "x" * (5 << 20)},
        {"subject": {"digest": "../../elsewhere"}},
    ],
    ids=["lost", "misnamed", "no size", "endless", "nothing", "huge", "misattached"],
)
async def test_a_damaged_artifact_is_none_and_nothing_is_asked_that_it_could_choose(fields: dict[str, object]) -> None:
    registry = Registry()
    async with serving(registry) as server, client_of(server.url) as client:
        await attach(client)
        manifest = json.loads(registry.manifests[registry.tags[TAG]])
        registry.blobs[SUBJECT] = IMAGE.body
        registry._put(TAG, json.dumps(manifest | fields).encode())
        assert await client.artifacts.fetch("a/b", TAG) is None

        assert [said for said in server.said if "elsewhere" in said or SUBJECT in said] == [
            f"GET /v2/a/b/manifests/{SUBJECT}"
        ]


async def test_what_may_not_be_seen_is_absent_only_where_registries_do_not_say_which() -> None:
    registry = Registry(absent=refusing(403), no_api=refusing(403))
    async with serving(registry) as server:
        async with client_of(server.url, unauthorized_is_absent=True) as client:
            assert await client.artifacts.fetch("a/b", TAG) is None
            await client.delete_logs("a/b", SUBJECT)
            await attach(client)
            assert await client.artifacts.fetch("a/b", TAG) is not None
        registry.tags.clear()
        async with client_of(server.url) as client:
            with pytest.raises(Unauthorized):
                await client.artifacts.fetch("a/b", TAG)
            with pytest.raises(Unauthorized):
                await client.delete_logs("a/b", SUBJECT)


@pytest.mark.parametrize("no_api", [refusing(503), refusing(429)], ids=["503", "429"])
async def test_a_registry_that_is_busy_is_not_taken_for_one_without_the_api(no_api: Reply) -> None:
    registry = Registry(no_api=no_api)
    async with serving(registry) as server, client_of(server.url) as client:
        await attach(client)
        with pytest.raises(Refused):
            await client.delete_logs("a/b", SUBJECT)

    assert TAG in registry.tags
