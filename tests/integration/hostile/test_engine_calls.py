"""A socket proxy that passes on the documented calls and no other keeps nobody from building, pushing and removing."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.hostile.gate import BUILDER, PUSHER, SERVICE, Gate
from tests.integration.push_places import Place, ended, log_of, until
from tools.parts.engine import Engine

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.domain.errors import BuilderImageMissing, BuilderUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination, Reason

PAGE = Path(__file__).parents[3] / "docs/how-to/prepare-the-engine.md"
COLUMNS = {"service": SERVICE, "builder": BUILDER, "pusher": PUSHER}
HUGE = 1 << 50
"""Bytes of build cache that no engine has, so that nothing of others is pruned."""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="the engine's containers are root, and so is who listens for them"
)


def documented() -> dict[str, list[str]]:
    """Read who calls what from the table of the page for administrators."""
    rows = re.findall(r"^\| `([A-Z]+ /[^`]*)` \| ([a-z, ]+) \|", PAGE.read_text(), re.MULTILINE)
    lists: dict[str, list[str]] = {SERVICE: [], BUILDER: [], PUSHER: []}
    for call, who in rows:
        for each in who.split(", "):
            lists[COLUMNS[each]].append(call)
    return lists


@pytest.fixture
def gate(engine: Engine) -> Iterator[Gate]:
    # Socket paths are short, and pytest's folders are not.
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(Path(folder, "docker.sock"), engine.url.removeprefix("unix://"), documented())
        with gate.open():
            yield gate


def behind(gate: Gate, image: str, installation: Installation, **traits: Any) -> DockerImageBuilder:
    return docker_builder(
        Engine(gate.url), image, installation, socket=str(gate.path), build_cache_bytes=HUGE, **traits
    )


async def test_all_that_is_asked_of_an_engine_is_documented_and_nothing_else_is(
    gate: Gate, image: str, installation: Installation, repositories: Repositories, place: Place
) -> None:
    async with (
        behind(gate, image, installation, concurrency=3) as builder,
        DockerDaemonRegistry(installation=installation, url=gate.url) as registry,
    ):
        builder.push_with(place.support)
        long = await builder.start(*repositories.script("sleep 300"))
        await until(builder, long.id, BuildState.BUILDING)
        await asyncio.gather(
            build_and_remove(builder, registry, repositories),
            succeeded(builder, place.plan()),
            builder.prune_cache(),
            builder.spare_cache(),
        )
        assert (await builder.cancel(long.id)).state is BuildState.CANCELLED
        await builder.warnings()
        await builder.used_images()
        [copy] = await builder.copies()
        assert await builder.drop_copy(copy)
    async with behind(gate, "localhost/none:0", installation) as without:
        with pytest.raises(BuilderImageMissing):
            await without.start(*repositories.script("true"))

    assert gate.refused == set()
    assert {(who, call) for who, calls in gate.lists.items() for call in calls} - gate.used <= MAY_STAY_UNUSED


MAY_STAY_UNUSED = {
    # Which of these are asked is the choice of the Docker client in repo2docker's image.
    (BUILDER, "HEAD /_ping"),
    (BUILDER, "GET /_ping"),
    (BUILDER, "GET /version"),
    # Only where it cannot be seen what is in an image.
    (PUSHER, "POST /images/{name}/tag"),
}


async def build_and_remove(
    builder: DockerImageBuilder, registry: DockerDaemonRegistry, repositories: Repositories
) -> None:
    """Build an image into the engine's own store, and remove it and all that is known of its build."""
    plan = await succeeded(builder, repositories.script("true"))
    found = await registry.find(plan.image)
    assert found is not None
    await registry.delete(plan.image, found.digest)
    async with asyncio.timeout(30):
        await builder.forget(plan.id)


async def succeeded(builder: DockerImageBuilder, planned: tuple[BuildPlan, Destination]) -> BuildPlan:
    """Build to the end."""
    plan, destination = planned
    await builder.start(plan, destination)
    log = await log_of(builder, plan.id)
    assert (await ended(builder, plan.id)).state is BuildState.SUCCEEDED, log
    return plan


async def test_a_call_that_is_not_on_the_list_would_be_seen(gate: Gate, image: str, installation: Installation) -> None:
    gate.lists = {**gate.lists, SERVICE: [call for call in gate.lists[SERVICE] if call != "GET /info"]}

    async with behind(gate, image, installation) as builder:
        with pytest.raises(BuilderUnavailable, match="not on it"):
            await builder.warnings()

    assert gate.refused == {(SERVICE, "GET /info")}


async def test_a_builder_does_nothing_with_a_socket_that_everybody_may_open(
    gate: Gate, image: str, installation: Installation, repositories: Repositories
) -> None:
    gate.path.chmod(0o666)

    async with behind(gate, image, installation) as builder:
        plan, destination = repositories.script("true")
        await builder.start(plan, destination)
        log = await log_of(builder, plan.id)
        build = await ended(builder, plan.id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.INTERNAL)
    assert log == ["The builder's two users are not kept apart here (user namespaces, or an open socket)."]
    assert not [call for who, call in gate.used if who == BUILDER]
