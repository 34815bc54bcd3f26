"""An image counts as delivered when the registry holds all of it, and it is the one that was built."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.unit.adapters.v2.told_registry import COMMIT, REPOSITORY, Desk, name_of, names

from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, BrokenOff, ConnectionFailed

BUILD = "c" * 32
BROKEN = BrokenOff("the connection broke", again=True)
AWAY = ConnectionFailed("its storage far.example: nothing answers", again=True)


async def test_an_image_that_is_there_is_listed_without_a_request(desk: Desk) -> None:
    async with desk.opened(refresh_seconds=60.0) as images:
        assert await names(images) == []
        digest = desk.client.put(build_id=BUILD)
        await images.verify(name_of(), digest, BUILD)
        desk.client.count()

        assert await names(images) == [name_of()]

    assert not desk.client.count()


async def test_an_image_is_verified_also_when_nobody_knows_the_digest(desk: Desk) -> None:
    desk.client.put(build_id=BUILD)

    async with desk.opened(refresh_seconds=60.0) as images:
        await images.verify(name_of(), "", BUILD)


async def test_what_is_known_of_an_image_does_not_prove_that_it_is_there(desk: Desk) -> None:
    digest = desk.client.put(build_id=BUILD)
    async with desk.opened() as images:
        await images.list()
        desk.client.summaries.clear()

        with pytest.raises(NotDelivered, match="lost blobs"):
            await images.verify(name_of(), digest, BUILD)


def no_tag(desk: Desk, digest: str) -> None:
    del desk.client.tags_of[REPOSITORY][COMMIT]


def no_manifest(desk: Desk, digest: str) -> None:
    del desk.client.summaries[digest]


def no_config(desk: Desk, digest: str) -> None:
    desk.client.summaries[digest] = replace(desk.client.summaries[digest], created=None, labels={})


def another_digest(desk: Desk, digest: str) -> None:
    desk.client.put(build_id=BUILD[:-1] + "d")


def foreign_labels(desk: Desk, digest: str) -> None:
    desk.client.summaries[digest] = replace(desk.client.summaries[digest], labels={"a": "b"})


def another_build(desk: Desk, digest: str) -> None:
    other = desk.client.summaries[desk.client.put(build_id="d" * 32)]
    desk.client.summaries[digest] = replace(other, digest=digest)
    desk.client.tags_of[REPOSITORY][COMMIT] = digest


@pytest.mark.parametrize(
    ("mishap", "said"),
    [
        (no_tag, "lost blobs"),
        (no_manifest, "lost blobs"),
        (no_config, "lost blobs"),
        (another_digest, "meanwhile"),
        (foreign_labels, "not what this build has pushed"),
        (another_build, "not what this build has pushed"),
    ],
)
async def test_what_is_not_there_as_pushed_is_not_delivered(
    desk: Desk, mishap: Callable[[Desk, str], None], said: str
) -> None:
    digest = desk.client.put(build_id=BUILD)
    mishap(desk, digest)

    async with desk.opened(refresh_seconds=60.0) as images:
        with pytest.raises(NotDelivered, match=said):
            await images.verify(name_of(), digest, BUILD)


def lost_layer(desk: Desk, digest: str) -> None:
    desk.client.lost.add(desk.client.layers_of_all[1])


def broken_layer(desk: Desk, digest: str) -> None:
    desk.client.failing["gives", REPOSITORY, desk.client.layers_of_all[2]] = BROKEN


def broken_config(desk: Desk, digest: str) -> None:
    desk.client.failing["summary",] = BROKEN


@pytest.mark.parametrize("mishap", [lost_layer, broken_layer, broken_config])
async def test_a_registry_that_says_that_it_has_a_blob_is_made_to_show_it(
    desk: Desk, mishap: Callable[[Desk, str], None]
) -> None:
    digest = desk.client.put(build_id=BUILD)
    mishap(desk, digest)

    async with desk.opened(refresh_seconds=60.0) as images:
        with pytest.raises(NotDelivered, match="lost blobs"):
            await images.verify(name_of(), digest, BUILD)


@pytest.mark.parametrize("call", ["digest", "summary", "layers", "gives"])
async def test_an_outage_says_nothing_about_what_was_delivered(desk: Desk, call: str) -> None:
    digest = desk.client.put(build_id=BUILD)
    desk.client.failing |= {(call,): BROKEN, ("ping",): BROKEN}

    async with desk.opened(refresh_seconds=60.0) as images:
        with pytest.raises(ConnectionFailed):
            await images.verify(name_of(), digest, BUILD)


async def test_an_image_that_comes_back_damaged_is_not_delivered(desk: Desk) -> None:
    digest = desk.client.put(build_id=BUILD)
    desk.client.failing["summary",] = BadAnswer("what it gave is not what its digest says")

    async with desk.opened(refresh_seconds=60.0) as images:
        with pytest.raises(NotDelivered, match="what it gave is not what its digest says"):
            await images.verify(name_of(), digest, BUILD)


@pytest.mark.parametrize("call", ["summary", "gives"])
async def test_a_storage_that_cannot_be_reached_from_here_has_lost_nothing(desk: Desk, call: str) -> None:
    digest = desk.client.put(build_id=BUILD)
    desk.client.failing[call,] = AWAY

    async with desk.opened(refresh_seconds=60.0) as images:
        with pytest.raises(ConnectionFailed, match="its storage"):
            await images.verify(name_of(), digest, BUILD)
