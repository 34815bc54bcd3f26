"""Which digest a build shows: that of its own image, as far as it can be found out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.unit.domain.people import ADA, image_of, person, plan_of

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState, Image, ImageName

ada = person("ada", "builds:read")
PLAN = plan_of(ADA)


class FarRegistry(InMemoryRegistry):
    """Remembers other images than it has."""

    remembered: Image | None = None
    away = False
    silent = False

    async def recall(self, image: ImageName) -> Image | None:
        return self.remembered

    async def find(self, image: ImageName) -> Image | None:
        if self.silent:
            await asyncio.sleep(60)
        if self.away:
            raise RegistryUnavailable("registry", "it is away")
        return await super().find(image)


class OneBuild(InMemoryImageBuilder):
    """Knows one build, which has ended well."""

    build = Build(PLAN, BuildState.SUCCEEDED, image_of(PLAN).created_at)

    async def get(self, build_id: str) -> Build:
        return self.build


@pytest.fixture
def far(installation: Installation) -> FarRegistry:
    return FarRegistry(installation=installation)


@pytest.fixture
def builder(installation: Installation) -> OneBuild:
    return OneBuild(installation=installation)


class TestDigests:
    @pytest.fixture(autouse=True)
    def service(self, builds: BuildService, builder: OneBuild, far: FarRegistry) -> None:
        self.far, self.builder = far, builder
        self.builds = replace(builds, builder=builder, registry=far)

    async def digest(self) -> str | None:
        return (await self.builds.get(ada, PLAN.id)).digest

    async def test_what_is_remembered_is_not_asked_for(self) -> None:
        self.far.remembered, self.far.away = image_of(PLAN), True

        assert await self.digest() == image_of(PLAN).digest

    async def test_what_is_remembered_of_another_build_is_looked_up(self) -> None:
        self.far.remembered = image_of(plan_of(ADA))
        self.far.put(image_of(PLAN))

        assert await self.digest() == image_of(PLAN).digest

    async def test_without_the_registry_all_else_is_told(self) -> None:
        self.far.away = True

        build = await self.builds.get(ada, PLAN.id)

        assert (build.state, build.digest) == (BuildState.SUCCEEDED, None)

    async def test_a_registry_that_says_nothing_keeps_nobody_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("repo2docker_service.domain.builds._PATIENCE", 0.01)
        self.far.silent = True

        async with asyncio.timeout(1):
            assert await self.digest() is None

    async def test_a_build_tells_what_it_pushed_and_that_somebody_put_something_else_there(self) -> None:
        pushed = f"sha256:{'0a' * 32}"
        self.builder.build = replace(OneBuild.build, digest=pushed)
        self.far.put(image_of(PLAN))  # says to be of this build, too

        build = await self.builds.get(ada, PLAN.id)

        assert (build.digest, build.changed_outside, build.launchable) == (pushed, True, None)

    async def test_what_is_still_there_or_was_built_anew_was_not_changed_outside(self) -> None:
        self.builder.build = replace(OneBuild.build, digest=image_of(PLAN).digest)
        self.far.put(image_of(PLAN))
        assert not (await self.builds.get(ada, PLAN.id)).changed_outside

        self.far.put(image_of(replace(plan_of(ADA), image=PLAN.image)))
        build = await self.builds.get(ada, PLAN.id)
        assert (build.digest, build.changed_outside) == (image_of(PLAN).digest, False)

    async def test_a_build_that_only_stored_an_image_has_the_digest_of_that(self) -> None:
        maker = plan_of(ADA)
        self.far.put(image_of(replace(maker, image=PLAN.image)))
        assert await self.digest() is None

        self.builder.build = replace(OneBuild.build, made_by=maker.id)

        assert await self.digest() == image_of(maker).digest
