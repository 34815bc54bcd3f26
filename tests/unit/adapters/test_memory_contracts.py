"""The in-memory adapters do what the ports promise."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from traitlets import TraitError

from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.launchers.memory import InMemoryServerLauncher
from repo2docker_service.adapters.memory_engine import pretended_image
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.errors import BadCursor, BuildFinished, SourceUnreachable
from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.inputs import is_commit
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import (
    BuildPlan,
    BuildState,
    Destination,
    Identity,
    Image,
    ImageName,
    Owner,
    OwnerKind,
    Progress,
    Reason,
    Source,
)
from repo2docker_service.domain.servers import Launch
from repo2docker_service.domain.signing import Signer
from repo2docker_service.testing.authorizer import AuthorizerContract
from repo2docker_service.testing.image_builder import ImageBuilderContract, Outcome, PlanFactory
from repo2docker_service.testing.registry import Alias, Occupy, RegistryContract, Store
from repo2docker_service.testing.server_launcher import ServerLauncherContract

ADA = Owner(OwnerKind.USER, "ada")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation("test", Signer([b"a key for tests only"]), tmp_path)


def plan_of(repository: str, tag: str) -> BuildPlan:
    return BuildPlan(
        id=secrets.token_hex(16),
        source=Source(f"https://example.org/{repository}"),
        commit="a" * 40,
        image=ImageName("localhost", repository, tag),
        owner=ADA,
        requested_by=ADA,
    )


class TestInMemoryImageBuilder(ImageBuilderContract):
    @pytest.fixture
    def concurrency(self) -> int:
        return 2

    @pytest.fixture
    def settle(self) -> float:
        return 5.0

    @pytest.fixture
    async def builder(self, installation: Installation, concurrency: int) -> AsyncIterator[InMemoryImageBuilder]:
        settings = {"concurrency": concurrency, "build_settings": "0123,appendix=45"}
        async with InMemoryImageBuilder(installation=installation, **settings) as builder:
            yield builder

    @pytest.fixture
    async def other_builder(
        self, builder: InMemoryImageBuilder, installation: Installation
    ) -> AsyncIterator[InMemoryImageBuilder]:
        async with InMemoryImageBuilder(
            installation=installation, concurrency=builder.concurrency, scripts=builder.scripts
        ) as other:
            yield other

    @pytest.fixture
    def registry(self, installation: Installation) -> InMemoryRegistry:
        return InMemoryRegistry(installation=installation)

    @pytest.fixture
    def plan_factory(self, builder: InMemoryImageBuilder) -> PlanFactory:
        def make(outcome: Outcome, lines: int = 5) -> tuple[BuildPlan, Destination]:
            plan = plan_of(f"r2d/{secrets.token_hex(4)}", "a" * 40)
            script: dict[str, object] = {"lines": lines}
            if outcome is Outcome.FAILS:
                script["reason"] = "build-failed"
            if outcome is Outcome.RUNS_LONG:
                script["then"] = 600.0
            builder.scripts = builder.scripts | {plan.source.address: script}
            return plan, Destination(plan.image, push=False)

        return make


class TestInMemoryRegistry(RegistryContract):
    @pytest.fixture
    def registry(self, installation: Installation) -> InMemoryRegistry:
        return InMemoryRegistry(installation=installation)

    @pytest.fixture
    def store(self, registry: InMemoryRegistry) -> Store:
        async def put(repository: str, tag: str) -> Image:
            image = pretended_image(plan_of(repository, tag))
            registry.put(image)
            return image

        return put

    @pytest.fixture
    def alias(self, registry: InMemoryRegistry) -> Alias:
        async def tag(image: Image) -> ImageName:
            name = ImageName(image.name.registry, image.name.repository, "alias")
            registry.put(image, name)
            return name

        return tag

    @pytest.fixture
    def occupy(self, registry: InMemoryRegistry) -> Occupy:
        @asynccontextmanager
        async def use(image: Image) -> AsyncIterator[None]:
            registry.use(image.name, "server-of-ada")
            yield
            registry.release(image.name, "server-of-ada")

        return use


class TestInMemoryServerLauncher(ServerLauncherContract):
    @pytest.fixture
    def launcher(self, installation: Installation) -> InMemoryServerLauncher:
        return InMemoryServerLauncher(installation=installation, start_seconds=0.05)

    @pytest.fixture
    def who(self) -> Identity:
        return Identity("ada")

    @pytest.fixture
    def token(self) -> str:
        return "a-token"

    @pytest.fixture
    def other(self) -> tuple[Identity, str]:
        return Identity("bob"), "another-token"

    @pytest.fixture
    def images(self) -> list[Image]:
        return [pretended_image(plan_of(f"r2d/{name}", "a" * 40)) for name in ("one", "two")]

    @pytest.fixture
    def settle(self) -> float:
        return 5.0


class TestInMemoryAuthorizer(AuthorizerContract):
    @pytest.fixture
    def token(self) -> str:
        return "ada's token"

    @pytest.fixture
    def identity(self) -> Identity:
        return Identity("ada", OwnerKind.SERVICE, frozenset({"lab"}), frozenset({"builds:read"}))

    @pytest.fixture
    def authorizer(self, token: str, installation: Installation) -> InMemoryAuthorizer:
        known = {"name": "ada", "kind": "service", "groups": ["lab"], "scopes": ["builds:read"]}
        return InMemoryAuthorizer(installation=installation, tokens={token: known})


@pytest.fixture
async def manual(installation: Installation) -> AsyncIterator[InMemoryImageBuilder]:
    async with InMemoryImageBuilder(installation=installation, manual=True) as builder:
        yield builder


async def queued(builder: InMemoryImageBuilder) -> str:
    plan = plan_of("r2d/example", secrets.token_hex(20))
    return (await builder.start(plan, Destination(plan.image, push=False))).id


async def test_a_manual_build_does_what_it_is_told(manual: InMemoryImageBuilder, installation: Installation) -> None:
    registry = InMemoryRegistry(installation=installation)
    changes = manual.watch()
    build_id = await queued(manual)

    told = [await anext(changes)]
    manual.begin(build_id)
    told.append(await anext(changes))
    manual.write(build_id, "#1 [2/3] RUN something", "more")
    told.append(await anext(changes))
    manual.finish(build_id)
    told.append(await anext(changes))

    build = await manual.get(build_id)
    image = await registry.find(build.plan.image)
    assert [seen.state for seen in told] == ["queued", "building", "building", "succeeded"]
    assert build.progress == Progress(2, 3)
    assert image is not None
    assert image.plan.id == build_id


async def test_a_manual_build_fails_with_the_reason_given(manual: InMemoryImageBuilder) -> None:
    mute, told = await queued(manual), await queued(manual)

    manual.finish(mute, Reason.TIMED_OUT)
    manual.finish(told, Reason.INTERNAL, "A sentence.")

    assert (await manual.get(mute)).message == ADVICE[Reason.TIMED_OUT]
    assert ((await manual.get(told)).reason, (await manual.get(told)).message) == (Reason.INTERNAL, "A sentence.")


async def test_a_manual_build_that_has_ended_goes_no_further(manual: InMemoryImageBuilder) -> None:
    build_id = await queued(manual)
    await manual.cancel(build_id)

    with pytest.raises(BuildFinished):
        manual.begin(build_id)
    with pytest.raises(BuildFinished):
        manual.finish(build_id)
    assert (await manual.get(build_id)).state is BuildState.CANCELLED


async def test_a_cursor_beyond_what_is_written_is_refused(manual: InMemoryImageBuilder) -> None:
    build_id = await queued(manual)
    manual.write(build_id, "one", "two")

    with pytest.raises(BadCursor):
        await anext(manual.read_log(build_id, "3"))


async def test_a_pretended_build_takes_the_time_it_is_told(installation: Installation) -> None:
    async with InMemoryImageBuilder(installation=installation, lines=3, pace=0.01) as builder:
        build_id = await queued(builder)
        lines = [line async for chunk in builder.read_log(build_id, follow=True) for line in chunk.lines]
        build = await builder.get(build_id)

    assert lines == [f"#{number} [{number}/3] RUN echo line {number} of 3" for number in (1, 2, 3)]
    assert build.progress == Progress(3, 3)
    assert build.started_at is not None
    assert build.finished_at is not None
    assert (build.finished_at - build.started_at).total_seconds() >= 0.03


async def test_a_pretended_build_tells_how_its_steps_ended_where_that_is_wanted(installation: Installation) -> None:
    async with InMemoryImageBuilder(installation=installation, lines=3, ends=True) as builder:
        ends = []
        for _ in range(2):
            build_id = await queued(builder)
            lines = [line async for chunk in builder.read_log(build_id, follow=True) for line in chunk.lines]
            ends.append([line.partition(" ")[2] for line in lines if "RUN" not in line])

    assert ends == [["DONE 0.0s"] * 3, ["CACHED", "DONE 0.0s", "DONE 0.0s"]]


async def test_a_pretended_build_writes_several_lines_between_two_pauses(installation: Installation) -> None:
    async with InMemoryImageBuilder(installation=installation) as builder:
        builder.scripts = {plan_of("r2d/example", "x").source.address: {"lines": 5, "at_once": 2}}
        build_id = await queued(builder)
        firsts = [chunk.first async for chunk in builder.read_log(build_id, follow=True)]

    assert firsts == [1, 3, 5]


async def test_a_cancelled_build_writes_no_more(installation: Installation) -> None:
    async with InMemoryImageBuilder(installation=installation, lines=1000, pace=0.001) as builder:
        build_id = await queued(builder)
        await anext(builder.read_log(build_id, follow=True))
        await builder.cancel(build_id)
        log = [chunk async for chunk in builder.read_log(build_id)]
        await asyncio.sleep(0.02)

        assert [chunk async for chunk in builder.read_log(build_id)] == log


async def test_builds_of_two_installations_never_meet(installation: Installation, tmp_path: Path) -> None:
    other = Installation(installation.instance, installation.signer, tmp_path)
    one_builder, other_builder = (
        InMemoryImageBuilder(installation=each, manual=True) for each in (installation, other)
    )
    build_id = await queued(one_builder)
    one_builder.finish(build_id)

    assert await other_builder.list() == []
    assert list((await InMemoryRegistry(installation=other).list()).images) == []
    assert len((await InMemoryRegistry(installation=installation).list()).images) == 1


def test_a_script_with_an_unknown_reason_is_refused(installation: Installation) -> None:
    with pytest.raises(TraitError, match="build-failed"):
        InMemoryImageBuilder(installation=installation, scripts={"https://example.org/a": {"reason": "bad luck"}})


async def test_made_up_repositories_are_always_the_same(installation: Installation) -> None:
    resolver = InMemorySourceResolver(installation=installation)
    asked = [Source("https://example.org/a", "main"), Source("https://example.org/a", "dev"), Source("https://h/b")]

    commits = [(await resolver.resolve(source)).commit for source in (*asked, *asked)]

    assert commits[:3] == commits[3:]
    assert len(set(commits)) == 3
    assert all(is_commit(commit) for commit in commits)


async def test_pretended_starts_fail_where_the_configuration_says_so_and_leave_nothing(
    installation: Installation,
) -> None:
    plan = plan_of("o/broken", "x")
    launcher = InMemoryServerLauncher(
        installation=installation, start_seconds=0.0, failures={plan.source.address: "No space is left."}
    )
    who = Identity("ada")
    await launcher.start(who, "", Launch(pretended_image(plan), "mine"))

    steps = [step async for step in launcher.progress(who, "", "mine")]

    assert (steps[-1].failed, steps[-1].message) == (True, "No space is left.")
    assert await launcher.list(who, "") == []


async def test_an_address_that_is_silent_gives_nothing_but_full_commits(installation: Installation) -> None:
    sources = InMemorySourceResolver(installation=installation, silent=["https://example.org/away"])
    commit = "c" * 40

    assert (await sources.resolve(Source("https://example.org/away", commit))).commit == commit
    with pytest.raises(SourceUnreachable):
        await sources.resolve(Source("https://example.org/away"))
