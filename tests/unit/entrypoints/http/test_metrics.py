"""Whether the figures for Prometheus are true, few, and name nobody's things."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tests.unit.entrypoints.http.conftest import REPO, Live, Make, World, until

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.launchers.memory import InMemoryServerLauncher
from repo2docker_service.domain.errors import BuilderUnavailable, RegistryUnavailable
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Image, ImageName, Owner, Reason, Source
from repo2docker_service.entrypoints.http.monitoring.build_ends import BuildEnds
from repo2docker_service.entrypoints.http.monitoring.figures import Figures
from repo2docker_service.entrypoints.http.monitoring.looking import measure_loop

OURS = "repo2docker_service_"
BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)
PLAN = BuildPlan(
    "ab" * 16, Source(REPO), "c" * 40, ImageName("x", "y", "z"), Owner.parse("user:a"), Owner.parse("user:a")
)


@pytest.fixture
def shown(make_world: Make) -> World:
    """Shows its figures to everybody, and looks anew each time."""
    world = make_world(authenticate_prometheus=False)
    world.app.state.looking.keep = 0.0
    return world


async def figures(world: World) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = await world.client().get("metrics")
    assert answer.status_code == 200
    return read(answer.text)


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name.removeprefix(OURS), frozenset(sample.labels.items())): sample.value for sample in samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


async def start(client: httpx.AsyncClient, ref: str = "main") -> str:
    answer = await client.post("api/v1/builds", json={"repo": REPO, "ref": ref})
    assert answer.status_code == 202
    return str(answer.json()["id"])


async def test_a_service_with_the_scope_for_it_reads_figures_and_nothing_else(world: World) -> None:
    authorizer: Any = world.services.authorizer
    of_prometheus = {"name": "prometheus", "kind": "service", "scopes": ["metrics:read"]}
    authorizer.tokens = {**authorizer.tokens, "prometheus-token": of_prometheus}
    prometheus = world.client("prometheus")

    assert (await prometheus.get("metrics")).status_code == 200
    assert (await prometheus.get("api/v1/builds")).status_code == 403
    assert "the scope custom:repo2docker:metrics:read" in (await world.client("ada").get("metrics")).json()["detail"]


async def test_the_format_is_the_one_that_the_reader_takes(shown: World) -> None:
    plain = await shown.client().get("metrics")
    openmetrics = await shown.client().get("metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})

    assert plain.headers["Content-Type"].startswith("text/plain; version=")
    assert openmetrics.headers["Content-Type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")


async def test_requests_are_counted_by_the_route_as_it_is_written(shown: World) -> None:
    ada = shown.client("ada")
    build_id = await start(ada)
    await ada.get(f"api/v1/builds/{build_id}")
    await ada.get(f"api/v1/builds/{'0' * 32}")
    found = await figures(shown)

    route = "/api/v1/builds/{build_id}"
    assert found[key("requests_total", method="GET", route=route, code="200")] == 1
    assert found[key("requests_total", method="GET", route=route, code="404")] == 1
    assert found[key("request_duration_seconds_count", method="GET", route=route)] == 2


async def test_routes_are_known_below_another_path_too(make_world: Make) -> None:
    world = make_world(authenticate_prometheus=False, base_url="/services/r2d/")
    await world.client("ada").get("api/v1/me")

    assert key("requests_total", method="GET", route="/api/v1/me", code="200") in await figures(world)


async def test_an_error_that_nobody_foresaw_is_counted(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr(shown.services.sources, "refs", broken)
    monkeypatch.setattr(shown.services.sources, "resolve", broken)
    await shown.client("ada").post("api/v1/source", json={"repo": REPO})

    route = "/api/v1/source"
    assert (await figures(shown))[key("requests_total", method="POST", route=route, code="500")] == 1


async def test_no_label_can_be_made_by_who_asks(shown: World) -> None:
    client = shown.client("ada")
    await client.request("BREW", "api/v1/builds")
    for name in ("canary-1", "canary-2"):
        await client.get(f"{name}/x")
        await client.get(f"api/v1/{name}")
    await client.post("api/v1/builds", json={"repo": REPO, "ref": "canary", "owner": "group:canary"})
    await start(client)
    text = (await shown.client().get("metrics")).text

    assert "canary" not in text
    assert "BREW" not in text
    for thing in (REPO, "binder-examples", "ada", "r2d/"):
        assert thing not in text
    # A handful of labels, whoever has asked for what.
    assert len({labels for name, labels in read(text) if name == "requests_total"}) < 8


async def test_builds_are_counted_by_state_and_ends_by_reason(shown: World) -> None:
    ada = shown.client("ada")
    waiting, fails = await start(ada), await start(ada, "other")
    found = await figures(shown)
    assert found[key("builds", state="queued")] == 2
    assert found[key("build_queue_longest_wait_seconds")] > 0

    shown.builder.begin(fails)
    shown.builder.finish(fails, Reason.TIMED_OUT)
    for _ in range(2):
        found = await figures(shown)
        assert found[key("builds", state="queued")] == 1
        assert found[key("builds", state="failed")] == 1
        assert found[key("builds_ended_total", state="failed", reason="timed-out")] == 1
        assert found[key("build_duration_seconds_count", state="failed")] == 1
        assert found[key("build_queue_duration_seconds_count")] == 1
    await ada.post(f"api/v1/builds/{waiting}/cancel")
    found = await figures(shown)
    assert found[key("builds_ended_total", state="cancelled", reason="")] == 1
    # It never began, so it took no time.
    assert key("build_duration_seconds_count", state="cancelled") not in found


def test_ends_are_told_before_there_are_any_so_that_a_rate_sees_the_first() -> None:
    told = read(generate_latest(Figures().registry).decode())

    ends = {labels: value for (name, labels), value in told.items() if name == "builds_ended_total"}
    assert set(ends.values()) == {0.0}
    assert {dict(labels)["reason"] for labels in ends if dict(labels)["state"] == "failed"} == {*Reason}
    assert {dict(labels)["state"] for labels in ends if not dict(labels)["reason"]} == {"succeeded", "cancelled"}


def test_an_end_from_before_the_process_began_is_not_counted_again() -> None:
    counted = Figures()
    ends = BuildEnds(counted, since=BEGAN)
    build = Build(PLAN, BuildState.SUCCEEDED, BEGAN - timedelta(hours=2), BEGAN - timedelta(hours=1), BEGAN)
    earlier = replace(build, plan=replace(PLAN, id="cd" * 16), finished_at=BEGAN - timedelta(seconds=1))
    for _ in range(2):
        ends.look([build, earlier])

    value = counted.registry.get_sample_value
    assert value(f"{OURS}builds_ended_total", {"state": "succeeded", "reason": ""}) == 1
    assert value(f"{OURS}build_duration_seconds_sum", {"state": "succeeded"}) == 3600
    assert value(f"{OURS}build_queue_duration_seconds_sum") == 3600


async def test_what_is_not_known_is_not_told(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await start(shown.client("ada"))
    assert (await figures(shown))[key("builds", state="queued")] == 1

    async def off(*_: object) -> Sequence[Build]:
        raise BuilderUnavailable("engine", "off")

    monkeypatch.setattr(shown.builder, "list", off)
    monkeypatch.setattr(shown.builder, "get", off)
    shown.services.readiness.keep = 0.0
    shown.services.readiness._known_until = 0.0
    found = await figures(shown)

    assert key("builds", state="queued") not in found
    assert found[key("part_up", part="builder")] == 0
    assert found[key("part_up", part="registry")] == 1


async def test_warnings_are_counted_by_part_until_there_are_none(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ["one", "two"]

    async def warnings(_: object) -> Sequence[str]:
        return told

    monkeypatch.setattr(InMemoryServerLauncher, "warnings", warnings, raising=False)
    shown.services.readiness.keep = 0.0
    found = await figures(shown)
    assert (found[key("part_warnings", part="launcher")], found[key("part_warnings", part="builder")]) == (2, 0)

    told.clear()
    assert (await figures(shown))[key("part_warnings", part="launcher")] == 0


async def test_a_registry_that_is_away_is_told(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def off(_image: ImageName) -> Image | None:
        raise RegistryUnavailable("registry", "off")

    monkeypatch.setattr(shown.registry, "find", off)

    assert (await figures(shown))[key("part_up", part="registry")] == 0


class Disk(InMemoryImageBuilder):
    """Sees how much space there is, if it may."""

    disk_reserve = 4000
    free: int | None = 9000
    away = False

    async def free_disk(self) -> int | None:
        if self.away:
            raise BuilderUnavailable("engine", "off")
        return self.free


async def test_space_is_told_where_it_can_be_seen(make_world: Make) -> None:
    world = make_world(builder=Disk, authenticate_prometheus=False)
    world.app.state.looking.keep = 0.0
    found = await figures(world)
    assert (found[key("disk_free_bytes")], found[key("disk_reserve_bytes")]) == (9000, 4000)

    world.builder.away = True
    assert math.isnan((await figures(world))[key("disk_free_bytes")])
    world.builder.away, world.builder.free = False, None
    assert math.isnan((await figures(world))[key("disk_free_bytes")])


async def test_those_who_ask_at_once_are_told_from_one_look(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(authenticate_prometheus=False)
    looks = 0
    really: Callable[[], Awaitable[Sequence[Build]]] = world.builder.list

    async def counted() -> Sequence[Build]:
        nonlocal looks
        looks += 1
        return await really()

    monkeypatch.setattr(world.builder, "list", counted)
    client = world.client()
    await asyncio.gather(*(client.get("metrics") for _ in range(10)))

    assert looks == 1


async def test_an_open_stream_is_counted_while_somebody_reads_it(
    make_world: Make, serve: Callable[[World], Awaitable[Live]]
) -> None:
    world = make_world(authenticate_prometheus=False)
    live = await serve(world)
    value = world.app.state.figures.registry.get_sample_value

    def read_now() -> float:
        return float(value(f"{OURS}streams_open", {"route": "/api/v1/events"}) or 0)

    async with live.events("api/v1/events"):
        assert read_now() == 1
    await until(lambda: read_now() == 0)


async def test_a_loop_that_is_held_up_is_seen() -> None:
    counted = Figures()
    measuring = asyncio.create_task(measure_loop(counted, every=0.001))
    await asyncio.sleep(0)
    time.sleep(0.05)  # noqa: ASYNC251  # this is what holds it up
    await until(lambda: bool(counted.registry.get_sample_value(f"{OURS}event_loop_lag_seconds_count")))
    measuring.cancel()

    assert (counted.registry.get_sample_value(f"{OURS}event_loop_lag_seconds_sum") or 0) > 0.03


def test_two_applications_count_for_themselves(make_world: Make) -> None:
    first, second = make_world(), make_world()

    assert first.app.state.figures.registry is not second.app.state.figures.registry
