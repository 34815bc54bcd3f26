"""Repositories are found in whatever way the registry allows, and none is asked that is not ours."""

import pytest
from tests.unit.adapters.v2.told_registry import Desk, name_of, names

from repo2docker_service.adapters.registries.v2.errors import Refused, Unauthorized
from repo2docker_service.adapters.registries.v2.inventory.places import Listing


async def test_repositories_beyond_the_prefix_are_never_asked(desk: Desk) -> None:
    """Case 23."""
    beyond = [name_of(repository=name) for name in ("r2d2/x", "r2", "other/r2d/x", "r2d/../other")]
    within = [name_of(repository=name) for name in ("r2d", "r2d/x", "r2d/x/y")]
    for name in (*beyond, *within):
        desk.client.put(name)

    async with desk.opened() as images:
        assert await names(images) == sorted(within, key=str)

    asked = {call[1] for call in desk.client.asked if call[0] in {"tags", "digest", "summary"}}
    assert asked == {name.repository for name in within}


async def test_a_repository_that_is_refused_hides_no_other(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.client.put(name_of(repository="r2d/mine"))
    desk.client.put(name_of(repository="r2d/theirs"))
    desk.client.failing["tags", "r2d/theirs"] = Unauthorized("it does not allow this", status=403)

    async with desk.opened() as images:
        listed = await images.list()

    assert [image.name.repository for image in listed.images] == ["r2d/mine"]
    assert (listed.stale, listed.partial) == (False, True)
    assert "Passing over r2d/theirs" in caplog.text


async def test_where_every_repository_is_refused_nothing_is_forgotten(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images:
        assert await names(images) == [name_of()]
        desk.client.failing["tags",] = Unauthorized("it does not allow this", status=401)
        listed = await images.list()

    assert [image.name for image in listed.images] == [name_of()]
    assert listed.stale


async def test_only_the_named_repositories_are_asked(desk: Desk) -> None:
    for repository in ("r2d/a", "r2d/b", "r2d/c"):
        desk.client.put(name_of(repository=repository))

    async with desk.opened(Listing.STATIC, static=["r2d/a", "r2d/c"]) as images:
        assert (await images.list()).partial
        assert [name.repository for name in await names(images)] == ["r2d/a", "r2d/c"]

    assert desk.client.count()["repositories"] == 0


async def test_only_the_one_repository_is_asked(desk: Desk) -> None:
    desk.client.put(name_of(repository="r2d"))
    desk.client.put(name_of(repository="r2d/x"))

    async with desk.opened(Listing.SINGLE) as images:
        assert [name.repository for name in await names(images)] == ["r2d"]

    assert {call[:2] for call in desk.client.asked} == {(call, "r2d") for call in ("tags", "tagged")}


@pytest.mark.parametrize("status", [401, 403, 404, 405, 501])
async def test_without_a_catalog_what_is_known_is_listed_and_flagged(
    desk: Desk, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Case 22."""
    desk.client.failing["repositories",] = Refused("it does not support this", status=status)
    desk.client.put(name_of(repository="r2d/found"))
    desk.client.put(name_of(repository="r2d/unknown"))

    async with desk.opened() as images:
        assert await images.find(name_of(repository="r2d/found"))
        listed = await images.list()
    async with desk.opened() as images:
        again = await images.list()

    for each in (listed, again):
        assert [image.name.repository for image in each.images] == ["r2d/found"]
        assert (each.stale, each.partial) == (False, True)
    assert caplog.text.count("c.V2Registry.listing") == 2  # once in each process


async def test_without_a_catalog_what_another_process_found_is_listed_too(desk: Desk) -> None:
    desk.client.failing["repositories",] = Refused("it does not support this", status=404)
    desk.client.put()
    async with desk.opened() as images, desk.opened() as others:
        assert await names(images) == []
        await others.find(name_of())

        assert await names(images) == [name_of()]


async def test_a_refused_catalog_of_a_registry_that_lets_nobody_in_is_a_failure(desk: Desk) -> None:
    refused = Unauthorized("it does not allow this", status=401)
    desk.client.failing = {("repositories",): refused, ("ping",): refused}

    async with desk.opened() as images:
        with pytest.raises(Unauthorized):
            await images.list()


async def test_a_catalog_that_comes_back_is_whole_again(desk: Desk) -> None:
    desk.client.put()
    desk.client.failing["repositories",] = Refused("it does not support this", status=404)
    async with desk.opened() as images:
        assert (await images.list()).partial
        desk.client.failing.clear()
        listed = await images.list()

    assert [image.name for image in listed.images] == [name_of()]
    assert not listed.partial


async def test_an_empty_registry_that_lets_nobody_in_is_a_failure(desk: Desk) -> None:
    desk.client.failing["ping",] = Unauthorized("it does not allow this", status=401)

    async with desk.opened(Listing.SINGLE) as images:
        with pytest.raises(Unauthorized):
            await images.list()


async def test_nothing_is_forgotten_because_one_is_not_let_in_any_more(desk: Desk) -> None:
    """Where what one may not see counts as absent, all tags seem to be gone then."""
    desk.client.put(name_of(repository="r2d"))
    async with desk.opened(Listing.SINGLE) as images:
        before = await images.list()
        desk.client.failing["ping",] = Unauthorized("it does not allow this", status=401)
        tags, desk.client.tags_of["r2d"] = desk.client.tags_of["r2d"], {}
        during = await images.list()
        desk.client.failing.clear()
        desk.client.tags_of["r2d"] = tags
        after = await images.list()

    assert (during.images, during.stale) == (before.images, True)
    assert (after.images, after.stale) == (before.images, False)
