# ruff: noqa: ASYNC110  # a cluster does not tell when it counts what it allows
"""A build of which the cluster makes no pod, or none that can begin, says so and is not forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.observing import PATIENCE, ended, starts, until

from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.testing.driving import Outcome

Refusal = Callable[[client.CoreV1Api, str], AbstractAsyncContextManager[None]]
META = client.V1ObjectMeta(name="refuses")


@asynccontextmanager
async def quota(core: client.CoreV1Api, namespace: str) -> AsyncIterator[None]:
    """Allow no pods."""
    await core.create_namespaced_resource_quota(
        namespace, client.V1ResourceQuota(metadata=META, spec=client.V1ResourceQuotaSpec(hard={"pods": "0"}))
    )
    async with asyncio.timeout(PATIENCE):
        while not (await core.read_namespaced_resource_quota(META.name, namespace)).status.hard:
            await asyncio.sleep(0.1)
    yield
    await core.delete_namespaced_resource_quota(META.name, namespace)


@asynccontextmanager
async def admission(core: client.CoreV1Api, namespace: str) -> AsyncIterator[None]:
    """Allow no pods like those of builds, as Pod Security does where that is not privileged."""
    least = client.V1LimitRangeItem(type="Container", max={"memory": "1Mi"})
    await core.create_namespaced_limit_range(
        namespace, client.V1LimitRange(metadata=META, spec=client.V1LimitRangeSpec(limits=[least]))
    )
    yield
    await core.delete_namespaced_limit_range(META.name, namespace)


@pytest.mark.slow
@pytest.mark.parametrize("refusal", [quota, admission])
async def test_a_build_whose_pod_is_refused_waits_and_says_where_to_look_and_begins_later(
    site: Site, admin: client.ApiClient, refusal: Refusal
) -> None:
    core, namespace = client.CoreV1Api(admin), site.namespace.name
    async with site.builder() as builder:
        async with refusal(core, namespace):
            build = await builder.start(*site.repositories(Outcome.SUCCEEDS))
            waiting = await until(builder, build.id, lambda seen: seen.message)
            job = waiting.message.rpartition("kubectl describe job ")[2].rstrip(".")
            async with asyncio.timeout(PATIENCE):
                while "FailedCreate" not in await told_of(core, namespace, job):
                    await asyncio.sleep(0.1)
            assert (await builder.get(build.id)).state is BuildState.QUEUED

        assert (await ended(builder, build.id)).state is BuildState.SUCCEEDED
        assert await starts(admin, site, build.id) == {"builder": 1, "pusher": 1}


async def told_of(core: client.CoreV1Api, namespace: str, job: str) -> set[str]:
    """Give the reasons of what the cluster tells of a Job."""
    told = await core.list_namespaced_event(namespace, field_selector=f"involvedObject.name={job}")
    return {event.reason for event in told.items}


async def test_an_image_that_nodes_try_to_pull_in_vain_is_told(site: Site) -> None:
    async with site.builder(repo2docker_image="nobody.invalid/none:1", pull_patience=3) as builder:
        build = await builder.start(*site.repositories(Outcome.SUCCEEDS))
        found = await ended(builder, build.id)

        assert found.reason is Reason.INTERNAL
        assert "ImagePull" in found.message
        assert found.started_at is None
