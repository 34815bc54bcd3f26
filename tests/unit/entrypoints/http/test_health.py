"""Whether the service says truly how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.unit.entrypoints.http.conftest import Make, World, until

from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.errors import AuthorizerUnavailable, BuilderUnavailable, RegistryUnavailable
from repo2docker_service.domain.models import Build, Image, ImageName


class Engine(InMemoryImageBuilder):
    """Counts who asks, and can be off or silent."""

    asked = 0
    off = False
    silent = False

    async def get(self, build_id: str) -> Build:
        type(self).asked += 1
        await asyncio.sleep(3600 if self.silent else 0.01)
        if self.off:
            raise BuilderUnavailable("engine", "no such socket: /run/secret.sock")
        return await super().get(build_id)


@pytest.fixture
def engine_world(make_world: Make) -> World:
    Engine.asked = 0
    return make_world(builder=Engine)


async def test_a_process_that_answers_is_alive_whatever_the_engine_does(engine_world: World) -> None:
    engine_world.builder.off = True
    answer = await engine_world.client().get("health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert Engine.asked == 0


async def test_it_is_ready_when_all_parts_answer(engine_world: World) -> None:
    answer = await engine_world.client().get("health/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["parts"]) == {"builder", "registry"}
    assert answer.json()["parts"]["builder"]["ok"] is True
    assert answer.json()["parts"]["builder"]["seconds"] >= 0.01


async def test_without_the_builder_it_is_down_and_says_no_more_than_that(engine_world: World) -> None:
    engine_world.builder.off = True
    answer = await engine_world.client().get("health/ready")

    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert answer.json()["parts"]["builder"]["ok"] is False
    assert answer.json()["parts"]["registry"]["ok"] is True
    assert "secret" not in answer.text


async def test_without_the_registry_it_is_degraded_and_not_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def off(_image: ImageName) -> Image | None:
        raise RegistryUnavailable("registry", "off")

    monkeypatch.setattr(world.registry, "find", off)
    answer = await world.client().get("health/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"]["registry"]["ok"] is False


class Weak(InMemoryImageBuilder):
    """Has something that an administrator should change."""

    warned = ("The engine's socket is open to all.",)

    async def warnings(self) -> Sequence[str]:
        return self.warned


async def test_what_should_be_changed_is_counted_for_everybody_and_told_to_nobody_here(make_world: Make) -> None:
    answer = await make_world(builder=Weak).client().get("health/ready")

    assert (answer.status_code, answer.json()["status"], answer.json()["warnings"]) == (200, "ok", 1)
    assert "socket" not in answer.text


async def test_what_should_be_changed_is_written_to_the_log_at_the_start(
    make_world: Make, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_world(builder=Weak).app

    async with app.router.lifespan_context(app):
        await until(lambda: bool(caplog.messages))

    assert caplog.messages == ["builder: The engine's socket is open to all."]


async def test_a_plugin_that_cannot_be_used_is_named_and_changes_nothing_else(make_world: Make) -> None:
    world = make_world()
    world.services.readiness.broken_plugins = {"third_party": "RuntimeError: /secret is not there"}
    answer = await world.client().get("health/ready")
    summary = await world.client("root").get("api/v1/admin/summary")

    assert (answer.status_code, answer.json()["status"], answer.json()["warnings"]) == (200, "ok", 1)
    assert answer.json()["plugins"] == ["third_party"]
    assert "secret" not in answer.text
    sentence = "third_party cannot be used. RuntimeError: /secret is not there"
    assert summary.json()["warnings"] == [{"part": "plugins", "message": sentence}]


async def test_what_cannot_be_asked_warns_of_nothing(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    async def off(_: Weak) -> Sequence[str]:
        raise BuilderUnavailable("engine", "off")

    monkeypatch.setattr(Weak, "warnings", off)

    assert (await make_world(builder=Weak).client().get("health/ready")).json()["warnings"] == 0


class Hub(InMemoryAuthorizer):
    """Can be away."""

    away = False

    async def check(self) -> None:
        if self.away:
            raise AuthorizerUnavailable("hub", "off")


async def test_without_the_hub_it_is_degraded(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(authorizer=Hub)
    assert (await world.client().get("health/ready")).json()["parts"]["authorizer"]["ok"] is True
    monkeypatch.setattr(Hub, "away", True)
    world = make_world(authorizer=Hub)
    answer = await world.client().get("health/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"]["authorizer"]["ok"] is False


async def test_a_part_that_is_silent_is_given_up(engine_world: World) -> None:
    engine_world.builder.silent = True
    engine_world.services.readiness.bound = 0.02
    async with asyncio.timeout(1):
        answer = await engine_world.client().get("health/ready")

    assert answer.status_code == 503


async def test_an_error_that_a_part_did_not_foresee_is_that_parts_alone(
    make_world: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("half a plugin")

    world = make_world(builder=Weak)
    monkeypatch.setattr(world.registry, "find", broken)
    monkeypatch.setattr(Weak, "warnings", broken)
    answer = await world.client().get("health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert {name: part["ok"] for name, part in answer.json()["parts"].items()} == {"builder": True, "registry": False}
    assert set(caplog.messages) == {"Weak could not say what should be changed", "the registry is not ready"}


async def test_parts_are_asked_once_for_all_who_ask_and_again_after_a_while(engine_world: World) -> None:
    now = 0.0
    engine_world.services.readiness.clock = lambda: now
    client = engine_world.client()

    await asyncio.gather(*(client.get("health/ready") for _ in range(10)))
    now = 14.9
    await client.get("health/ready")
    assert Engine.asked == 1
    now = 15.1
    await client.get("health/ready")
    assert Engine.asked == 2


async def test_the_end_of_an_outage_is_noticed_soon(engine_world: World) -> None:
    now = 0.0
    engine_world.services.readiness.clock = lambda: now
    client = engine_world.client()
    engine_world.builder.off = True
    assert (await client.get("health/ready")).status_code == 503

    engine_world.builder.off = False
    now = 1.1

    assert (await client.get("health/ready")).status_code == 200
