"""What is built from repositories that not everybody may read."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.unit.domain.people import ADA, BOB, LAB, collect, person

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import (
    BuildNotFound,
    InvalidInput,
    PrivateBuildRefused,
    SourceForbidden,
    SourceUnreachable,
)
from repo2docker_service.domain.images import ImageService
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    BuildRequest,
    BuildState,
    Destination,
    LogChunk,
    Owner,
    Source,
)
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.resolved import ResolvedSource, SourceTerms
from repo2docker_service.domain.sources import SourceService

LOCKED = "https://example.org/secret/plans"
KEY = Credentials("ada", "canary")
WANTED = BuildRequest(Source(LOCKED), credentials=KEY)
OURS = replace(WANTED, owner=LAB)
BUILDS = ("builds:create", "builds:read", "images:read")

ada = person("ada", *BUILDS, groups=("lab",))
cat = person("cat", *BUILDS, groups=("lab",))
bob = person("bob", *BUILDS)
root = person("root", "admin")


class Ruled(InMemorySourceResolver):
    """Lets people build on the terms that a test sets."""

    said = SourceTerms()
    asked = 0

    def terms(self, address: str) -> SourceTerms:
        return self.said if address == LOCKED else SourceTerms()

    async def resolve(self, source: Source, credentials: Credentials | None = None) -> ResolvedSource:
        self.asked += 1
        return await super().resolve(source, credentials)


class Recording(InMemoryImageBuilder):
    """Remembers what it was given to open repositories with."""

    given: Credentials | None = None

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        anew: bool = False,
        credentials: Credentials | None = None,
    ) -> Build:
        self.given = credentials
        return await super().start(plan, destination, anew=anew, credentials=credentials)


@pytest.fixture
def resolver(installation: Installation) -> Ruled:
    return Ruled(installation=installation, locked={LOCKED: "ada:canary"})


@pytest.fixture
async def builder(installation: Installation) -> AsyncIterator[Recording]:
    async with Recording(installation=installation, manual=True) as made:
        yield made


async def built(builds: BuildService, builder: InMemoryImageBuilder, request: BuildRequest = WANTED) -> Build:
    build = await builds.start(ada, request)
    builder.write(build.id, "one")
    builder.finish(build.id)
    return await builds.get(ada, build.id)


async def test_what_is_built_with_credentials_is_private_and_named_so_that_nobody_guesses_it(
    builds: BuildService, builder: Recording
) -> None:
    build = await builds.start(ada, WANTED)

    assert build.plan.private
    assert builder.given == KEY
    repository, tag = build.plan.image.repository, build.plan.image.tag
    assert repository == "r2d/private/user--ada/example.org--secret--plans"
    assert len(tag) == len(build.plan.commit) + 1 + 32
    assert "canary" not in repr(WANTED) + repr(build) + repr(builds)


async def test_credentials_without_a_name_are_a_token(
    builds: BuildService, resolver: Ruled, builder: Recording
) -> None:
    resolver.locked = {LOCKED: "git:canary"}
    await builds.start(ada, replace(WANTED, credentials=Credentials("", "canary")))

    assert builder.given == Credentials("git", "canary")


@pytest.mark.parametrize(
    "given",
    [Credentials("ada", ""), Credentials("a:b", "canary"), Credentials("ada", "ca\nnary"), Credentials("\0", "canary")],
)
async def test_credentials_that_git_cannot_send_are_refused_without_repeating_them(
    builds: BuildService, given: Credentials
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await builds.start(ada, replace(WANTED, credentials=given))
    assert "nary" not in str(refused.value) + repr(refused.value)


@pytest.mark.parametrize("given", [None, Credentials("bob", "guessed")])
@pytest.mark.parametrize("ref", ["HEAD", "commit"])
async def test_without_the_right_credentials_somebody_else_gets_nothing_of_it(
    builds: BuildService, builder: Recording, given: Credentials | None, ref: str
) -> None:
    build = await built(builds, builder)
    source = Source(LOCKED, build.plan.commit if ref == "commit" else ref)

    with pytest.raises(SourceUnreachable):
        await builds.start(bob, BuildRequest(source, credentials=given))
    assert len(await builder.list()) == 1


async def test_nobody_else_sees_its_build_log_or_image(
    builds: BuildService, builder: Recording, images: ImageService
) -> None:
    build = await built(builds, builder)

    for ask in (builds.get(bob, build.id), builds.log(bob, build.id), builds.cancel(bob, build.id)):
        with pytest.raises(BuildNotFound):
            await ask
    assert ((await builds.list(bob)).total, (await images.list(bob)).total) == (0, 0)
    assert ((await builds.list(ada)).total, (await images.list(ada)).total) == (1, 1)
    assert ((await builds.list(root)).total, (await images.list(root)).total) == (1, 1)


async def test_who_has_credentials_too_has_an_image_of_its_own(builds: BuildService, builder: Recording) -> None:
    first = await built(builds, builder)
    second = await builds.start(bob, WANTED)

    assert not second.joined
    assert not second.reused
    assert second.plan.image.repository != first.plan.image.repository


async def test_members_of_a_group_share_what_is_built_for_it(builds: BuildService, builder: Recording) -> None:
    build = await built(builds, builder, OURS)

    again = await builds.start(cat, OURS)
    assert (again.id, again.reused) == (build.id, True)
    log = await collect(await builds.log(cat, build.id))
    assert [line for chunk in log if isinstance(chunk, LogChunk) for line in chunk.lines] == ["one"]


async def test_it_is_refused_where_the_registry_shows_images_to_everybody(
    builds: BuildService, registry: InMemoryRegistry, builder: Recording
) -> None:
    registry.open_to_all = True

    with pytest.raises(PrivateBuildRefused, match="everybody"):
        await builds.start(ada, WANTED)
    assert not await builder.list()
    assert (await builds.start(ada, BuildRequest(Source("https://example.org/open/a")))).state is BuildState.QUEUED


class TestTerms:
    def visible_to(self, resolver: Ruled, *owners: Owner) -> None:
        resolver.locked = {}
        resolver.said = SourceTerms(private=True, visible_to=frozenset(owners))

    async def test_what_is_for_some_people_is_refused_to_others_before_anybody_is_asked(
        self, builds: BuildService, resolver: Ruled
    ) -> None:
        self.visible_to(resolver, LAB)

        for who, request in ((bob, BuildRequest(Source(LOCKED))), (bob, WANTED)):
            with pytest.raises(SourceForbidden, match="administrator"):
                await builds.start(who, request)
            with pytest.raises(SourceForbidden):
                await SourceService(builds.orders, builds.builder).look_up(
                    who, request.source, credentials=request.credentials
                )
        assert resolver.asked == 0

    async def test_those_it_is_for_build_for_themselves_or_for_their_group(
        self, builds: BuildService, resolver: Ruled
    ) -> None:
        self.visible_to(resolver, LAB)

        own = await builds.start(ada, BuildRequest(Source(LOCKED)))
        ours = await builds.start(ada, BuildRequest(Source(LOCKED), owner=LAB))
        assert (own.plan.private, ours.plan.private) == (True, True)
        assert own.plan.image != ours.plan.image

    async def test_nobody_builds_it_for_a_group_that_it_is_not_for(self, builds: BuildService, resolver: Ruled) -> None:
        self.visible_to(resolver, ADA)

        with pytest.raises(SourceForbidden):
            await builds.start(ada, BuildRequest(Source(LOCKED), owner=LAB))

    async def test_an_admin_may_build_it_for_anybody(self, builds: BuildService, resolver: Ruled) -> None:
        self.visible_to(resolver, LAB)

        assert (await builds.start(root, BuildRequest(Source(LOCKED), owner=BOB))).plan.owner == BOB

    def test_a_service_of_the_same_name_is_not_meant(self) -> None:
        terms = SourceTerms(visible_to=frozenset({Owner.parse("service:ada")}))
        with pytest.raises(SourceForbidden):
            Policy(scopes_allow).require_source(ada, ADA, terms)


async def test_a_look_up_finds_the_image_that_a_build_with_the_same_credentials_would_reuse(
    builds: BuildService, builder: Recording
) -> None:
    build = await built(builds, builder)
    look_ups = SourceService(builds.orders, builds.builder)

    mine = await look_ups.look_up(ada, Source(LOCKED), credentials=KEY)
    theirs = await look_ups.look_up(bob, Source(LOCKED), credentials=KEY)
    assert mine.image is not None
    assert mine.image.plan.id == build.id
    assert theirs.image is None
