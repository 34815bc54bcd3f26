# ruff: noqa: ASYNC110  # nobody tells of changes where no process sees to builds
"""Whatever stops, each build runs once, to an end that can be seen, with its whole log."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.clusters import Cluster, client_of
from tests.integration.kubernetes.observing import (
    PATIENCE,
    begun,
    ended,
    lines_of,
    log_collected,
    log_of,
    none_runs,
    pods,
    pods_of,
    until,
)

from repo2docker_service.domain.errors import QuotaExceeded
from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.testing.driving import Outcome


async def test_replicas_that_come_and_go_run_each_build_once_and_never_too_many(
    site: Site, account: client.ApiClient
) -> None:
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(site.builder(concurrency=2)) for _ in range(2)]
        plans = [site.repositories(Outcome.SUCCEEDS, 3) for _ in range(4)]
        builds = await asyncio.gather(*(replicas[at % 2].start(*plan) for at, plan in enumerate(plans)))
        watching = asyncio.create_task(most_running(account, site))
        await until(replicas[0], builds[0].id, lambda build: build.state is not BuildState.QUEUED)

    # Now nobody serves; then somebody else does.
    async with site.builder(concurrency=2) as third:
        found = [await ended(third, build.id) for build in builds]
        logs = [await lines_of(third, build.id) for build in builds]
    watching.cancel()

    assert {build.state for build in found} == {BuildState.SUCCEEDED}
    assert logs == [[1, 2, 3]] * 4
    ours = {build.id for build in builds}
    made = [pod["metadata"]["labels"]["repo2docker-service.build.id"] for pod in await pods(account, site)]
    assert sorted(each for each in made if each in ours) == sorted(ours)
    assert 1 <= most[site.namespace.name] <= 2


most: dict[str, int] = {}


async def most_running(api: client.ApiClient, site: Site) -> None:
    """Look again and again how many builders run at once."""
    most[site.namespace.name] = 0
    while True:
        running = [
            status
            for pod in await pods(api, site)
            for status in pod["status"].get("initContainerStatuses", ())
            if "running" in status["state"] and pod["status"]["phase"] == "Pending"
        ]
        most[site.namespace.name] = max(most[site.namespace.name], len(running))
        await asyncio.sleep(0.2)


async def test_a_build_whose_pod_is_removed_is_lost_and_not_run_again(site: Site, cluster: Cluster) -> None:
    async with site.builder() as builder, client_of(cluster.kubeconfig) as admin:
        build = await builder.start(*site.repositories(Outcome.RUNS_LONG, 2))
        await begun(builder, build.id)
        (name,) = [pod["metadata"]["name"] for pod in await pods_of(admin, site, build.id)]

        await client.CoreV1Api(admin).delete_namespaced_pod(name, site.namespace.name, grace_period_seconds=1)
        found = await ended(builder, build.id)

        assert (found.state, found.reason) == (BuildState.FAILED, Reason.BUILDER_LOST)
        await none_runs(admin, site, build.id)
        await log_collected(builder, build.id)
        following = await builder.start(*site.repositories(Outcome.SUCCEEDS, 2))
        assert (await ended(builder, following.id)).state is BuildState.SUCCEEDED


async def test_a_build_that_takes_too_long_is_ended_with_its_log(site: Site) -> None:
    async with site.builder(timeout=6) as builder:
        build = await builder.start(*site.repositories(Outcome.RUNS_LONG, 2))
        found = await ended(builder, build.id)

        assert found.reason is Reason.TIMED_OUT
        assert (await log_of(builder, build.id))[-1] == "The build took longer than 6 seconds and was stopped."


async def test_an_image_that_nodes_do_not_have_is_told(site: Site) -> None:
    traits = {"repo2docker_image": "nobody.invalid/none:1", "image_pull_policy": "Never", "pull_patience": 0}
    async with site.builder(**traits) as builder:
        build = await builder.start(*site.repositories(Outcome.SUCCEEDS))
        found = await ended(builder, build.id)

    assert found.reason is Reason.INTERNAL
    assert "ErrImageNeverPull" in found.message


async def test_what_no_node_has_room_for_waits_and_says_so(site: Site) -> None:
    async with site.builder(cpu_request="1000") as builder:
        build = await builder.start(*site.repositories(Outcome.SUCCEEDS))

        waiting = await until(builder, build.id, lambda seen: seen.message)
        assert waiting.state is BuildState.QUEUED
        assert "no room" in waiting.message
        assert (await builder.cancel(build.id)).state is BuildState.CANCELLED


async def test_a_quota_of_the_namespace_is_told_to_who_asks(site: Site, cluster: Cluster) -> None:
    quota = client.V1ResourceQuota(
        metadata=client.V1ObjectMeta(name="none"), spec=client.V1ResourceQuotaSpec(hard={"count/jobs.batch": "0"})
    )
    async with site.builder() as builder, client_of(cluster.kubeconfig) as admin:
        core = client.CoreV1Api(admin)
        await core.create_namespaced_resource_quota(site.namespace.name, quota)
        try:
            async with asyncio.timeout(PATIENCE):
                while not (await core.read_namespaced_resource_quota("none", site.namespace.name)).status.hard:
                    await asyncio.sleep(0.1)
            with pytest.raises(QuotaExceeded):
                await builder.start(*site.repositories(Outcome.SUCCEEDS))
        finally:
            await core.delete_namespaced_resource_quota("none", site.namespace.name)
