"""What opens a private repository waits with its build, and does not stay where that never begins."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from aiodocker.exceptions import DockerError
from tests.integration.docker_builds import docker_builder
from tests.integration.private_builds import FROM_NOTHING, OPENS, Private, is_in, queued, what_is_kept
from tests.integration.push_places import ended

from repo2docker_service.adapters.builders.docker import DockerImageBuilder, crew, states
from repo2docker_service.adapters.builders.docker.containers import SEALED
from repo2docker_service.adapters.builders.docker.reconciler import Reconciler
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.domain.failures.advice import CREDENTIALS_GONE
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState, Reason
from repo2docker_service.domain.signing import Signer


async def test_what_was_sealed_elsewhere_opens_nothing(private: Private, stopped: DockerImageBuilder) -> None:
    (plan, destination), (other, elsewhere) = private.plan(FROM_NOTHING), private.plan(FROM_NOTHING)
    container = await queued(stopped, plan, destination)
    taken = await stopped._store.read(await queued(stopped, other, elsewhere), SEALED)
    await stopped._store.put_sealed(container, taken or b"")
    await stopped.cancel(other.id)

    async with private.builder() as builder:
        build = await ended(builder, plan.id)

    assert was_given_up(build)
    assert await what_is_kept(stopped, container) == []
    assert private.asked(private.path(plan)) == set()


def was_given_up(build: Build) -> bool:
    told = (build.state, build.reason, build.message, build.started_at)
    return told == (BuildState.FAILED, Reason.SOURCE_UNREACHABLE, CREDENTIALS_GONE, None)


async def test_a_service_with_another_secret_leaves_a_build_alone(
    private: Private, stopped: DockerImageBuilder, image: str, installation: Installation
) -> None:
    container = await queued(stopped, *private.plan(FROM_NOTHING))
    stranger = replace(installation, signer=Signer([secrets.token_bytes(32)]))

    async with docker_builder(private.engine, image, stranger) as other:
        assert await other.list() == []
        await asyncio.sleep(0.3)

    assert len(await what_is_kept(stopped, container)) == 1
    assert not is_in(private.told_of(container))


async def test_a_cancelled_build_keeps_nothing(private: Private, stopped: DockerImageBuilder) -> None:
    plan, destination = private.plan(FROM_NOTHING)
    container = await queued(stopped, plan, destination)

    assert (await stopped.cancel(plan.id)).state is BuildState.CANCELLED

    assert await what_is_kept(stopped, container) == []


@pytest.mark.parametrize("room", [True, False], ids=["when it could start", "where there is no room"])
async def test_a_build_that_waited_for_an_hour_ends_and_keeps_nothing(
    private: Private, stopped: DockerImageBuilder, monkeypatch: pytest.MonkeyPatch, *, room: bool
) -> None:
    plan, destination = private.plan(FROM_NOTHING)
    container = await queued(stopped, plan, destination)
    monkeypatch.setattr(states, "KEPT_FOR", timedelta())
    monkeypatch.setattr(Reconciler, "_see_to" if room else "_dispatch", lambda *_: None)

    async with private.builder() as builder:
        build = await ended(builder, plan.id)

    assert was_given_up(build)
    assert await what_is_kept(stopped, container) == []
    assert private.asked(private.path(plan)) == set()


async def test_a_builder_that_the_engine_cannot_start_keeps_nothing(
    private: Private, stopped: DockerImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, destination = private.plan(FROM_NOTHING)
    container = await queued(stopped, plan, destination)
    plain = []

    async def refuse(self: ContainerStore, identifier: str) -> None:
        plain.append(is_in(private.told_of(identifier)))
        raise DockerError(500, "cannot allocate memory")

    monkeypatch.setattr(ContainerStore, "start", refuse)
    monkeypatch.setattr(crew, "_TRIES", 1)
    work = await stopped._view.work(plan.id)
    await stopped._crew.launch(work.builder, work.builder)

    assert plain == [True]  # it would have been found
    assert (await stopped.get(plan.id)).reason is Reason.INTERNAL
    assert await what_is_kept(stopped, container) == []


async def test_a_build_waits_for_what_a_busy_engine_takes_long_to_put_in(
    private: Private, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, destination = private.plan(FROM_NOTHING)
    original = ContainerStore.put_sealed

    async def put_sealed(store: ContainerStore, identifier: str, sealed: bytes) -> None:
        await asyncio.sleep(crew._OTHERS_FILL + 1)
        await original(store, identifier, sealed)

    monkeypatch.setattr(ContainerStore, "put_sealed", put_sealed)

    async with private.builder() as builder:
        await builder.start(plan, destination, credentials=OPENS)
        assert (await ended(builder, plan.id)).state is BuildState.SUCCEEDED
