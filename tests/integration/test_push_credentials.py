# nobody tells of changes where no process sees to builds
"""The registry's credentials get to the container that pushes, and stay nowhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from aiodocker.exceptions import DockerError
from tests.integration.docker_builds import Repositories
from tests.integration.push_places import PASSWORD, Place, built_by_hand, ended, log_of, place_to_push_to
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.registry import Setup
from tools.reliability.engine_facts import told_of

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.domain.models import BuildState, Reason


@pytest.fixture
def guarded(tmp_path: Path, repositories: Repositories, engine: Engine) -> Iterator[Place]:
    """Give a registry with a password."""
    with place_to_push_to(tmp_path / "registry", repositories, engine, Setup(users={"ada": PASSWORD})) as place:
        yield place


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


async def test_credentials_that_come_when_the_pusher_has_taken_its_own_do_not_stay(guarded: Place) -> None:
    async with guarded.builder() as builder:
        build = await ended(builder, (await builder.start(*guarded.plan())).id)
        work = await builder._view.work(build.id)
        assert work.pusher is not None

        await builder._store.put_credentials(work.pusher.id, await guarded.support.push_config())

        assert not found_in(guarded.engine, work.pusher.id, "")


async def test_a_pusher_that_the_engine_cannot_start_keeps_no_credentials(
    guarded: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: ContainerStore, identifier: str) -> None:
        raise DockerError(500, "cannot allocate memory")

    stopped = guarded.builder()
    work = await built_by_hand(stopped, *guarded.plan())
    monkeypatch.setattr(ContainerStore, "start", refuse)
    pusher = await stopped._crew.create(stopped._crew.pusher_card(work.builder.card, Kind.PUSHER))
    await stopped._delivery.go_on(await stopped._view.work(work.id))

    assert (await stopped.get(work.id)).reason is Reason.INTERNAL
    await stopped._engine.close()
    assert not found_in(guarded.engine, pusher, "")


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
    work = await built_by_hand(stopped, *guarded.plan())
    crew = stopped._crew
    pusher = await crew.create(crew.pusher_card(work.builder.card, Kind.PUSHER))
    await crew.store.put_credentials(pusher, await guarded.support.push_config())
    assert found_in(guarded.engine, pusher, "")

    assert (await stopped.cancel(work.id)).state is BuildState.CANCELLED
    await stopped._engine.close()
    assert not found_in(guarded.engine, pusher, "")
