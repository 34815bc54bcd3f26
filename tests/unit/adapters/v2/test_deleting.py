"""Deleting an image deletes that image, and no more."""

import asyncio
import logging
from contextlib import aclosing

import pytest
from tests.unit.adapters.v2.told_registry import COMMIT, HOST, REPOSITORY, Desk, digest_of, name_of, names

from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    ConnectionFailed,
    Refused,
    RegistryError,
    Unauthorized,
)
from repo2docker_service.domain.errors import DeletionRefused, ImageHasSiblings, ImageMoved, ImageNotFound
from repo2docker_service.domain.models import ImageName

OUTAGE = ConnectionFailed("it refused the connection", again=True)


def deletions(desk: Desk) -> list[str]:
    """Give what was asked to be deleted."""
    return [call[2] for call in desk.client.asked if call[0] == "delete"]


async def test_an_image_with_a_digest_of_its_own_is_deleted_by_digest(desk: Desk) -> None:
    """Case 43."""
    digest = desk.client.put()
    other = desk.client.put(name_of("other"))
    async with desk.opened() as images:
        await images.delete(name_of(), digest, siblings=False)

        assert await names(images) == [name_of("other")]

    assert deletions(desk) == [digest]
    assert desk.client.tags_of[REPOSITORY] == {"other": other}


async def test_an_image_with_siblings_is_deleted_by_tag(desk: Desk) -> None:
    """Case 44, where the registry can do that."""
    digest = desk.client.put()
    desk.client.alias(name_of(), "sibling")

    async with desk.opened() as images:
        await images.delete(name_of(), digest, siblings=False)

    assert deletions(desk) == [COMMIT]
    assert desk.client.tags_of[REPOSITORY] == {"sibling": digest}


@pytest.mark.parametrize(
    ("status", "code"), [(400, "DIGEST_INVALID"), (405, ""), (400, "UNSUPPORTED"), (403, "UNSUPPORTED")]
)
async def test_where_tags_cannot_be_deleted_siblings_are_named_instead(desk: Desk, status: int, code: str) -> None:
    """Cases 44 and 48."""
    digest = desk.client.put()
    for tag in ("z", "a"):
        desk.client.alias(name_of(), tag)
    desk.client.failing["delete", REPOSITORY, COMMIT] = Refused("no", status=status, code=code)

    async with desk.opened() as images:
        with pytest.raises(ImageHasSiblings) as caught:
            await images.delete(name_of(), digest, siblings=False)
        with pytest.raises(ImageHasSiblings):
            await images.delete(name_of(), digest, siblings=False)

    assert list(caught.value.siblings) == [str(name_of("a")), str(name_of("z"))]
    assert len(desk.client.tags_of[REPOSITORY]) == 3
    assert deletions(desk) == [COMMIT]  # what it cannot do is not tried again


async def test_siblings_are_deleted_when_asked(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.alias(name_of(), "sibling")
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        await images.delete(name_of(), digest, siblings=True)

        assert await names(images) == []
        assert images._known.tagged(name_of("sibling")) is None

    assert deletions(desk) == [digest]


async def test_a_sibling_that_nobody_knew_of_is_found(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.failing["delete", REPOSITORY, COMMIT] = Refused("no", status=405)
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        desk.client.alias(name_of(), "late")

        with pytest.raises(ImageHasSiblings):
            await images.delete(name_of(), digest, siblings=False)

    assert len(desk.client.tags_of[REPOSITORY]) == 2


async def test_nothing_is_deleted_when_a_possible_sibling_cannot_be_looked_at(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.put(name_of("other"))
    desk.client.failing["digest", REPOSITORY, "other"] = OUTAGE

    async with desk.opened() as images:
        with pytest.raises(ConnectionFailed):
            await images.delete(name_of(), digest, siblings=False)

    assert deletions(desk) == []


@pytest.mark.parametrize("error", [BadAnswer("no digest"), Refused("denied", status=403)], ids=["nonsense", "refused"])
async def test_a_tag_that_makes_no_sense_keeps_nothing_from_being_deleted(desk: Desk, error: RegistryError) -> None:
    digest = desk.client.put()
    desk.client.put(name_of("broken"))
    desk.client.failing["digest", REPOSITORY, "broken"] = error

    async with desk.opened(refresh_seconds=60.0) as images:
        await images.delete(name_of(), digest, siblings=False)

    assert deletions(desk) == [digest]


async def test_a_tag_that_was_replaced_while_siblings_were_looked_for_is_not_deleted(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.alias(name_of(), "sibling")
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        desk.client.asked.clear()
        deleting = asyncio.create_task(images.delete(name_of(), digest, siblings=False))
        await desk.client.until("digest", REPOSITORY, "sibling")
        desk.client.put()

        with pytest.raises(ImageMoved):
            await deleting

    assert deletions(desk) == []


async def test_an_image_that_was_replaced_is_not_deleted_and_listed_as_it_is(desk: Desk) -> None:
    """Case 47."""
    old = desk.client.put()
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        new = desk.client.put()

        with pytest.raises(ImageMoved) as caught:
            await images.delete(name_of(), old, siblings=True)
        listed = await images.list()

    assert (caught.value.expected, caught.value.actual) == (old, new)
    assert [image.digest for image in listed.images] == [new]
    assert deletions(desk) == []


async def test_deleting_twice_says_that_it_is_gone(desk: Desk) -> None:
    """Case 46."""
    digest = desk.client.put()
    async with desk.opened() as images:
        await images.delete(name_of(), digest, siblings=False)

        with pytest.raises(ImageNotFound):
            await images.delete(name_of(), digest, siblings=False)

    assert len(deletions(desk)) == 1


async def test_an_image_that_vanishes_just_before_is_said_to_be_gone(desk: Desk) -> None:
    digest = desk.client.put()
    desk.client.put(name_of("other"))
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        desk.client.asked.clear()
        deleting = asyncio.create_task(images.delete(name_of(), digest, siblings=False))
        await desk.client.until("digest", REPOSITORY, "other")
        del desk.client.tags_of[REPOSITORY][COMMIT]

        with pytest.raises(ImageNotFound):
            await deleting
        assert await names(images) == [name_of("other")]


OUTSIDE = [
    ImageName(HOST, "r2d2/example", COMMIT),
    ImageName(HOST, "other", COMMIT),
    ImageName("elsewhere.example.org", REPOSITORY, COMMIT),
    ImageName(HOST, "r2d/../other", COMMIT),
    ImageName(HOST, "r2d/x/", COMMIT),
    ImageName(HOST, "r2d/X", COMMIT),
    ImageName(HOST, REPOSITORY, "a/b"),
    ImageName(HOST, REPOSITORY, digest_of("a")),
    ImageName(HOST, REPOSITORY, "a\n"),
]


@pytest.mark.parametrize("name", OUTSIDE, ids=str)
async def test_what_is_outside_the_prefix_is_refused_before_any_request(desk: Desk, name: ImageName) -> None:
    """Case 53."""
    digest = desk.client.put(name)
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        desk.client.asked.clear()

        assert await images.find(name) is None
        with pytest.raises(ImageNotFound):
            await images.delete(name, digest, siblings=True)

    assert desk.client.asked == []


async def test_somebody_elses_image_is_not_deleted(desk: Desk) -> None:
    digest = desk.client.put(name_of("theirs"))
    desk.client.tags_of[REPOSITORY]["ours"] = desk.client.tags_of[REPOSITORY].pop("theirs")

    async with desk.opened() as images:
        with pytest.raises(ImageNotFound):
            await images.delete(name_of("ours"), digest, siblings=True)

    assert deletions(desk) == []


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (Refused("it does not support this", status=405), "REGISTRY_STORAGE_DELETE_ENABLED"),
        (Refused("no", status=400, code="UNSUPPORTED"), "REGISTRY_STORAGE_DELETE_ENABLED"),
        (Unauthorized("it does not allow this", status=401), "may not delete"),
        (Unauthorized("it does not allow this", status=403), "may not delete"),
        (Refused("it answered with status 409 (DENIED: tags are immutable)", status=409), "tags are immutable"),
    ],
)
async def test_a_refused_deletion_says_what_to_change(desk: Desk, refusal: Refused, sentence: str) -> None:
    """Case 45."""
    digest = desk.client.put()
    desk.client.failing["delete",] = refusal
    async with desk.opened() as images:
        with pytest.raises(DeletionRefused) as caught:
            await images.delete(name_of(), digest, siblings=False)
        assert await names(images) == [name_of()]

    assert sentence in str(caught.value)
    assert str(name_of()) in str(caught.value)


@pytest.mark.parametrize("refusal", [OUTAGE, Refused("ill", status=503, again=True)], ids=repr)
async def test_an_outage_is_no_refusal(desk: Desk, refusal: RegistryError) -> None:
    digest = desk.client.put()
    desk.client.failing["delete",] = refusal

    async with desk.opened() as images:
        with pytest.raises(type(refusal)):
            await images.delete(name_of(), digest, siblings=False)


async def test_an_image_pushed_while_another_is_deleted_stays(desk: Desk) -> None:
    """Case 52."""
    old = desk.client.put()
    desk.client.put(name_of("other"))
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        desk.client.asked.clear()
        deleting = asyncio.create_task(images.delete(name_of(), old, siblings=False))
        await desk.client.until("digest", REPOSITORY, "other")
        new = desk.client.put()
        with pytest.raises(ImageNotFound):
            await deleting
        listed = await images.list()

    assert desk.client.tags_of[REPOSITORY][COMMIT] == new
    assert new in [image.digest for image in listed.images]


async def test_a_deletion_is_done_although_nobody_can_look_afterwards(desk: Desk) -> None:
    digest = desk.client.put()
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        looks = 0
        asked = desk.client.digest

        async def once(repository: str, reference: str) -> str | None:
            nonlocal looks
            looks += 1
            if looks > 1:
                raise OUTAGE
            return await asked(repository, reference)

        desk.client.digest = once  # type: ignore[method-assign]
        await images.delete(name_of(), digest, siblings=False)

        assert await names(images) == []


async def test_who_watches_is_told_of_every_name_that_vanished(desk: Desk) -> None:
    digest = desk.client.put()
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        async with aclosing(desk.changes.watch()) as watcher:
            await images.delete(name_of(), digest, siblings=False)

            assert await anext(watcher) == name_of()


async def test_a_deleted_image_does_not_come_back_with_a_late_answer(desk: Desk) -> None:
    digest = desk.client.put()
    async with desk.opened(refresh_seconds=60.0) as images:
        await images.list()
        held = desk.client.hold = asyncio.Event()
        desk.client.asked.clear()
        asking = asyncio.create_task(images.find(name_of()))
        await desk.client.until("digest")
        desk.client.hold = None
        answer = dict(desk.client.tags_of[REPOSITORY])
        await images.delete(name_of(), digest, siblings=False)
        desk.client.tags_of[REPOSITORY] = answer  # what was true when it was asked
        held.set()
        await asking

        assert await names(images) == []


async def test_a_deletion_is_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    digest = desk.client.put()

    async with desk.opened() as images:
        await images.delete(name_of(), digest, siblings=False)

    assert f"Deleted {name_of()} ({digest})" in caplog.text
