# ruff: noqa: ASYNC110  # nobody tells of changes where no process sees to builds
"""Images get to their registry, whatever happens on the way, and builds say whether they did."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from tests.integration.push_places import Place, built_by_hand, ended, log_of, until
from tools.parts.docker_api import DockerApi

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.models import Build, BuildState, Destination, Reason


@pytest.fixture
async def builder(place: Place) -> AsyncIterator[DockerImageBuilder]:
    async with place.builder() as builder:
        yield builder


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


async def test_a_build_knows_what_it_pushed_and_which_repo2docker_it_was_whoever_asks(
    place: Place, builder: DockerImageBuilder
) -> None:
    build = await ended(builder, (await builder.start(*place.plan())).id)
    used = DockerApi(place.engine.url).ask("GET", f"/images/{place.repositories.image}/json")["Id"]

    async with place.builder() as later:
        pushed = await later.pushed([build.id, "of-nobody"], 10)
        again = await later.get(build.id)

    digest = place.stored(build.plan.image).headers["Docker-Content-Digest"]
    assert (build.digest, again.digest, pushed) == (digest, digest, {build.id: {digest}})
    assert (again.builder_image, again.builder_image_id) == (place.repositories.image, used)


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


async def test_an_end_that_one_process_found_is_not_changed_by_another(place: Place) -> None:
    async with place.builder() as first:
        build = await ended(first, (await first.start(*place.plan())).id)
        work = await first._view.work(build.id)

        await first._delivery._give_up(work, "it is away from here")

        assert (await first.get(build.id)).state is BuildState.SUCCEEDED


async def test_two_processes_push_each_image_once(place: Place) -> None:
    async with place.builder(concurrency=2) as one, place.builder(concurrency=2) as other:
        builds = [await (one if number % 2 else other).start(*place.plan()) for number in range(4)]
        logs = [await log_of(one, build.id) for build in builds]
        states = [(await other.get(build.id)).state for build in builds]
        # Each process has looked at each image, so that its list is true.
        async with asyncio.timeout(10):
            while len(place.support.verified) < 8:
                await asyncio.sleep(0.05)

    assert states == [BuildState.SUCCEEDED] * 4
    assert [sum(line.startswith("Stored as") for line in log) for log in logs] == [1] * 4
    assert {verified[2] for verified in place.support.verified} == {build.id for build in builds}


async def test_credentials_that_cannot_be_read_fail_the_build_in_the_end_and_the_reason_is_kept(
    place: Place, builder: DockerImageBuilder
) -> None:
    place.support.no_credentials = RegistryUnavailable("registry", "the file with the password is not there")

    build = await ended(builder, (await builder.start(*place.plan())).id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.PUSH_FAILED)
    assert "the file with the password is not there" in build.message
    async with place.builder() as later:
        assert [other.message for other in await later.list()] == [build.message]


async def test_nothing_private_goes_to_a_registry_that_was_opened_meanwhile(place: Place) -> None:
    place.support.open_to_all = True
    plan, destination = place.plan()
    async with place.builder() as builder:
        shared = await builder.start(*place.plan())
        await builder.start(replace(plan, private=True), destination)
        build = await ended(builder, plan.id)
        assert (await ended(builder, shared.id)).state is BuildState.SUCCEEDED

        assert (build.state, build.reason) == (BuildState.FAILED, Reason.PUSH_FAILED)
        assert "shows images to everybody by now" in build.message
        assert place.stored(plan.image).status_code == 404

        place.support.open_to_all = False
        again = await builder.start(replace(plan, id=secrets.token_hex(16), private=True), destination)
        assert (await ended(builder, again.id)).state is BuildState.SUCCEEDED
    assert place.stored(plan.image).status_code == 200


async def test_what_was_pushed_when_a_process_was_killed_is_looked_for_by_the_next(place: Place) -> None:
    stopped = place.builder()
    work = await built_by_hand(stopped, *place.plan())
    await stopped._delivery.go_on(work)
    while not (work := await stopped._view.work(work.id)).unverified:
        await asyncio.sleep(0.05)
    await stopped._engine.close()
    assert place.support.verified == []

    async with place.builder() as another:
        assert (await ended(another, work.id)).state is BuildState.SUCCEEDED
    assert [verified[2] for verified in place.support.verified] == [work.id]


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
