"""Images are deleted from a real registry, and others are not."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.registry import faults
from tests.integration.registry.images import COMMIT, REPOSITORY, Place, placed
from tests.integration.registry.proxy import Exchange
from tools.parts.registry import Setup
from tools.parts.registry_content import DOCKER_LIST, SCHEMA2, image_config, put_image, write_image, writing

from repo2docker_service.domain.errors import (
    DeletionRefused,
    ImageHasSiblings,
    ImageMoved,
    ImageNotFound,
    RegistryUnavailable,
)
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Image, ImageName
from repo2docker_service.domain.signing import Signer

DELETE = "DELETE "
OTHER = "b" * 40


@pytest.fixture
def setup() -> Setup:
    return Setup()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation("test", Signer([secrets.token_bytes(32)]), tmp_path)


@pytest.fixture
async def place(tmp_path: Path, setup: Setup, installation: Installation) -> AsyncIterator[Place]:
    async with placed(tmp_path, setup, installation) as place:
        yield place


async def test_a_deleted_image_is_gone_from_the_registry(place: Place) -> None:
    """Case 43."""
    image, other = await place.shelf.put(), await place.shelf.put(tag=OTHER)

    await place.registry.delete(image.name, image.digest)

    assert place.proxy.seen(DELETE) == [f"DELETE /v2/{REPOSITORY}/manifests/{image.digest}"]
    assert place.shelf.status(REPOSITORY, COMMIT) == 404
    assert place.shelf.status(REPOSITORY, image.digest) == 404
    assert await place.names() == [other.name]


async def test_siblings_vanish_with_an_image_only_when_asked(place: Place) -> None:
    """Cases 43, 44 and 48: this registry deletes by digest only."""
    image = await place.shelf.put()
    siblings = [await place.shelf.alias(image, tag) for tag in ("one", "two")]

    with pytest.raises(ImageHasSiblings) as caught:
        await place.registry.delete(image.name, image.digest)
    assert list(caught.value.siblings) == [str(name) for name in siblings]
    assert [place.shelf.status(REPOSITORY, tag) for tag in (COMMIT, "one", "two")] == [200] * 3

    await place.registry.delete(image.name, image.digest, siblings=True)
    assert [place.shelf.status(REPOSITORY, tag) for tag in (COMMIT, "one", "two")] == [404] * 3


async def test_a_registry_is_asked_only_once_whether_it_deletes_tags(place: Place) -> None:
    image = await place.shelf.put()
    await place.shelf.alias(image)

    for _ in range(3):
        with pytest.raises(ImageHasSiblings):
            await place.registry.delete(image.name, image.digest)

    assert place.proxy.seen(DELETE) == [f"DELETE /v2/{REPOSITORY}/manifests/{COMMIT}"]


async def test_a_registry_that_deletes_tags_keeps_the_siblings(place: Place) -> None:
    """Case 44."""
    place.proxy.on(DELETE, faults.delete_tags)
    image = await place.shelf.put()
    await place.shelf.alias(image, "sibling")

    await place.registry.delete(image.name, image.digest)

    assert await place.registry.find(image.name) is None
    assert place.shelf.status(REPOSITORY, COMMIT) == 404
    assert place.shelf.status(REPOSITORY, "sibling") == 200


@pytest.mark.parametrize("setup", [Setup(deletes=False)])
async def test_where_deleting_is_switched_off_people_are_told_how_to_allow_it(place: Place) -> None:
    """Case 45."""
    image = await place.shelf.put()

    with pytest.raises(DeletionRefused, match="REGISTRY_STORAGE_DELETE_ENABLED"):
        await place.registry.delete(image.name, image.digest)

    assert await place.names() == [image.name]


async def test_deleting_twice_is_safe(place: Place) -> None:
    """Case 46."""
    image = await place.shelf.put()
    await place.registry.delete(image.name, image.digest)

    with pytest.raises(ImageNotFound):
        await place.registry.delete(image.name, image.digest)


async def test_of_many_who_delete_an_image_at_once_one_succeeds_or_all_hear_that_it_is_gone(place: Place) -> None:
    """Case 46."""
    image, other = await place.shelf.put(), await place.shelf.put(tag=OTHER)

    deletions = (place.registry.delete(image.name, image.digest) for _ in range(5))
    outcomes = await asyncio.gather(*deletions, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} <= {type(None), ImageNotFound}
    assert None in outcomes
    assert await place.names() == [other.name]


async def test_an_image_that_somebody_replaced_is_kept(place: Place) -> None:
    """Case 47."""
    old = await place.shelf.put()
    new = await place.shelf.put()

    with pytest.raises(ImageMoved) as caught:
        await place.registry.delete(old.name, old.digest)

    assert (caught.value.expected, caught.value.actual) == (old.digest, new.digest)
    assert place.proxy.seen(DELETE) == []
    assert place.shelf.status(REPOSITORY, old.digest) == 200


async def test_an_index_is_deleted_and_what_it_lists_stays_by_its_digest(place: Place) -> None:
    """Case 49."""
    name = place.shelf.name()
    child = put_index(place, name)
    found = await place.registry.find(name)
    assert found is not None
    assert found.digest != child

    await place.registry.delete(name, found.digest)

    assert await place.names() == []
    assert place.shelf.status(REPOSITORY, COMMIT) == 404
    assert place.shelf.status(REPOSITORY, child) == 200


async def test_an_image_that_an_index_lists_too_is_refused_where_the_registry_minds(place: Place) -> None:
    """Case 49: zot says so; this registry lets the index dangle."""
    image = await place.shelf.put()
    place.proxy.on(DELETE, faults.refuse(405, "DENIED", "the manifest is referenced by an index"))

    with pytest.raises(DeletionRefused):
        await place.registry.delete(image.name, image.digest)

    assert await place.names() == [image.name]


async def test_an_index_that_lost_its_image_can_still_be_deleted_by_others_and_hides_nothing(place: Place) -> None:
    """Case 49: a dangling index is passed over."""
    other = await place.shelf.put(tag=OTHER)
    child = put_index(place, place.shelf.name())
    with writing(place.server.url, REPOSITORY) as writer:
        writer.delete(child)

    assert await place.names() == [other.name]
    assert await place.registry.find(place.shelf.name()) is None


def put_index(place: Place, name: ImageName) -> str:
    """Put a list of one image of ours under a name, and give the digest of the image."""
    config = image_config(name.tag, place.shelf.labels(name)[1])
    with writing(place.server.url, name.repository) as writer:
        child, size = write_image(writer, "", config)
        listed = {"mediaType": SCHEMA2, "digest": child, "size": size}
        platform = {"platform": {"os": "linux", "architecture": "amd64"}}
        content = json.dumps({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [listed | platform]})
        writer.manifest(name.tag, content.encode(), DOCKER_LIST)
    return child


async def test_a_repository_is_hidden_when_its_last_tag_is_deleted(place: Place) -> None:
    """Case 50."""
    image = await place.shelf.put()
    await place.registry.delete(image.name, image.digest)
    place.proxy.forget()

    listed = await place.registry.list()

    assert (list(listed.images), listed.stale, listed.partial) == ([], False, False)
    assert place.proxy.seen("HEAD ") == []


async def test_an_image_pushed_while_it_is_deleted_stays(place: Place) -> None:
    """Case 52: what was asked to be deleted is a digest, not whatever the tag points to by then."""
    image = await place.shelf.put()
    pushed: list[Image] = []

    def meanwhile(exchange: Exchange) -> None:
        pushed.append(asyncio.run(place.shelf.put()))
        exchange.send(exchange.forward())

    place.proxy.on(DELETE, meanwhile, times=1)
    await place.registry.delete(image.name, image.digest)

    found = await place.registry.find(image.name)
    assert found is not None
    assert found.digest == pushed[0].digest
    assert [listed.digest for listed in (await place.registry.list()).images] == [found.digest]
    assert place.shelf.status(REPOSITORY, image.digest) == 404


@pytest.mark.parametrize("repository", ["r2d2/example", "other", "r2", "r2d/../other", "r2d/%2e%2e/other", "r2d/a?b"])
async def test_nothing_outside_the_prefix_is_asked_for_or_deleted(place: Place, repository: str) -> None:
    """Case 53."""
    digest = put_image(place.server.url, "other", COMMIT, {})
    name = place.shelf.name(repository)
    await place.registry.list()
    place.proxy.forget()

    assert await place.registry.find(name) is None
    for siblings in (False, True):
        with pytest.raises(ImageNotFound):
            await place.registry.delete(name, digest, siblings=siblings)

    assert place.proxy.requests == []
    assert place.shelf.status("other", COMMIT) == 200


async def test_an_outage_is_told_as_one(place: Place) -> None:
    image = await place.shelf.put()
    place.server.stop()

    with pytest.raises(RegistryUnavailable, match=r"registry 127\.0\.0\.1"):
        await place.registry.delete(image.name, image.digest)
