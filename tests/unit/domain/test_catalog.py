"""What administrators say of images, and what follows for who sees and deletes them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import ADA, LAB, LONG_AGO, collect, image_of, person, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.curation.catalog import CatalogEntry, curated
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.curation.curation import NOTHING_SAID, Curation
from repo2docker_service.domain.errors import ImageNotFound, ImageProtected, RegistryUnavailable
from repo2docker_service.domain.images import ImageFilter, ImageService, Sort
from repo2docker_service.domain.models import BuildRequest, Identity, Image, ImageList, ImageName, Owner, Source
from repo2docker_service.domain.naming import ImageNaming, image_id
from repo2docker_service.domain.orders.ordering import Orders
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.sources import SourceService

REPO = "https://example.org/a/b"
SCOPES = ("images:read", "images:delete", "builds:create")
ada, bob = person("ada", *SCOPES), person("bob", *SCOPES)
student = person("eve", *SCOPES, groups=("course",))
root = person("root", "admin")
FEATURED = Curation(featured=True)
FOR_COURSE = Curation(groups=frozenset({"course", "staff"}))
KEPT = Curation(protected=True)


def image(number: int = 1, ref: str = "HEAD", owner: Owner = ADA, **changes: object) -> Image:
    plan = replace(plan_of(owner, tag=f"tag-{number}"), source=Source(REPO, ref), commit=f"{number:040x}")
    made = image_of(replace(plan, **changes))  # type: ignore[arg-type]
    return replace(made, created_at=LONG_AGO + timedelta(days=number))


def said(images: Sequence[Image], *entries: CatalogEntry) -> list[Curation]:
    return [each.curation for each in curated(images, entries)]


class TestWhatAnEntryIsAbout:
    def test_a_ref_stands_for_the_newest_image_that_was_built_from_it(self) -> None:
        images = [image(1), image(3), image(2), image(4, ref="main")]

        assert said(images, CatalogEntry(REPO, curation=FEATURED)) == [
            NOTHING_SAID,
            FEATURED,
            NOTHING_SAID,
            NOTHING_SAID,
        ]

    def test_a_commit_stands_for_its_own_image(self) -> None:
        images = [image(1), image(2)]

        assert said(images, CatalogEntry(REPO, commit=f"{1:040x}", curation=FEATURED)) == [FEATURED, NOTHING_SAID]

    @pytest.mark.parametrize(
        ("entry", "expected"),
        [
            (CatalogEntry(f"{REPO}.git"), True),
            (CatalogEntry("http://example.org/a/b"), True),
            (CatalogEntry(f"{REPO}c"), False),
            (CatalogEntry("https://example.com/a/b"), False),
            (CatalogEntry(REPO, subdir="docs"), False),
            (CatalogEntry(REPO, ref="main"), False),
        ],
    )
    def test_an_entry_is_about_one_place_ref_and_folder(self, entry: CatalogEntry, expected: bool) -> None:
        assert entry.is_about(image()) is expected

    def test_private_images_are_beyond_the_catalog(self) -> None:
        assert said([image(1), image(2, private=True)], CatalogEntry(REPO, curation=FEATURED)) == [
            FEATURED,
            NOTHING_SAID,
        ]

    def test_of_two_entries_for_one_image_the_first_counts(self) -> None:
        entries = CatalogEntry(REPO, curation=FEATURED), CatalogEntry(REPO, commit=f"{1:040x}", curation=KEPT)

        assert said([image(1)], *entries) == [FEATURED]

    def test_older_images_of_a_ref_stay_with_its_groups(self) -> None:
        entry = CatalogEntry(REPO, curation=replace(FOR_COURSE, title="Course", protected=True))

        assert said([image(1), image(2)], entry) == [FOR_COURSE, entry.curation]

    @pytest.mark.parametrize("entry", [CatalogEntry(REPO), CatalogEntry(REPO, commit=f"{1:040x}")])
    def test_an_image_with_build_arguments_of_somebody_never_takes_the_place_of_the_one_without(
        self, entry: CatalogEntry
    ) -> None:
        entry = replace(entry, curation=replace(FOR_COURSE, default=True, protected=True))
        plain, other = image(1), replace(image(1, build_args={"BASE": "evil"}), name=ImageName("r", "a/b", "other"))
        newer = replace(other, created_at=plain.created_at + timedelta(days=1))

        assert said([plain, newer], entry) == [entry.curation, FOR_COURSE]
        assert said([newer], entry) == [FOR_COURSE]

    def test_what_is_said_of_an_older_image_itself_goes_before_that(self) -> None:
        entries = CatalogEntry(REPO, curation=FOR_COURSE), CatalogEntry(REPO, commit=f"{1:040x}", curation=KEPT)

        assert said([image(1), image(2)], *entries) == [KEPT, FOR_COURSE]

    def test_images_of_which_nothing_is_said_are_given_as_they_are(self) -> None:
        one = image()

        assert curated([one], [CatalogEntry("https://example.org/x")])[0] is one

    @given(
        refs=st.dictionaries(st.integers(1, 9), st.sampled_from(["HEAD", "main"])),
        order=st.randoms(use_true_random=False),
    )
    def test_the_order_in_which_a_registry_lists_images_makes_no_difference(
        self, refs: dict[int, str], order: object
    ) -> None:
        images = [image(number, ref) for number, ref in refs.items()]
        entries = [CatalogEntry(REPO, "HEAD", curation=FOR_COURSE), CatalogEntry(REPO, "main", curation=FEATURED)]
        shuffled = list(images)
        order.shuffle(shuffled)  # type: ignore[attr-defined]

        def by_name(given: Sequence[Image]) -> dict[str, Curation]:
            return {str(each.name): each.curation for each in curated(given, entries)}

        assert by_name(images) == by_name(shuffled)
        assert [each.name for each in curated(shuffled, entries)] == [each.name for each in shuffled]


@pytest.fixture
def entries() -> list[CatalogEntry]:
    return []


@pytest.fixture
def images(
    registry: InMemoryRegistry, naming: ImageNaming, policy: Policy, entries: list[CatalogEntry]
) -> ImageService:
    return ImageService(registry, naming, policy, CuratedImages(registry, lambda: entries))


def identifier(one: Image) -> str:
    return image_id(str(one.name))


@pytest.fixture
def of_the_course(registry: InMemoryRegistry, entries: list[CatalogEntry]) -> Image:
    """Put an image there that is for some groups."""
    one = image()
    registry.put(one)
    entries.append(CatalogEntry(REPO, curation=FOR_COURSE))
    return one


class TestGroups:
    @pytest.mark.parametrize("who", [student, ada, root], ids=["a member", "the owner", "an admin"])
    async def test_members_the_owner_and_admins_know_of_an_image_for_groups(
        self, images: ImageService, of_the_course: Image, who: Identity
    ) -> None:
        assert (await images.list(who)).total == 1
        assert (await images.get(who, identifier(of_the_course))).name == of_the_course.name
        assert (await images.find(who, str(of_the_course.name))).name == of_the_course.name

    async def test_for_all_others_it_is_missing_in_every_way(self, images: ImageService, of_the_course: Image) -> None:
        assert (await images.list(bob)).total == 0
        for use in (
            images.get(bob, identifier(of_the_course)),
            images.find(bob, str(of_the_course.name)),
            images.delete(bob, identifier(of_the_course), of_the_course.digest),
        ):
            with pytest.raises(ImageNotFound):
                await use

    async def test_members_of_a_group_that_owns_it_know_of_it_whatever_the_catalog_says(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry]
    ) -> None:
        registry.put(image(owner=LAB))
        entries.append(CatalogEntry(REPO, curation=FOR_COURSE))

        assert (await images.list(person("cat", *SCOPES, groups=("lab",)))).total == 1

    async def test_being_in_a_group_does_not_replace_a_scope(self, images: ImageService, of_the_course: Image) -> None:
        assert (await images.list(person("eve", "images:read!user", groups=("course",)))).total == 0

    async def test_a_spawner_is_given_it_for_members_only(self, images: ImageService, of_the_course: Image) -> None:
        spawner = person("spawner", "images:read-for-user")
        eve = student.owner

        assert (await images.list(spawner, visible_to=eve)).total == 0
        assert (await images.list(spawner, visible_to=eve, groups=["lab"])).total == 0
        assert (await images.list(spawner, visible_to=eve, groups=["course"])).total == 1
        assert (await images.list(spawner, visible_to=ADA)).total == 1

    async def test_an_admin_may_ask_what_a_group_sees(self, images: ImageService, of_the_course: Image) -> None:
        totals = [
            (await images.list(root, visible_to=Owner.parse(f"group:{name}"))).total for name in ("course", "lab")
        ]
        assert totals == [1, 0]

    async def test_who_looks_up_a_source_is_not_told_of_it_either(
        self,
        registry: InMemoryRegistry,
        resolver: InMemorySourceResolver,
        naming: ImageNaming,
        policy: Policy,
        entries: list[CatalogEntry],
    ) -> None:
        orders = Orders(registry, resolver, naming, policy, CuratedImages(registry, lambda: entries))
        sources = SourceService(orders, InMemoryImageBuilder(installation=registry.installation))
        commit = (await resolver.resolve(Source(REPO))).commit
        name = registry.destination(*naming.shared(Source(REPO), commit, {})).image
        registry.put(image(image=name, commit=commit))
        entries.append(CatalogEntry(REPO, curation=replace(FOR_COURSE, title="Course")))

        assert (await sources.look_up(bob, Source(REPO))).image is None
        found = (await sources.look_up(student, Source(REPO))).image
        assert found is not None
        assert found.title == "Course"

    async def test_changes_are_told_to_who_may_know_of_them(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry], naming: ImageNaming
    ) -> None:
        entries.append(CatalogEntry(REPO, curation=FOR_COURSE))
        hers, his, roots = [await images.watch(who) for who in (student, bob, root)]
        repository, _ = naming.shared(Source(REPO), "", {})
        one = image(image=ImageName("localhost", repository, "x"))
        other = image(2, image=ImageName("localhost", "r2d/other", "x"), source=Source("https://example.org/other"))
        registry.put(one)
        registry.put(other)
        assert [await anext(hers), await anext(hers)] == [one.name, other.name]
        assert await anext(his) == other.name

        await registry.delete(one.name, one.digest)
        await registry.delete(other.name, other.digest)

        # One that is gone is known by its repository: all else about it is gone, too.
        assert [await anext(hers), await anext(hers)] == [one.name, other.name]
        assert [await anext(roots), await anext(roots)] == [one.name, other.name]
        assert await anext(his) == other.name

    async def test_nothing_is_told_of_what_cannot_be_looked_up(
        self, naming: ImageNaming, policy: Policy, registry: InMemoryRegistry
    ) -> None:
        class Away(InMemoryRegistry):
            async def list(self) -> ImageList:
                raise RegistryUnavailable("registry", "away")

            async def watch(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
                for each in (one, other):
                    yield each.name

        one, other = image(), image(2, source=Source("https://example.org/other"))
        away = Away(installation=registry.installation)
        away.put(one)
        away.put(other)
        said = CuratedImages(away, lambda: [CatalogEntry(REPO, curation=FOR_COURSE)])
        images = ImageService(away, naming, policy, said)

        assert await collect(await images.watch(student)) == [other.name]


class TestProtection:
    @pytest.mark.parametrize("who", [ada, root], ids=["the owner", "an admin"])
    async def test_a_protected_image_is_kept(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry], who: Identity
    ) -> None:
        one = image()
        registry.put(one)
        entries.append(CatalogEntry(REPO, curation=KEPT))

        with pytest.raises(ImageProtected, match="tag-1"):
            await images.delete(who, identifier(one), one.digest)

        entries.clear()
        await images.delete(who, identifier(one), one.digest)

    async def test_it_does_not_vanish_with_another_name_either(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry]
    ) -> None:
        kept = image()
        other = replace(image(2, source=Source("https://example.org/other")), digest=kept.digest)
        registry.put(kept)
        registry.put(other)
        entries.append(CatalogEntry(REPO, curation=KEPT))

        with pytest.raises(ImageProtected, match="tag-1"):
            await images.delete(ada, identifier(other), other.digest, siblings=True)

        assert (await images.list(ada)).total == 2

    async def test_older_images_of_its_ref_can_be_deleted(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry]
    ) -> None:
        old, new = image(1), image(2)
        registry.put(old)
        registry.put(new)
        entries.append(CatalogEntry(REPO, curation=KEPT))

        await images.delete(ada, identifier(old), old.digest)

        assert (await images.get(ada, identifier(new))).curation.protected

    async def test_it_is_not_replaced(
        self,
        builds: BuildService,
        registry: InMemoryRegistry,
        resolver: InMemorySourceResolver,
        naming: ImageNaming,
        entries: list[CatalogEntry],
    ) -> None:
        curated = CuratedImages(registry, lambda: entries)
        builds = replace(builds, orders=replace(builds.orders, curated=curated))
        commit = (await resolver.resolve(Source(REPO))).commit
        name = registry.destination(*naming.shared(Source(REPO), commit, {})).image
        registry.put(image(image=name, commit=commit))
        entries.append(CatalogEntry(REPO, curation=KEPT))

        with pytest.raises(ImageProtected):
            await builds.start(root, BuildRequest(Source(REPO), force=True))
        assert (await builds.start(root, BuildRequest(Source(REPO)))).reused

        entries.clear()
        assert not (await builds.start(root, BuildRequest(Source(REPO), force=True))).reused

    async def test_an_older_image_of_its_ref_can_be_replaced(
        self, registry: InMemoryRegistry, entries: list[CatalogEntry]
    ) -> None:
        old, new = image(1), image(2)
        registry.put(old)
        registry.put(new)
        entries.append(CatalogEntry(REPO, curation=KEPT))
        curated_images = CuratedImages(registry, lambda: entries)

        await curated_images.require_replaceable(old)
        with pytest.raises(ImageProtected):
            await curated_images.require_replaceable(new)


class TestProminence:
    async def test_the_default_comes_first_then_what_is_featured_then_the_newest(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry]
    ) -> None:
        refs = {1: "a", 2: "b", 3: "c", 4: "d", 5: "e"}
        for number, ref in refs.items():
            registry.put(image(number, ref))
        entries.extend(
            [
                CatalogEntry(REPO, "b", curation=FEATURED),
                CatalogEntry(REPO, "a", curation=Curation(default=True)),
                CatalogEntry(REPO, "c", curation=FEATURED),
            ]
        )

        first = await images.list(ada, sort=Sort.FEATURED, limit=2)
        rest = await images.list(ada, sort=Sort.FEATURED, cursor=first.next or "")

        assert [each.plan.source.ref for each in (*first.items, *rest.items)] == ["a", "c", "b", "e", "d"]

    async def test_words_of_the_administrator_are_searched_too(
        self, images: ImageService, registry: InMemoryRegistry, entries: list[CatalogEntry]
    ) -> None:
        registry.put(image(title="Mine"))
        entries.append(CatalogEntry(REPO, curation=Curation(title="Climate")))

        page = await images.list(ada, ImageFilter(q="climate"))

        assert [each.title for each in page.items] == ["Climate"]
