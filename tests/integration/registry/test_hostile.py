"""A real registry with what somebody else wrote into it, and the API before it: nothing forged counts."""

from __future__ import annotations

import asyncio
import json
import secrets
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.integration.registry import faults
from tests.integration.registry.images import ADA, COMMIT, REPOSITORY, Shelf, names, opened
from tests.integration.registry.proxy import Exchange, Fault, RegistryProxy
from tools.parts.registry_content import DOCKER_CONFIG, DOCKER_LIST, SCHEMA2, digest_of, manifest, put_image

from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.launchers.memory import InMemoryServerLauncher
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.bootstrap import bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.models import Image, Owner
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.records import INSTANCE_LABEL, RECORD_LABEL, SIGNATURE_LABEL, image_labels
from repo2docker_service.domain.signing import Signer
from repo2docker_service.entrypoints.http.app import create_app

OWN = ["builds:create!user", "builds:cancel!user", "images:delete!user", "images:read", "builds:read"]
PEOPLE = {
    "ada": {"name": "ada", "scopes": OWN},
    "bob": {"name": "bob", "scopes": OWN},
    "root": {"name": "root", "scopes": ["admin"]},
}
BOB = Owner.parse("user:bob")
MB = 1 << 20


@dataclass
class Front:
    """The API before a registry."""

    base: httpx.AsyncBaseTransport

    def of(self, name: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {name}-token"}
        return httpx.AsyncClient(transport=self.base, base_url="http://test/api/v1/", headers=headers, trust_env=False)

    async def listed(self, name: str) -> list[dict[str, Any]]:
        async with self.of(name) as client:
            page = (await client.get("images")).json()
        assert page["total"] == len(page["items"])
        items: list[dict[str, Any]] = page["items"]
        return items


@asynccontextmanager
async def served(shelf: Shelf, folder: Path) -> AsyncIterator[Front]:
    """Serve the API for the installation whose images are on a shelf."""
    installation = shelf.installation
    settings = Repo2DockerService(data_dir=str(folder), secret=["s" * 32])
    tokens = {f"{name}-token": person for name, person in PEOPLE.items()}
    services = bootstrap(
        settings,
        image_builder=InMemoryImageBuilder(installation=installation, manual=True),
        registry=V2Registry(url=shelf.url, installation=installation, refresh_seconds=0.0),
        authorizer=InMemoryAuthorizer(installation=installation, tokens=tokens),
        source_resolver=InMemorySourceResolver(installation=installation),
        server_launcher=InMemoryServerLauncher(installation=installation),
    )
    async with services.running():
        yield Front(httpx.ASGITransport(create_app(services)))


async def test_nobody_deletes_what_is_anothers_by_whatever_name(
    proxy: RegistryProxy, shelf: Shelf, tmp_path: Path
) -> None:
    victim = await shelf.put()
    await shelf.alias(victim)
    identifier, seen = image_id(str(victim.name)), {"If-Match": f'"{victim.digest}"'}
    named = [victim.digest, victim.digest[7:], str(victim.name), REPOSITORY, COMMIT, "other", "../images", "%2e%2e"]

    async with served(shelf, tmp_path) as front, front.of("bob") as bob:
        proxy.forget()
        refused = [await bob.delete(f"images/{identifier}{query}", headers=seen) for query in ("", "?siblings=delete")]
        missing = [await bob.delete(f"images/{quote(name, safe='%')}", headers=seen) for name in named]

    assert [answer.status_code for answer in refused] == [403, 403]
    assert {answer.status_code for answer in missing} <= {404, 405}
    assert not proxy.seen("DELETE")
    assert [shelf.status(REPOSITORY, tag) for tag in (COMMIT, "other", victim.digest)] == [200, 200, 200]


async def test_the_digest_of_anothers_image_does_not_open_it_by_way_of_ones_own(
    proxy: RegistryProxy, shelf: Shelf, tmp_path: Path
) -> None:
    victim = await shelf.put()
    own = shelf.name("r2d/of-bob")
    plan = replace(shelf.labels(own)[0], owner=BOB, requested_by=BOB)
    digest = await put(shelf, own.repository, own.tag, image_labels(signer(shelf), "test", plan, ""))

    async with served(shelf, tmp_path) as front, front.of("bob") as bob:
        path = f"images/{image_id(str(own))}"
        other = await bob.delete(path, headers={"If-Match": f'"{victim.digest}"'})
        assert not proxy.seen("DELETE")
        mine = await bob.delete(path, headers={"If-Match": f'"{digest}"'})

    assert (other.status_code, mine.status_code) == (412, 204)
    assert shelf.status(REPOSITORY, COMMIT) == 200
    assert shelf.status(own.repository, own.tag) == 404


def signer(shelf: Shelf) -> Signer:
    return shelf.installation.signer


async def put(shelf: Shelf, repository: str, tag: str, labels: Mapping[str, str]) -> str:
    return await asyncio.to_thread(put_image, shelf.url, repository, tag, labels)


def forged(shelf: Shelf, image: Image) -> dict[str, dict[str, str]]:
    """Give labels that say that an image is bob's, by all that somebody without our key can make of them."""
    name = shelf.name(tag="f" * 40)
    plan = replace(image.plan, image=name, owner=BOB, requested_by=BOB)
    real = image_labels(signer(shelf), "test", image.plan, "")
    other = image_labels(Signer([secrets.token_bytes(32)]), "test", plan, "")
    record = json.dumps(json.loads(real[RECORD_LABEL]) | {"owner": "user:bob", "requested_by": "user:bob"})
    return {
        "only an owner": {INSTANCE_LABEL: "test", "owner": "user:bob", "repo2docker-service.image.owner": "user:bob"},
        "no signature": {key: value for key, value in other.items() if key != SIGNATURE_LABEL},
        "another key": other,
        "copied from another name": real,
        "changed record": real | {RECORD_LABEL: record},
        "signature of something else": other | {SIGNATURE_LABEL: real[SIGNATURE_LABEL]},
        "another installation": image_labels(signer(shelf), "another", plan, ""),
    }


async def test_labels_that_somebody_wrote_by_hand_give_nobody_anything(
    proxy: RegistryProxy, shelf: Shelf, tmp_path: Path
) -> None:
    victim = await shelf.put()
    tags = {f"{number:040x}": labels for number, labels in enumerate(forged(shelf, victim).values())}
    for tag, labels in tags.items():
        await put(shelf, REPOSITORY, tag, labels)

    async with served(shelf, tmp_path) as front:
        proxy.forget()
        for name in PEOPLE:
            assert [each["name"] for each in await front.listed(name)] == [str(victim.name)]
            async with front.of(name) as client:
                paths = [f"images/{image_id(str(shelf.name(tag=tag)))}" for tag in tags]
                headers = {"If-Match": f'"{victim.digest}"'}
                assert {(await client.get(path)).status_code for path in paths} == {404}
                assert {(await client.delete(path, headers=headers)).status_code for path in paths} == {404}

    assert not proxy.seen("DELETE")
    assert {shelf.status(REPOSITORY, tag) for tag in (COMMIT, *tags)} == {200}


async def test_a_forged_image_over_a_real_one_takes_its_place_for_nobody(shelf: Shelf, tmp_path: Path) -> None:
    victim = await shelf.put()
    labels = forged(shelf, victim)["another key"]

    async with served(shelf, tmp_path) as front:
        assert [each["owner"] for each in await front.listed("bob")] == [str(ADA)]
        digest = await put(shelf, REPOSITORY, COMMIT, labels)
        async with front.of("bob") as bob:
            answer = await bob.delete(f"images/{image_id(str(victim.name))}", headers={"If-Match": f'"{digest}"'})
        assert answer.status_code in (403, 404)
        assert {each["owner"] for each in await front.listed("bob")} <= {str(ADA)}

    assert shelf.status(REPOSITORY, COMMIT) == 200


def index_of(count: int) -> bytes:
    entry = {"mediaType": SCHEMA2, "size": 1, "digest": digest_of(b"x")}
    return json.dumps({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [entry] * count}).encode()


def config_that_says(size: int) -> bytes:
    described = {"mediaType": DOCKER_CONFIG, "size": size, "digest": digest_of(b"no such config")}
    return manifest(described, [])


HOSTILE: dict[str, Fault] = {
    "100 MB": faults.huge(200),
    "unpacks to 200 MB": faults.bomb,
    "deep": faults.with_body(b'{"a":' * 50_000),
    "no JSON": faults.with_body(b"\xff\xfe"),
    "another digest": faults.with_body(manifest({"mediaType": DOCKER_CONFIG, "size": 1, "digest": digest_of(b"")}, [])),
    "many children": faults.answer(200, index_of(10_000), Content_Type=DOCKER_LIST),
    "config of 100 MB": faults.answer(200, config_that_says(100 * MB), Content_Type=SCHEMA2),
    "elsewhere": faults.answer(307, Location="http://169.254.169.254/latest/meta-data/"),
    "refused": faults.refuse(403, "DENIED", "\x1b]52;c;\x07<script>"),
}


async def test_what_cannot_be_read_hides_nothing_else_and_holds_nobody_up(proxy: RegistryProxy, shelf: Shelf) -> None:
    honest = await shelf.put()
    faults.packed()  # made before memory is measured
    for number, fault in enumerate(HOSTILE.values()):
        await shelf.put(f"r2d/bad-{number}")
        proxy.on(f"GET /v2/r2d/bad-{number}/manifests/", fault)

    tracemalloc.start()
    try:
        async with asyncio.timeout(20), opened(shelf) as registry:
            assert await names(registry) == [str(honest.name)]
            again = await registry.list()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ([image.name for image in again.images], again.stale) == ([honest.name], False)
    assert {name.repository for name in again.unreadable} == {f"r2d/bad-{number}" for number in range(len(HOSTILE))}
    assert peak < 64 * MB


async def test_pages_without_end_of_new_names_are_given_up(
    proxy: RegistryProxy, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repo2docker_service.adapters.registries.v2.protocol.pagination._MOST_ROOM", 4 * MB)
    honest = await shelf.put()
    endless = await shelf.put("r2d/endless")

    def page(exchange: Exchange) -> None:
        tags = [secrets.token_hex(20) for _ in range(10_000)]
        path = exchange.request.target.partition("?")[0]
        following = f'<{path}?last={tags[-1]}>; rel="next"'
        faults.answer(200, json.dumps({"name": "r2d/endless", "tags": tags}), Link=following)(exchange)

    proxy.on("GET /v2/r2d/endless/tags/", page)
    async with asyncio.timeout(20), opened(shelf) as registry:
        listed = await registry.list()

    assert [image.name for image in listed.images] == [honest.name]
    assert listed.partial
    assert len(proxy.seen("GET /v2/r2d/endless/tags/")) < 10
    assert shelf.status("r2d/endless", endless.name.tag) == 200
