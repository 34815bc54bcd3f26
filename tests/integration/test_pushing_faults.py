"""A push goes on when the registry stumbles, and the log says how often."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.integration.push_places import Place, ended, log_of, until
from tests.integration.registry import faults
from tests.integration.registry.proxy import Fault, RegistryProxy, registry_proxy
from tools.parts.registry import RunningRegistry

from repo2docker_service.domain.models import BuildPlan, BuildState, Destination

LARGE = 48 << 20
"""Bytes: sending them takes the engine some seconds."""


@pytest.fixture
def proxy(place: Place) -> Iterator[RegistryProxy]:
    with registry_proxy(place.registry.port) as proxy:
        yield proxy


def through(proxy: RegistryProxy, place: Place) -> tuple[BuildPlan, Destination]:
    """Plan a build whose image goes to the registry through the proxy."""
    plan, _ = place.plan()
    image = replace(plan.image, registry=proxy.host)
    return replace(plan, image=image), Destination(image, push=True)


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("POST .*/blobs/uploads/", faults.answer(503)),
        ("PATCH .*/blobs/uploads/", lambda exchange: exchange.reset()),
        ("PUT .*/manifests/", faults.refuse(500)),
        ("PUT .*/manifests/", faults.refuse(429, "TOOMANYREQUESTS", Retry_After="1")),
    ],
    ids=["503 to an upload", "reset in an upload", "500 to the manifest", "429 to the manifest"],
)
async def test_a_registry_that_stumbles_gets_the_image(
    place: Place, proxy: RegistryProxy, pattern: str, fault: Fault
) -> None:
    proxy.on(pattern, fault, times=1)

    async with place.builder(push_patience=60) as builder:
        build = await builder.start(*through(proxy, place))
        assert (await ended(builder, build.id)).state is BuildState.SUCCEEDED

    assert len(proxy.seen(pattern)) > 1
    assert place.stored(build.plan.image).status_code == 200


@pytest.mark.slow
async def test_a_registry_that_dies_in_the_middle_of_a_layer_gets_the_image(place: Place) -> None:
    plan, destination = place.plan(os.urandom(LARGE // 2).hex())
    async with place.builder(push_patience=60) as builder:
        build = await builder.start(plan, destination)
        await until(builder, build.id, BuildState.PUSHING)
        while received(place.registry) < LARGE // 8:  # noqa: ASYNC110 - the registry tells nobody
            await asyncio.sleep(0.01)
        place.registry.stop()
        half = received(place.registry)
        await asyncio.sleep(3)
        place.registry.start()

        assert (await ended(builder, build.id)).state is BuildState.SUCCEEDED
        log = await log_of(builder, build.id)
    assert half < LARGE // 2
    assert place.stored(build.plan.image).status_code == 200
    assert sum(line.startswith("Stored as") for line in log) == 1


def received(registry: RunningRegistry) -> int:
    """Give the bytes of uploads that have not ended."""
    return sum(path.stat().st_size for path in registry.storage.rglob("_uploads/*/data"))
