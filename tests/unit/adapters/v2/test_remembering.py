"""What was learnt of images is remembered, over a restart too, and believed only as far as it can be true."""

import time
from dataclasses import replace

import pytest
from tests.unit.adapters.v2.told_registry import (
    COMMIT,
    HOST,
    INSTALLATION,
    REPOSITORY,
    Desk,
    name_of,
    names,
    settled,
    summary_for,
)

from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages
from repo2docker_service.adapters.registries.v2.inventory.ours import OurImages
from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore
from repo2docker_service.adapters.registries.v2.inventory.tables import Batch, TagRow


async def test_an_image_whose_config_was_lost_is_asked_for_again(desk: Desk) -> None:
    digest = desk.client.put()
    whole = desk.client.summaries[digest]
    desk.client.summaries[digest] = replace(whole, created=None, labels={})
    async with desk.opened() as images:
        assert await names(images) == []
        desk.client.summaries[digest] = whole

        assert await names(images) == [name_of()]


async def test_what_another_process_has_fetched_is_not_fetched_again(desk: Desk) -> None:
    desk.client.put()
    async with desk.opened() as images, desk.opened() as others:
        assert await names(images) == [name_of()]
        desk.client.put(name_of("new"))
        assert len(await names(images)) == 2
        desk.client.count()

        assert len(await names(others)) == 2

    assert desk.client.count()["summary"] == 0


async def test_summaries_of_images_that_are_gone_take_no_memory(desk: Desk) -> None:
    old = desk.client.put()
    async with desk.opened() as images:
        await images.list()
        new = desk.client.put()
        await images.list()
        await images.list()

        assert (images._known.summary(old) is None, images._known.summary(new) is None) == (True, False)


@pytest.mark.parametrize("ahead", [0, 1e6], ids=["without its summary", "from the future"])
async def test_what_the_cache_cannot_be_trusted_with_is_looked_at(desk: Desk, ahead: float) -> None:
    digest = desk.client.put()
    store = desk.store()
    await store.open()
    summaries = [desk.client.summaries[digest]] if ahead else []
    await store.save(Batch(summaries, [TagRow(REPOSITORY, COMMIT, digest, time.time() + ahead)]))
    await store.close()

    async with desk.opened(refresh_seconds=60.0) as images:
        assert [image.name for image in (await settled(images)).images] == [name_of()]

    assert desk.client.count()["digest"] == 1


async def test_what_is_learnt_is_written_down_on_the_way(desk: Desk) -> None:
    for number in range(150):
        desk.client.put(name_of(f"v{number:03}"))
    async with desk.opened(refresh_seconds=60.0, workers=1):
        await desk.client.until("digest", REPOSITORY, "v149")
        other = desk.store()
        contents = await other.open()
        await other.close()

    assert len(contents.summaries) >= 100


async def test_a_cache_that_is_removed_meanwhile_is_filled_anew(desk: Desk) -> None:
    desk.client.put(name_of("old"))
    async with desk.opened() as images:
        await images.list()
        for file in list(desk.folder.iterdir()):
            file.unlink()
        desk.client.put(name_of("new"))
        await images.list()
    desk.client.count()

    async with desk.opened() as images:
        assert len(await names(images)) == 2
    assert desk.client.count()["summary"] == 0


def test_a_summary_that_was_just_learnt_is_kept_until_a_tag_is_seen_to_point_to_it() -> None:
    known = KnownImages(HOST, OurImages(INSTALLATION), lambda name: None)
    summary = summary_for(name_of())
    ticket = known.ticket()

    known.learn(summary)
    known.tidy(())
    known.observe(name_of(), summary.digest, ticket)

    assert [image.name for image in known.images()] == [name_of()]


async def test_whoever_asks_for_a_known_image_does_not_wait_for_the_cache(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.client.put()
    saved: list[Batch] = []

    async def save(_: ImageStore, batch: Batch) -> bool:
        saved.append(batch)
        return True

    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        monkeypatch.setattr(ImageStore, "save", save)

        assert await images.find(name_of())
        assert saved == []
        desk.client.put()
        assert await images.find(name_of())
        assert len(saved) == 1
