"""Images that would be built otherwise today: told as such, and built again only where that is wanted."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from tests.unit.domain.people import ADA, BOB, person

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import Forbidden
from repo2docker_service.domain.images import ImageService
from repo2docker_service.domain.models import Build, BuildRequest, Source
from repo2docker_service.domain.rebuilds.build_settings import written_settings

SOURCE = Source("https://example.org/a/b")
ADAS = BuildRequest(SOURCE, title="Ada's")
ada, bob = (person(name, "images:read", "images:delete", "builds:create") for name in ("ada", "bob"))
OLD, NEW = (written_settings({"appendix": text}) for text in ("", "RUN true"))


@dataclass
class Stand:
    """A service that reuses outdated images, or does not, and what is behind it."""

    builder: InMemoryImageBuilder
    images: ImageService
    builds: BuildService

    async def made(self, request: BuildRequest = ADAS) -> Build:
        build = await self.builds.start(ada, request)
        self.builder.finish(build.id)
        return build

    async def reasons(self) -> list[str]:
        return [image.outdated for image in (await self.images.list(ada)).items]


@pytest.fixture
def entries() -> list[CatalogEntry]:
    return []


@pytest.fixture
def stand(
    builder: InMemoryImageBuilder, builds: BuildService, images: ImageService, entries: list[CatalogEntry]
) -> Callable[[bool], Stand]:
    builder.build_settings = OLD
    said = CuratedImages(builds.registry, lambda: entries, builder.settings)

    def make(reuse: bool) -> Stand:
        return Stand(
            builder,
            replace(images, curated=said),
            replace(builds, orders=replace(builds.orders, curated=said, reuse_outdated=reuse)),
        )

    return make


async def test_an_image_is_outdated_from_when_settings_change_until_it_is_built_again(
    stand: Callable[[bool], Stand],
) -> None:
    here = stand(True)
    await here.made()
    assert await here.reasons() == [""]

    here.builder.build_settings = NEW
    assert await here.reasons() == ["Since it was built, these settings have changed: the appendix."]

    await here.made(BuildRequest(SOURCE, force=True))
    assert await here.reasons() == [""]


async def test_an_outdated_image_is_the_answer_by_default(stand: Callable[[bool], Stand]) -> None:
    here = stand(True)
    first = await here.made()
    here.builder.build_settings = NEW

    assert (await here.builds.start(bob, BuildRequest(SOURCE))).id == first.id


async def test_where_outdated_images_are_not_reused_they_are_built_again_and_only_they(
    stand: Callable[[bool], Stand],
) -> None:
    here = stand(False)
    first = await here.made()
    assert (await here.builds.start(bob, BuildRequest(SOURCE))).id == first.id

    here.builder.build_settings = NEW
    again = await here.builds.start(bob, BuildRequest(SOURCE))

    assert (again.id != first.id, again.reused) == (True, False)


async def test_whoever_has_an_image_renewed_gains_no_right_to_it_and_renames_nothing(
    stand: Callable[[bool], Stand],
) -> None:
    here = stand(False)
    await here.made()
    here.builder.build_settings = NEW

    build = await here.builds.start(bob, BuildRequest(SOURCE, owner=BOB, title="Bob's", description="taken over"))

    plan = build.plan
    assert (plan.owner, plan.requested_by, plan.title, plan.description) == (ADA, ADA, "Ada's", "")


async def test_force_needs_the_right_to_delete_an_outdated_image_all_the_same(stand: Callable[[bool], Stand]) -> None:
    here = stand(False)
    await here.made()
    here.builder.build_settings = NEW

    with pytest.raises(Forbidden):
        await here.builds.start(bob, BuildRequest(SOURCE, force=True))


async def test_a_protected_image_is_the_answer_however_outdated(
    stand: Callable[[bool], Stand], entries: list[CatalogEntry]
) -> None:
    here = stand(False)
    first = await here.made()
    entries.append(CatalogEntry(SOURCE.address, curation=Curation(protected=True)))
    here.builder.build_settings = NEW

    assert (await here.builds.start(bob, BuildRequest(SOURCE))).id == first.id


async def test_while_settings_are_not_known_nothing_is_outdated(stand: Callable[[bool], Stand]) -> None:
    here = stand(False)
    first = await here.made()
    here.builder.build_settings = ""

    assert await here.reasons() == [""]
    assert (await here.builds.start(bob, BuildRequest(SOURCE))).id == first.id
