"""Logs of builds are kept in a real registry, beside its images and never among them."""

from __future__ import annotations

import asyncio
import gzip
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.registry.images import MANIFESTS, Place, Shelf, names, placed, registry_at
from tools.parts.registry import Setup, running_registry
from tools.parts.registry_content import basic

from repo2docker_service.adapters.archives.registry import RegistryLogArchive
from repo2docker_service.adapters.artifacts import CONFIG_TYPE
from repo2docker_service.domain.errors import BuildNotFound, DeletionRefused, RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState, Image, LogChunk, Progress, Reason
from repo2docker_service.domain.signing import Signer

LINES = ("Cloning into ', é ☃ \x1b[32mgreen\x1b[0m", "", " two\r", *(f"line {number}" for number in range(2000)))


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation("test", Signer([secrets.token_bytes(32)]), tmp_path)


@pytest.fixture
async def place(tmp_path: Path, installation: Installation) -> AsyncIterator[Place]:
    async with placed(tmp_path, Setup(), installation) as place:
        yield place


@pytest.fixture
def archive(place: Place, installation: Installation) -> RegistryLogArchive:
    return another(place, installation)


def another(place: Place, installation: Installation, **traits: Any) -> RegistryLogArchive:
    """Give the archive of a replica that knows nothing yet."""
    return RegistryLogArchive(store=place.registry.artifacts, installation=installation, **traits)


def build_of(image: Image, state: BuildState = BuildState.SUCCEEDED) -> Build:
    reason = Reason.BUILD_FAILED if state is BuildState.FAILED else None
    digest = image.digest if state is BuildState.SUCCEEDED else None
    plan = replace(image.plan, id=secrets.token_hex(16)) if reason else image.plan
    at = image.created_at
    return Build(plan, state, at, at, at + timedelta(seconds=3), reason, "It failed." if reason else "", digest=digest)


async def written(lines: tuple[str, ...] = LINES) -> AsyncIterator[LogChunk]:
    for first in range(1, len(lines) + 1, 700):
        some = lines[first - 1 : first + 699]
        yield LogChunk(first, some, str(first + len(some) - 1))


async def read(archive: RegistryLogArchive, build: Build, after: str = "") -> list[str]:
    return [line async for chunk in archive.read(build.id, after) for line in chunk.lines]


def content(place: Place, path: str) -> bytes:
    """Ask the registry itself."""
    answer = httpx.get(f"{place.server.url}/v2/{path}", headers=MANIFESTS)
    answer.raise_for_status()
    return answer.content


def document(place: Place, path: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(content(place, path))
    return read


async def test_what_is_archived_is_read_by_a_replica_that_knows_nothing_and_the_images_stay_as_they_are(
    place: Place, archive: RegistryLogArchive, installation: Installation
) -> None:
    image = await place.shelf.put()
    made, failed = build_of(image), build_of(image, BuildState.FAILED)
    before = await names(place.registry)

    assert [await archive.put(build, written()) for build in (made, failed)] == [True, True]

    for build in (made, failed):
        fresh = another(place, installation)
        assert await fresh.find(build.id) == build
        assert tuple(await read(fresh, build)) == LINES
        assert tuple(await read(fresh, build, "1998.b.2026-01-01T00:00:00Z.1")) == LINES[1998:]
        place.proxy.forget()
        assert await read(fresh, build, str(len(LINES))) == []
        assert [asked for asked in place.proxy.seen() if "/blobs/" in asked] == []
    place.proxy.forget()
    assert await names(place.registry) == before
    assert [asked for asked in place.proxy.seen() if "log-" in asked] == []
    assert {build.id for build in await another(place, installation).list()} == {made.id, failed.id}


async def test_a_log_is_a_referrer_of_its_image_as_the_specification_has_it_for_registries_without_the_api(
    place: Place, archive: RegistryLogArchive
) -> None:
    image = await place.shelf.put()
    made, failed = build_of(image), build_of(image, BuildState.FAILED)
    requests = []
    for build in (failed, made):
        place.proxy.forget()
        await archive.put(build, written())
        requests.append(len(place.proxy.seen()))

    assert requests == [6, 11], "the last three are for a registry without the API"
    [entry] = document(place, f"{image.name.repository}/manifests/{image.digest.replace(':', '-')}")["manifests"]
    manifest = document(place, f"{image.name.repository}/manifests/{entry['digest']}")

    assert entry["artifactType"] == manifest["config"]["mediaType"] == CONFIG_TYPE
    assert manifest["subject"]["digest"] == image.digest
    [layer] = manifest["layers"]
    stored = content(place, f"{image.name.repository}/blobs/{layer['digest']}")
    assert gzip.decompress(stored).decode() == "".join(f"{line}\n" for line in LINES)
    assert place.shelf.status(image.name.repository, f"log-{made.id}") == 200


async def test_two_replicas_that_archive_at_once_leave_one_log_and_a_third_writes_nothing(
    place: Place, installation: Installation
) -> None:
    image = await place.shelf.put()
    made = build_of(image)
    # Each has seen another part of the log.
    seen = [replace(made, progress=Progress(step, 9)) for step in (1, 2)]
    await asyncio.gather(*(another(place, installation).put(build, written()) for build in seen))
    place.proxy.forget()

    assert await another(place, installation).put(made, written())

    assert [*place.proxy.seen("PUT "), *place.proxy.seen("POST ")] == []
    [_] = document(place, f"{image.name.repository}/manifests/{image.digest.replace(':', '-')}")["manifests"]


async def test_the_log_of_an_image_is_deleted_with_it(
    place: Place, archive: RegistryLogArchive, installation: Installation
) -> None:
    image = await place.shelf.put()
    made, failed = build_of(image), build_of(image, BuildState.FAILED)
    for build in (made, failed):
        await archive.put(build, written())

    await place.registry.delete(image.name, image.digest)

    for known in (archive, another(place, installation)):
        assert await known.find(made.id) is None
        with pytest.raises(BuildNotFound):
            await read(known, made)
        assert await known.find(failed.id) == failed
    assert place.shelf.status(image.name.repository, image.digest.replace(":", "-")) == 404
    assert not await archive.put(made, written()), "it went with its image"


async def test_what_was_removed_is_gone_for_all_replicas_and_its_image_stays(
    place: Place, archive: RegistryLogArchive, installation: Installation
) -> None:
    image = await place.shelf.put()
    made = build_of(image)
    await archive.put(made, written())
    other = another(place, installation)
    assert await other.find(made.id)

    assert await archive.remove(made.id)

    assert await other.find(made.id) is None
    assert not await other.remove(made.id)
    assert await place.names() == [image.name]
    assert place.shelf.status(image.name.repository, image.digest.replace(":", "-")) == 404


async def test_the_log_of_a_private_build_stays_out_and_where_it_is_wanted_is_kept_only_where_it_is_guarded(
    place: Place, archive: RegistryLogArchive, installation: Installation
) -> None:
    image = await place.shelf.put("r2d/private/user--ada/example")
    secret = replace(build_of(image, BuildState.FAILED), plan=replace(image.plan, private=True))

    assert not archive.wants(secret)
    assert not await archive.put(secret, written())
    assert not await another(place, installation, private_logs=True).put(secret, written()), "all may read here"
    assert await archive.ids() == []


async def test_logs_of_private_builds_are_kept_beside_their_images_where_the_registry_guards_these(
    tmp_path: Path, installation: Installation
) -> None:
    with running_registry(tmp_path, Setup(users={"ada": "pass"})) as server:
        async with registry_at(server.url, installation, username="ada", password="pass") as registry:
            shelf = Shelf(server.url, installation, auth=basic("ada", "pass"))
            image = await shelf.put("r2d/private/user--ada/example")
            image = replace(image, plan=replace(image.plan, private=True))
            built = [build_of(image), build_of(image, BuildState.FAILED)]
            archive, fresh = (
                RegistryLogArchive(store=registry.artifacts, installation=installation, private_logs=True)
                for _ in range(2)
            )
            assert [await archive.put(build, written()) for build in built] == [True, True]

            tags = await registry.artifacts.tags()
            assert tags == {f"log-{build.id}": image.name.repository for build in built}
            await fresh.ids()  # as each replica asks when it begins
            for build in built:
                assert await fresh.find(build.id) == build
                assert tuple(await read(fresh, build)) == LINES
                assert await fresh.remove(build.id)
            assert await registry.artifacts.tags() == {}


async def test_what_ended_too_long_ago_to_be_kept_is_not_brought_back(
    place: Place, archive: RegistryLogArchive, installation: Installation
) -> None:
    image = await place.shelf.put()
    failed = build_of(image, BuildState.FAILED)
    old = replace(failed, finished_at=failed.created_at - timedelta(days=366))

    assert not await archive.put(old, written())
    assert await archive.ids() == []
    assert await another(place, installation, retention_days=0).put(old, written())


async def test_what_somebody_else_writes_into_the_registry_is_no_log_of_ours(
    place: Place, archive: RegistryLogArchive, installation: Installation, tmp_path: Path
) -> None:
    image = await place.shelf.put()
    failed = build_of(image, BuildState.FAILED)
    forger = Installation("test", Signer([secrets.token_bytes(32)]), tmp_path)
    await another(place, forger).put(failed, written())

    assert await archive.find(failed.id) is None
    assert await archive.list() == []


async def test_a_log_that_is_too_long_says_how_much_of_it_is_missing(place: Place, installation: Installation) -> None:
    image = await place.shelf.put()
    failed = build_of(image, BuildState.FAILED)
    short = another(place, installation, log_limit=2**16)
    await short.put(failed, written(("x" * 65_000, "y" * 1000, "z")))

    assert await read(short, failed) == ["x" * 65_000, "[1003 more bytes of this log were not archived.]"]


async def test_a_registry_that_is_away_is_told_as_such(place: Place, archive: RegistryLogArchive) -> None:
    image = await place.shelf.put()
    failed = build_of(image, BuildState.FAILED)
    place.server.stop()

    with pytest.raises(RegistryUnavailable):
        await archive.put(failed, written())


async def test_a_registry_that_deletes_nothing_says_so(tmp_path: Path, installation: Installation) -> None:
    async with placed(tmp_path, Setup(deletes=False), installation) as place:
        image = await place.shelf.put()
        failed = build_of(image, BuildState.FAILED)
        archive = another(place, installation)
        await archive.put(failed, written())

        with pytest.raises(DeletionRefused, match="switched off"):
            await archive.remove(failed.id)


async def test_where_one_repository_holds_all_images_it_holds_the_logs_too(
    place: Place, installation: Installation
) -> None:
    async with registry_at(place.proxy.url, installation, listing="single") as registry:
        image = await place.shelf.put("r2d", "example-0123456789ab-aaaaaaa")
        failed = build_of(image, BuildState.FAILED)
        archive = RegistryLogArchive(store=registry.artifacts, installation=installation)
        await archive.put(failed, written(("one",)))

        assert await read(archive, failed) == ["one"]
        assert len(await names(registry)) == 1
        assert document(place, "_catalog")["repositories"] == ["r2d"]
