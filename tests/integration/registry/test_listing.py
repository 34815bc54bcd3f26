"""Images of a real registry are listed with few requests, all of them, and also when the registry is gone."""

from __future__ import annotations

import pytest
from tests.integration.registry import faults
from tests.integration.registry.images import COMMIT, REPOSITORY, Shelf, names, opened
from tests.integration.registry.proxy import Fault, RegistryProxy
from tools.parts.registry import RunningRegistry
from tools.parts.registry_content import writing

from repo2docker_service.domain.errors import RegistryUnavailable

PAGE = 100
TAGS = f"GET /v2/{REPOSITORY}/tags/list"


async def test_an_empty_registry_gives_an_empty_list(shelf: Shelf) -> None:
    """Case 20."""
    async with opened(shelf) as registry:
        listed = await registry.list()

    assert (list(listed.images), listed.stale, listed.partial) == ([], False, False)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 501])
async def test_without_a_catalog_known_images_are_listed_and_flagged(
    shelf: Shelf, proxy: RegistryProxy, status: int
) -> None:
    """Case 22."""
    found, unknown = await shelf.put("r2d/found"), await shelf.put("r2d/unknown")
    proxy.on("GET /v2/_catalog", faults.refuse(status, "UNSUPPORTED"))

    async with opened(shelf) as registry:
        assert await registry.find(found.name)
        listed = await registry.list()
        assert await registry.find(unknown.name)
        whole = await registry.list()

    assert [image.name for image in listed.images] == [found.name]
    assert (listed.stale, listed.partial) == (False, True)
    assert len(whole.images) == 2


async def test_a_prefix_does_not_reach_into_the_next(shelf: Shelf, proxy: RegistryProxy) -> None:
    """Case 23."""
    ours = [await shelf.put(name) for name in ("r2d", "r2d/a", "r2d/z/y")]
    for name in ("r2d2/a", "r2d-x/a", "q/r2d/a", "r2"):
        await shelf.put(name)
    proxy.forget()

    async with opened(shelf) as registry:
        assert await names(registry) == sorted(str(image.name) for image in ours)

    assert not proxy.seen("[A-Z]+ /v2/(r2d2|r2d-x|q|r2)/")


async def test_a_repository_whose_last_tag_was_deleted_is_hidden(shelf: Shelf, server: RunningRegistry) -> None:
    """Case 24, of a real registry: it says null for the tags, and keeps the repository in its catalog."""
    image, kept = await shelf.put("r2d/emptied"), await shelf.put("r2d/kept")
    with writing(server.url, "r2d/emptied") as writer:
        writer.delete(image.digest)

    async with opened(shelf) as registry:
        assert await names(registry) == [str(kept.name)]


@pytest.mark.parametrize(
    "fault",
    [
        faults.answer(200, '{"name": "x", "tags": []}'),
        faults.answer(200, '{"name": "x"}'),
        faults.refuse(404, "NAME_UNKNOWN"),
    ],
    ids=["none", "missing", "no repository"],
)
async def test_however_a_registry_says_that_there_are_no_tags(shelf: Shelf, proxy: RegistryProxy, fault: Fault) -> None:
    """Case 24."""
    await shelf.put()
    async with opened(shelf) as registry:
        assert len(await names(registry)) == 1
        proxy.on(TAGS, fault)
        listed = await registry.list()

    assert (list(listed.images), listed.stale, listed.partial) == ([], False, False)


async def test_tags_that_hold_signatures_are_not_looked_at(shelf: Shelf, proxy: RegistryProxy) -> None:
    """Case 29."""
    image = await shelf.put()
    for ending in ("", ".sig", ".att", ".sbom"):
        await shelf.alias(image, f"{image.digest.replace(':', '-')}{ending}")
    proxy.forget()

    async with opened(shelf) as registry:
        assert await names(registry) == [str(image.name)]

    assert proxy.seen("[A-Z]+ .*/manifests/") == [f"GET /v2/{REPOSITORY}/manifests/{COMMIT}"]


async def test_one_repository_holds_images_of_many_sources(shelf: Shelf, proxy: RegistryProxy) -> None:
    sources = [(f"r2d/github.com--ada--{name}", commit * 40) for name in ("one", "two") for commit in "ab"]
    proxy.on("GET /v2/_catalog", faults.refuse(404))
    async with opened(shelf, listing="single") as registry:
        wanted = [registry.destination(*source).image for source in sources]
        images = [await shelf.put(name.repository, name.tag) for name in wanted]
        assert await names(registry) == sorted(map(str, wanted))

        await registry.delete(images[0].name, images[0].digest)
        listed = await registry.list()

    assert {image.name for image in listed.images} == set(wanted[1:])
    assert (listed.stale, listed.partial) == (False, False)
    assert {name.repository for name in wanted} == {"r2d"}


async def test_named_repositories_are_listed_without_a_catalog(shelf: Shelf, proxy: RegistryProxy) -> None:
    images = [await shelf.put(f"r2d/{name}") for name in ("a", "b", "c")]
    proxy.forget()

    async with opened(shelf, listing="static", repositories=["r2d/a", "r2d/c", "r2d/none"]) as registry:
        assert await names(registry) == [str(images[0].name), str(images[2].name)]
        assert (await registry.list()).partial

    assert proxy.seen("GET /v2/_catalog") == []


async def test_the_list_is_served_while_the_registry_fails(shelf: Shelf, proxy: RegistryProxy) -> None:
    """Case 61: after some failures it is not even asked, and the list is marked as stale."""
    image = await shelf.put()
    async with opened(shelf) as registry:
        before = await registry.list()
        proxy.on("", faults.refuse(500))
        during = [await registry.list() for _ in range(5)]
        asked = len(proxy.requests)
        open_circuit = await registry.list()

        assert len(proxy.requests) == asked

    for each in (*during, open_circuit):
        assert [found.name for found in each.images] == [image.name]
        assert (each.stale, each.as_of) == (True, before.as_of)


async def test_the_list_outlives_the_registry_and_the_service(shelf: Shelf, server: RunningRegistry) -> None:
    image = await shelf.put()
    async with opened(shelf) as registry:
        before = await registry.list()
    server.stop()

    async with opened(shelf) as registry:
        after = await registry.list()
        with pytest.raises(RegistryUnavailable, match=r"registry 127\.0\.0\.1"):
            await registry.find(image.name)

    assert after.images == before.images
    assert after.stale


async def test_a_registry_that_was_never_reached_is_no_empty_one(shelf: Shelf, server: RunningRegistry) -> None:
    server.stop()

    async with opened(shelf) as registry:
        with pytest.raises(RegistryUnavailable):
            await registry.list()
