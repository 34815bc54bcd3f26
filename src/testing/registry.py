# ruff: noqa: D102  # a test's name is its sentence
"""What every registry must do, as tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import pytest

from repo2docker_service.domain.errors import ImageHasSiblings, ImageInUse, ImageMoved, ImageNotFound
from repo2docker_service.domain.models import Image, ImageName
from repo2docker_service.domain.ports import Registry

Store = Callable[[str, str], Awaitable[Image]]
"""Puts a new image of this installation under a repository and tag, and says how the registry should show it."""
Alias = Callable[[Image], Awaitable[ImageName]]
"""Gives an image another name, of which the registry knows."""
Occupy = Callable[[Image], AbstractAsyncContextManager[None]]
"""Keeps an image in use for a while."""

_NO_DIGEST: Final = f"sha256:{'0' * 64}"


@pytest.mark.asyncio
class RegistryContract:
    """Subclass this, and define these fixtures.

    Required:
        registry: an empty :class:`~repo2docker_service.domain.ports.Registry`.
        store: a coroutine function ``(repository, tag)`` that puts an image there as a build does, in place of one that
            is there, always with another digest, and returns the
            :class:`~repo2docker_service.domain.models.Image` to expect; its time and size are not compared.

    Optional; tests that need one that is not overridden are skipped:
        alias: a coroutine function that gives an image a second name that ``delete`` has to reckon with.
        occupy: an async context manager that keeps an image in use.
        store_foreign: a coroutine function ``(repository, tag)`` that puts an image there that is not ours.
        settle: seconds within which a change is told; 30 unless overridden.
        readers: who reads what is kept there without its credentials: "nobody", unless overridden, or "everybody".
    """

    @pytest.fixture
    def alias(self) -> Alias:
        """Give an image a second name."""
        pytest.skip("images have one name here")

    @pytest.fixture
    def occupy(self) -> Occupy:
        """Keep an image in use."""
        pytest.skip("this registry does not know what is in use")

    @pytest.fixture
    def store_foreign(self) -> Callable[[str, str], Awaitable[object]]:
        """Put an image there that is not ours."""
        pytest.skip("this registry holds no foreign images")

    @pytest.fixture
    def settle(self) -> float:
        """Seconds within which a change is told."""
        return 30.0

    @pytest.fixture
    def readers(self) -> str:
        """Who reads what is kept there without its credentials."""
        return "nobody"

    async def test_a_destination_keeps_repository_and_tag(self, registry: Registry) -> None:
        image = registry.destination("r2d/example", "a" * 40).image

        assert (image.repository, image.tag) == ("r2d/example", "a" * 40)
        assert image.registry

    async def test_a_stored_image_is_found_and_listed(self, registry: Registry, store: Store) -> None:
        expected = await store("r2d/example", "a" * 40)

        found = await registry.find(expected.name)

        assert found is not None
        assert found.name == registry.destination("r2d/example", "a" * 40).image
        assert (found.digest, found.plan) == (expected.digest, expected.plan)
        assert found.size >= 0
        assert found.created_at.utcoffset() == timedelta(0)
        assert [image.name for image in (await registry.list()).images] == [expected.name]

    async def test_what_is_listed_is_recalled_by_its_name(self, registry: Registry, store: Store) -> None:
        image = await store("r2d/example", "a" * 40)
        listed = (await registry.list()).images

        assert [await registry.recall(image.name)] == list(listed)
        await registry.delete(image.name, image.digest)
        assert await registry.recall(image.name) is None

    async def test_what_is_launched_is_bound_to_the_content(self, registry: Registry, store: Store) -> None:
        first = await registry.find((await store("r2d/example", "a" * 40)).name)
        second = await registry.find((await store("r2d/example", "a" * 40)).name)

        assert first is not None
        assert second is not None
        assert first.launch_reference
        assert first.launch_reference != second.launch_reference

    async def test_whether_others_can_read_images_is_told_before_there_are_any(
        self, registry: Registry, store: Store, readers: str
    ) -> None:
        image = await store("r2d/example", "a" * 40)
        coming = registry.destination("r2d/private/example", "b" * 40).image

        assert [await registry.guards(name) for name in (image.name, coming)] == [readers == "nobody"] * 2

    async def test_a_list_says_when_it_was_true(self, registry: Registry) -> None:
        known = await registry.list()

        assert abs(datetime.now(UTC) - known.as_of) < timedelta(minutes=5)
        assert not known.stale
        assert list(known.images) == []

    async def test_what_is_not_there_is_not_found(self, registry: Registry, store: Store) -> None:
        await store("r2d/example", "a" * 40)
        other_tag = registry.destination("r2d/example", "b" * 40).image
        other_repository = registry.destination("r2d/other", "a" * 40).image

        assert await registry.find(other_tag) is None
        assert await registry.find(other_repository) is None
        with pytest.raises(ImageNotFound):
            await registry.delete(other_tag, _NO_DIGEST)

    async def test_a_foreign_image_is_not_seen(
        self, registry: Registry, store_foreign: Callable[[str, str], Awaitable[object]]
    ) -> None:
        await store_foreign("r2d/example", "a" * 40)
        name = registry.destination("r2d/example", "a" * 40).image

        assert await registry.find(name) is None
        assert list((await registry.list()).images) == []
        with pytest.raises(ImageNotFound):
            await registry.delete(name, _NO_DIGEST)

    async def test_a_deleted_image_is_gone(self, registry: Registry, store: Store) -> None:
        image = await store("r2d/example", "a" * 40)
        other = await store("r2d/example", "b" * 40)

        await registry.delete(image.name, image.digest)

        assert await registry.find(image.name) is None
        assert [left.name for left in (await registry.list()).images] == [other.name]
        with pytest.raises(ImageNotFound):
            await registry.delete(image.name, image.digest)

    async def test_a_deleted_image_can_be_stored_again(self, registry: Registry, store: Store) -> None:
        image = await store("r2d/example", "a" * 40)
        await registry.delete(image.name, image.digest)

        again = await store("r2d/example", "a" * 40)

        found = await registry.find(image.name)
        assert found is not None
        assert found.digest == again.digest

    async def test_an_image_that_was_replaced_meanwhile_is_not_deleted(self, registry: Registry, store: Store) -> None:
        old = await store("r2d/example", "a" * 40)
        new = await store("r2d/example", "a" * 40)

        with pytest.raises(ImageMoved) as caught:
            await registry.delete(old.name, old.digest)

        assert (caught.value.expected, caught.value.actual) == (old.digest, new.digest)
        assert await registry.find(old.name) is not None

    async def test_an_image_in_use_is_not_deleted(self, registry: Registry, store: Store, occupy: Occupy) -> None:
        image = await store("r2d/example", "a" * 40)

        async with occupy(image):
            with pytest.raises(ImageInUse) as caught:
                await registry.delete(image.name, image.digest)
            assert await registry.find(image.name) is not None
        await registry.delete(image.name, image.digest)

        assert caught.value.users
        assert await registry.find(image.name) is None

    async def test_other_names_of_an_image_are_not_deleted_unasked(
        self, registry: Registry, store: Store, alias: Alias
    ) -> None:
        image = await store("r2d/example", "a" * 40)
        sibling = await alias(image)

        with pytest.raises(ImageHasSiblings) as caught:
            await registry.delete(image.name, image.digest)

        assert list(caught.value.siblings) == [str(sibling)]
        assert await registry.find(image.name) is not None

    async def test_other_names_of_an_image_are_deleted_when_asked(
        self, registry: Registry, store: Store, alias: Alias
    ) -> None:
        image = await store("r2d/example", "a" * 40)
        sibling = await alias(image)

        await registry.delete(image.name, image.digest, siblings=True)

        assert await registry.find(image.name) is None
        assert await registry.find(sibling) is None
        assert list((await registry.list()).images) == []

    async def test_who_watches_is_told_what_appeared_and_vanished(
        self, registry: Registry, store: Store, settle: float
    ) -> None:
        changes = cast("AsyncGenerator[ImageName]", registry.watch())
        async with asyncio.timeout(settle):
            image = await store("r2d/example", "a" * 40)
            appeared = await anext(changes)
            await registry.delete(image.name, image.digest)
            vanished = await anext(changes)
        await changes.aclose()

        assert (appeared, vanished) == (image.name, image.name)
