"""The use cases around images, over in-memory adapters."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.domain.people import ADA, BOB, LAB, LONG_AGO, image_of, person, plan_of
from tests.unit.domain.registries import OneRepository

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.errors import (
    BadCursor,
    Forbidden,
    ImageHasSiblings,
    ImageInUse,
    ImageMoved,
    ImageNotFound,
    InvalidInput,
)
from repo2docker_service.domain.images import ImageFilter, ImageService, Sort
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, Image, ImageName, Owner, Source
from repo2docker_service.domain.naming import ImageNaming, image_id

EVERYTHING = ("images:read", "images:delete")
ada, bob, cat = (person(name, *EVERYTHING) for name in ("ada", "bob", "cat"))
root = person("root", "admin")


def identifier(image: Image) -> str:
    return image_id(str(image.name))


def put(registry: InMemoryRegistry, number: int, owner: Owner = ADA, **changes: object) -> Image:
    plan = replace(plan_of(owner, BOB, tag=f"tag-{number}"), **changes)  # type: ignore[arg-type]
    image = replace(image_of(plan), created_at=LONG_AGO + timedelta(days=number), size=100 - number)
    registry.put(image)
    return image


def put_private(registry: InMemoryRegistry, naming: ImageNaming) -> Image:
    plan = plan_of(ADA, private=True)
    repository, tag = naming.private(plan.source, plan.commit, {}, ADA)
    image = image_of(replace(plan, image=registry.destination(repository, tag).image))
    registry.put(image)
    return image


class TestListing:
    @pytest.mark.parametrize(
        ("sort", "order"),
        [(Sort.NEWEST, [3, 2, 1]), (Sort.FEATURED, [3, 2, 1]), (Sort.NAME, [1, 2, 3]), (Sort.SIZE, [1, 2, 3])],
    )
    async def test_images_come_in_the_order_asked_for(
        self, images: ImageService, registry: InMemoryRegistry, sort: Sort, order: list[int]
    ) -> None:
        stored = {number: put(registry, number) for number in (2, 1, 3)}

        page = await images.list(ada, sort=sort)

        assert page.items == [stored[number] for number in order]
        assert (page.total, page.next, page.stale) == (3, None, False)

    @pytest.mark.parametrize("sort", list(Sort))
    async def test_pages_go_on_where_the_last_one_ended(
        self, images: ImageService, registry: InMemoryRegistry, sort: Sort
    ) -> None:
        for number in range(5):
            put(registry, number)
        whole = (await images.list(ada, sort=sort)).items

        first = await images.list(ada, sort=sort, limit=3)
        second = await images.list(ada, sort=sort, limit=3, cursor=first.next or "")

        assert [*first.items, *second.items] == whole

    async def test_a_cursor_of_another_order_is_refused(self, images: ImageService, registry: InMemoryRegistry) -> None:
        put(registry, 1)
        put(registry, 2)
        by_name = await images.list(ada, sort=Sort.NAME, limit=1)

        with pytest.raises(BadCursor):
            await images.list(ada, sort=Sort.SIZE, cursor=by_name.next or "")

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            (ImageFilter(), {1, 2, 3}),
            (ImageFilter(owner=BOB), {2}),
            (ImageFilter(repo="https://example.org/c"), {3}),
            (ImageFilter(repo="HTTPS://Example.org:443/c/"), {3}),
            (ImageFilter(repo="https://example.org/d"), set()),
            (ImageFilter(ref="develop"), {3}),
            (ImageFilter(ref="a" * 40), {1, 2, 3}),
            (ImageFilter(ref="a" * 7), set()),
            (ImageFilter(name="localhost/r2d/example.org--a--b:tag-1"), {1}),
            (ImageFilter(name="localhost/r2d/example.org--a--b"), set()),
            (ImageFilter(q="CLIMATE"), {1}),
            (ImageFilter(q="model climate"), {1}),
            (ImageFilter(q="climate nothing"), set()),
            (ImageFilter(q="tag-2"), {2}),
            (ImageFilter(q="develop"), {3}),
            (ImageFilter(q="bob"), {2}),
            (ImageFilter(q="user"), set()),
            (ImageFilter(q="  "), {1, 2, 3}),
            (ImageFilter(owner=BOB, q="climate"), set()),
        ],
    )
    async def test_a_filter_leaves_what_is_wanted(
        self, images: ImageService, registry: InMemoryRegistry, wanted: ImageFilter, expected: set[int]
    ) -> None:
        stored = {
            1: put(registry, 1, title="Climate", description="A model"),
            2: put(registry, 2, BOB),
            3: put(registry, 3, source=Source("https://example.org/c", "develop")),
        }

        page = await images.list(ada, wanted)

        assert {number for number, image in stored.items() if image in page.items} == expected
        assert page.total == len(expected)

    async def test_an_image_is_found_by_all_that_a_spawner_is_told(
        self, images: ImageService, registry: InMemoryRegistry
    ) -> None:
        image = replace(put(registry, 1), launch_reference="localhost/r2d/a@sha256:1")
        registry.put(image)
        put(registry, 2)

        for name in ("localhost/r2d/a@sha256:1", image_id(str(image.name)), str(image.name)):
            assert (await images.list(ada, ImageFilter(name=name))).items == [image]

    async def test_what_cannot_be_the_address_of_a_repository_is_named(self, images: ImageService) -> None:
        with pytest.raises(InvalidInput) as caught:
            await images.list(ada, ImageFilter(repo="https://example.org"))

        assert caught.value.field == "repo"

    async def test_private_images_are_missing_for_others_in_every_way(
        self, images: ImageService, registry: InMemoryRegistry, naming: ImageNaming
    ) -> None:
        image = put_private(registry, naming)
        shared = put(registry, 1)

        page = await images.list(bob)

        assert (page.items, page.total) == ([shared], 1)
        with pytest.raises(ImageNotFound):
            await images.get(bob, identifier(image))
        with pytest.raises(ImageNotFound):
            await images.delete(bob, identifier(image), image.digest)
        assert await images.get(ada, identifier(image)) == image
        assert (await images.list(ada)).total == (await images.list(root)).total == 2

    async def test_who_may_read_nothing_gets_no_list(self, images: ImageService) -> None:
        with pytest.raises(Forbidden):
            await images.list(person("nobody"))
        with pytest.raises(Forbidden):
            await images.watch(person("nobody"))

    async def test_a_list_says_when_it_was_true(self, images: ImageService, registry: InMemoryRegistry) -> None:
        before = (await registry.list()).as_of

        assert (await images.list(ada)).as_of >= before


class TestOnBehalfOfOthers:
    """A spawner offers people what they may see, with a token of its own."""

    @pytest.mark.parametrize("who", [person("spawner", "images:read-for-user"), root], ids=["spawner", "admin"])
    async def test_a_spawner_is_given_what_somebody_may_see(
        self, images: ImageService, registry: InMemoryRegistry, naming: ImageNaming, who: Identity
    ) -> None:
        shared, private = put(registry, 1, owner=BOB), put_private(registry, naming)

        for_ada = await images.list(who, visible_to=ADA)
        for_bob = await images.list(who, visible_to=BOB)

        assert {image.name for image in for_ada.items} == {shared.name, private.name}
        assert [image.name for image in for_bob.items] == [shared.name]
        assert (for_ada.total, for_bob.total) == (2, 1)

    async def test_a_spawner_says_which_groups_somebody_is_in(
        self, images: ImageService, registry: InMemoryRegistry
    ) -> None:
        spawner = person("spawner", "images:read-for-user")
        private = put(registry, 1, owner=LAB, private=True)

        assert (await images.list(spawner, visible_to=ADA, groups=["x", "lab"])).items == [private]
        assert (await images.list(spawner, visible_to=ADA, groups=["x"])).total == 0
        assert (await images.list(spawner, visible_to=ADA)).total == 0

    async def test_who_may_ask_for_one_person_only_cannot_put_that_one_into_a_group(self, images: ImageService) -> None:
        narrow = person("spawner", "images:read-for-user!user=ada")

        with pytest.raises(Forbidden, match="images:read-for-user"):
            await images.list(narrow, visible_to=ADA, groups=["lab"])

    async def test_who_asks_for_oneself_says_nothing_of_groups(
        self, images: ImageService, registry: InMemoryRegistry
    ) -> None:
        put(registry, 1, owner=LAB, private=True)

        assert (await images.list(ada, visible_to=ADA, groups=["lab"])).total == 0

    async def test_groups_are_those_of_somebody(self, images: ImageService) -> None:
        with pytest.raises(InvalidInput) as caught:
            await images.list(person("spawner", "images:read-for-user"), groups=["lab"])

        assert caught.value.field == "group"

    async def test_a_filter_is_not_widened(self, images: ImageService) -> None:
        narrow = person("spawner", "images:read-for-user!user=ada")

        assert (await images.list(narrow, visible_to=ADA)).total == 0
        with pytest.raises(Forbidden, match="images:read-for-user"):
            await images.list(narrow, visible_to=BOB)

    @pytest.mark.parametrize("scopes", [EVERYTHING, ("images:read-for-user!user",)], ids=["reader", "own only"])
    async def test_nobody_else_asks_for_others(self, images: ImageService, scopes: tuple[str, ...]) -> None:
        with pytest.raises(Forbidden):
            await images.list(person("cat", *scopes), visible_to=BOB)

    async def test_that_scope_alone_shows_nothing_of_ones_own_accord(self, images: ImageService) -> None:
        with pytest.raises(Forbidden):
            await images.list(person("spawner", "images:read-for-user"))

    async def test_who_asks_for_oneself_is_given_the_same_as_ever(
        self, images: ImageService, registry: InMemoryRegistry, naming: ImageNaming
    ) -> None:
        put(registry, 1, owner=BOB)
        put_private(registry, naming)

        assert (await images.list(ada, visible_to=ADA)).items == (await images.list(ada)).items


class TestDeleting:
    async def test_owner_requester_and_admins_delete(self, images: ImageService, registry: InMemoryRegistry) -> None:
        for who in (ada, bob, root):
            image = put(registry, 1)

            await images.delete(who, identifier(image), image.digest)

            with pytest.raises(ImageNotFound):
                await images.get(who, identifier(image))

    @pytest.mark.parametrize("who", [cat, person("ada", "images:read")], ids=["another", "without the scope"])
    async def test_others_do_not(self, images: ImageService, registry: InMemoryRegistry, who: object) -> None:
        image = put(registry, 1)

        with pytest.raises(Forbidden):
            await images.delete(who, identifier(image), image.digest)  # type: ignore[arg-type]

        assert await images.get(ada, identifier(image)) == image

    async def test_what_was_replaced_meanwhile_stays(self, images: ImageService, registry: InMemoryRegistry) -> None:
        old, new = put(registry, 1), put(registry, 1)

        with pytest.raises(ImageMoved):
            await images.delete(ada, identifier(old), old.digest)

        assert await images.get(ada, identifier(old)) == new

    async def test_what_is_in_use_stays(self, images: ImageService, registry: InMemoryRegistry) -> None:
        image = put(registry, 1)
        registry.use(image.name, "server-of-ada")

        with pytest.raises(ImageInUse, match="server-of-ada"):
            await images.delete(ada, identifier(image), image.digest)

    async def test_other_names_go_only_when_that_was_asked(
        self, images: ImageService, registry: InMemoryRegistry
    ) -> None:
        image = put(registry, 1)
        sibling = ImageName("localhost", "r2d/other", "x")
        registry.put(image, sibling)
        with pytest.raises(ImageHasSiblings, match="r2d/other:x"):
            await images.delete(ada, identifier(image), image.digest)

        await images.delete(ada, identifier(image), image.digest, siblings=True)

        assert (await images.list(ada)).total == 0

    async def test_what_is_not_there_is_not_found(self, images: ImageService) -> None:
        with pytest.raises(ImageNotFound):
            await images.delete(root, "0" * 24, "sha256:0")


class TestWatching:
    async def test_changes_are_told_to_who_may_know(
        self, images: ImageService, registry: InMemoryRegistry, naming: ImageNaming
    ) -> None:
        changes = await images.watch(bob)
        private = put_private(registry, naming)
        shared = put(registry, 1)
        assert await anext(changes) == shared.name

        await registry.delete(private.name, private.digest)
        await registry.delete(shared.name, shared.digest)

        assert await anext(changes) == shared.name

    async def test_private_images_of_others_vanish_untold_where_one_repository_holds_all(
        self, images: ImageService, installation: Installation, naming: ImageNaming
    ) -> None:
        registry = OneRepository(installation=installation)
        changes = await replace(images, registry=registry).watch(bob)
        private, shared = put_private(registry, naming), image_of(plan_of(ADA))
        registry.put(shared)
        await registry.delete(private.name, private.digest)
        await registry.delete(shared.name, shared.digest)

        assert await anext(changes) == shared.name

    async def test_an_owner_is_told_of_private_images(
        self, images: ImageService, registry: InMemoryRegistry, naming: ImageNaming
    ) -> None:
        changes = await images.watch(ada)
        image = put_private(registry, naming)

        assert await anext(changes) == image.name
