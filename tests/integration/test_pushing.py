# ruff: noqa: ASYNC110  # nobody tells of changes where no process sees to builds
"""Images get to their registry, whatever happens on the way, and builds say whether they did."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.docker_builds import Repositories, docker_builder, told_of
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.registry import RunningRegistry, Setup, running_registry

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.labels import Kind
from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, ImageName, Reason

PASSWORD = f"pass:wörd-{secrets.token_hex(8)}"
MANIFEST = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}


@dataclass
class Support:
    """What a builder needs of a registry, and what was asked of it."""

    host: str
    password: str = ""
    trouble: Exception | None = None
    verified: list[tuple[str, str, str]] = field(default_factory=list)

    async def push_config(self) -> bytes:
        auth = base64.b64encode(f"ada:{self.password}".encode()).decode()
        return json.dumps({"auths": {self.host: {"auth": auth}} if self.password else {}}).encode()

    async def verify_push(self, image: ImageName, digest: str, build_id: str) -> None:
        self.verified.append((str(image), digest, build_id))
        await asyncio.sleep(0.3)
        if self.trouble:
            raise self.trouble


@dataclass
class Place:
    """A registry, and a builder that pushes to it."""

    registry: RunningRegistry
    support: Support
    repositories: Repositories
    engine: Engine
    image: str
    installation: Installation

    def builder(self, **traits: Any) -> DockerImageBuilder:
        builder = docker_builder(self.engine, self.image, self.installation, **({"push_patience": 3} | traits))
        builder.push_with(self.support)
        return builder

    def plan(self, **fields: Any) -> tuple[BuildPlan, Destination]:
        """Plan a build whose image is quickly pushed."""
        files = {"Dockerfile": "FROM scratch\nCOPY token /token\n", "token": secrets.token_hex(8)}
        plan, _ = self.repositories.plan(files, **fields)
        image = replace(plan.image, registry=self.registry.host)
        return replace(plan, image=image), Destination(image, push=True)

    def stored(self, image: ImageName) -> httpx.Response:
        """Ask the registry for a manifest."""
        url = f"{self.registry.url}/v2/{image.repository}/manifests/{image.tag}"
        return httpx.get(url, headers=MANIFEST, auth=("ada", PASSWORD) if self.support.password else None)

    def tags(self, *, temporary: bool) -> list[str]:
        """Give the names of this installation's images on the engine."""
        images = DockerApi(self.engine.url).ask("GET", "/images/json")
        names = [name for image in images for name in image["RepoTags"] or () if self.installation.image_prefix in name]
        return [name for name in names if (":b-" in name) is temporary]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RunningRegistry]:
    (tmp_path / "registry").mkdir()
    with running_registry(tmp_path / "registry") as registry:
        yield registry


@pytest.fixture
def place(registry: RunningRegistry, engine: Engine, image: str, git: GitServer, installation: Installation) -> Place:
    repositories = Repositories(git, image, installation)
    return Place(registry, Support(registry.host), repositories, engine, image, installation)


@pytest.fixture
def guarded(tmp_path: Path, engine: Engine, image: str, git: GitServer, installation: Installation) -> Iterator[Place]:
    """Give a registry with a password."""
    (tmp_path / "guarded").mkdir()
    repositories = Repositories(git, image, installation)
    with running_registry(tmp_path / "guarded", Setup(users={"ada": PASSWORD})) as registry:
        yield Place(registry, Support(registry.host, PASSWORD), repositories, engine, image, installation)


@pytest.fixture
async def builder(place: Place) -> AsyncIterator[DockerImageBuilder]:
    async with place.builder() as builder:
        yield builder


async def log_of(builder: DockerImageBuilder, build_id: str) -> list[str]:
    """Follow a log to its end, by which the build has to have ended too."""
    lines = [line async for chunk in builder.read_log(build_id, follow=True) for line in chunk.lines]
    assert (await builder.get(build_id)).state.ended
    return lines


async def ended(builder: DockerImageBuilder, build_id: str) -> Build:
    return await until(builder, build_id, *(state for state in BuildState if state.ended))


async def until(builder: DockerImageBuilder, build_id: str, *states: BuildState) -> Build:
    async with asyncio.timeout(90):
        while (build := await builder.get(build_id)).state not in states:
            await asyncio.sleep(0.05)
    return build


async def failed_push(place: Place, builder: DockerImageBuilder) -> Build:
    """Give a build whose registry was not there; it is there again afterwards."""
    place.registry.stop()
    build = await ended(builder, (await builder.start(*place.plan())).id)
    place.registry.start()
    return build


async def test_an_image_is_pushed_looked_for_and_then_the_build_has_succeeded(
    place: Place, builder: DockerImageBuilder
) -> None:
    build = await builder.start(*place.plan())
    log = await log_of(builder, build.id)
    build = await ended(builder, build.id)

    answer = place.stored(build.plan.image)
    assert build.state is BuildState.SUCCEEDED
    assert place.support.verified == [(str(build.plan.image), answer.headers["Docker-Content-Digest"], build.id)]
    assert "Pushing [1/1] 0.0 of 0.0 MB" in log
    assert log[-1] == f"Stored as {build.plan.image}"
    assert (build.progress.step, build.progress.steps) == (2, 2)
    assert place.tags(temporary=True) == []
    assert place.tags(temporary=False) == [str(build.plan.image)]


@pytest.mark.slow
async def test_a_registry_that_is_away_for_half_a_minute_gets_the_image(place: Place) -> None:
    async with place.builder(push_patience=120) as builder:
        place.registry.stop()
        build = await builder.start(*place.plan())
        await until(builder, build.id, BuildState.PUSHING)
        await asyncio.sleep(30)
        place.registry.start()

        assert (await ended(builder, build.id)).state is BuildState.SUCCEEDED
        assert any("Trying again in" in line for line in await log_of(builder, build.id))
    assert place.stored(build.plan.image).status_code == httpx.codes.OK


async def test_a_registry_that_stays_away_fails_the_build_and_tells_why_also_to_who_comes_later(
    place: Place, builder: DockerImageBuilder
) -> None:
    build = await failed_push(place, builder)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.PUSH_FAILED)
    assert "connection refused" in build.message
    assert len(place.tags(temporary=True)) == 1
    assert place.support.verified == []
    async with place.builder() as later:
        assert [other.message for other in await later.list()] == [build.message]


async def test_what_could_not_be_pushed_is_pushed_by_the_next_build_and_not_built_again(
    place: Place, builder: DockerImageBuilder
) -> None:
    failed = await failed_push(place, builder)

    again = replace(failed.plan, id=secrets.token_hex(16))
    build = await builder.start(again, Destination(again.image, push=True))
    log = await log_of(builder, build.id)
    build = await ended(builder, build.id)

    assert (build.id, build.state, build.made_by) == (again.id, BuildState.SUCCEEDED, failed.id)
    assert log[0].startswith(f"Build {failed.id} made this image")
    assert not any("Step" in line or "COPY" in line for line in log)
    assert place.support.verified[-1][2] == failed.id
    assert place.stored(again.image).status_code == httpx.codes.OK
    assert place.tags(temporary=True) == []
    assert (await builder.get(failed.id)).state is BuildState.FAILED


async def test_what_could_not_be_pushed_is_built_again_when_that_is_wanted(
    place: Place, builder: DockerImageBuilder
) -> None:
    failed = await failed_push(place, builder)

    again = replace(failed.plan, id=secrets.token_hex(16))
    await builder.start(again, Destination(again.image, push=True), anew=True)
    log = await log_of(builder, again.id)
    build = await ended(builder, again.id)

    assert (build.state, build.made_by) == (BuildState.SUCCEEDED, "")
    assert any("COPY token" in line for line in log)


async def test_what_was_kept_and_is_gone_meanwhile_is_built_again(place: Place, builder: DockerImageBuilder) -> None:
    failed = await failed_push(place, builder)
    [kept] = place.tags(temporary=True)
    DockerApi(place.engine.url).ask("DELETE", f"/images/{kept}")

    again = replace(failed.plan, id=secrets.token_hex(16))
    await builder.start(again, Destination(again.image, push=True))

    assert (await ended(builder, again.id)).state is BuildState.SUCCEEDED
    assert place.support.verified[-1][2] == again.id


async def test_what_did_not_arrive_fails_the_build_with_what_was_found(
    place: Place, builder: DockerImageBuilder
) -> None:
    place.support.trouble = NotDelivered("The registry lost it.")

    build = await ended(builder, (await builder.start(*place.plan())).id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.PUSH_FAILED)
    assert build.message.endswith("The registry lost it.")
    assert len(place.tags(temporary=True)) == 1
    async with place.builder() as later:
        assert (await later.get(build.id)).message == build.message


async def test_a_registry_that_cannot_be_asked_after_the_push_is_asked_again_and_then_given_up(
    place: Place, builder: DockerImageBuilder
) -> None:
    place.support.trouble = RegistryUnavailable("registry", "it is away")

    build = await ended(builder, (await builder.start(*place.plan())).id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.PUSH_FAILED)
    assert "it is away" in build.message
    assert len(place.support.verified) >= 2


async def test_what_was_pushed_when_a_process_was_killed_is_looked_for_by_the_next(place: Place) -> None:
    stopped = place.builder()
    build = await stopped.start(*place.plan())
    work = await stopped._view.work(build.id)
    await stopped._store.start(work.builder.id)
    while not (work := await stopped._view.work(build.id)).builder.exited:
        await asyncio.sleep(0.05)
    await stopped._delivery.go_on(work)
    while not (work := await stopped._view.work(build.id)).unverified:
        await asyncio.sleep(0.05)
    await stopped._engine.close()
    assert place.support.verified == []

    async with place.builder() as another:
        assert (await ended(another, build.id)).state is BuildState.SUCCEEDED
    assert [verified[2] for verified in place.support.verified] == [build.id]


async def test_credentials_are_used_and_are_nowhere_to_be_found_afterwards(guarded: Place) -> None:
    async with guarded.builder() as builder:
        build = await ended(builder, (await builder.start(*guarded.plan())).id)
        assert build.state is BuildState.SUCCEEDED
        assert guarded.stored(build.plan.image).status_code == httpx.codes.OK
        work = await builder._view.work(build.id)
        log = "\n".join(await log_of(builder, build.id))
    assert work.pusher is not None
    assert not found_in(guarded.engine, work.pusher.id, log)
    assert not found_in(guarded.engine, work.builder.id, log)


def found_in(engine: Engine, container: str, log: str) -> bool:
    """Look for the password, as it is and as clients send it, in all that the engine tells of a container."""
    everything = told_of(DockerApi(engine.url), container) + log.encode()
    pair = f"ada:{PASSWORD}".encode()
    return any(secret in everything for secret in (PASSWORD.encode(), base64.b64encode(pair)[:-4], pair))


async def test_credentials_that_a_registry_refuses_end_the_build_at_once(guarded: Place) -> None:
    guarded.support.password = "wrong"
    async with guarded.builder(push_patience=60) as builder:
        build = await ended(builder, (await builder.start(*guarded.plan())).id)
        log = await log_of(builder, build.id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.PUSH_FAILED)
    assert "unauthorized" in build.message or "no basic auth credentials" in build.message
    assert not any("Trying again" in line for line in log)


async def test_a_pusher_that_was_cancelled_before_it_was_started_keeps_no_credentials(guarded: Place) -> None:
    stopped = guarded.builder()
    build = await stopped.start(*guarded.plan())
    work = await stopped._view.work(build.id)
    await stopped._store.start(work.builder.id)
    while not (work := await stopped._view.work(build.id)).builder.exited:
        await asyncio.sleep(0.05)
    crew = stopped._crew
    pusher = await crew.create(crew.pusher_card(work.builder.card, Kind.PUSHER))
    await crew.store.put_credentials(pusher, await guarded.support.push_config())
    assert found_in(guarded.engine, pusher, "")

    assert (await stopped.cancel(build.id)).state is BuildState.CANCELLED
    await stopped._engine.close()
    assert not found_in(guarded.engine, pusher, "")


async def test_a_push_that_gets_nowhere_can_be_cancelled(place: Place) -> None:
    place.registry.stop()
    async with place.builder(push_patience=120) as builder:
        build = await builder.start(*place.plan())
        await until(builder, build.id, BuildState.PUSHING)
        while (await builder._view.work(build.id)).pusher is None:
            await asyncio.sleep(0.05)

        assert (await builder.cancel(build.id)).state is BuildState.CANCELLED
        place.registry.start()
        assert place.stored(build.plan.image).status_code == httpx.codes.NOT_FOUND
        assert place.tags(temporary=True) == []
