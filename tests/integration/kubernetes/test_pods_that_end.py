"""However its pod ends before its time, a build ends with the reason for it, and is not run a second time."""

from __future__ import annotations

import asyncio

from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.observing import (
    begun,
    ended,
    evict,
    lines_of,
    log_collected,
    log_of,
    none_runs,
    pods_of,
    starts,
    written,
)

from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.testing.driving import Outcome


async def test_a_builder_that_needs_more_memory_than_it_may_ran_out_of_resources(
    site: Site, admin: client.ApiClient
) -> None:
    async with site.builder(builder_memory_limit=2**25) as builder:
        build = await builder.start(*site.repositories(Outcome.SUCCEEDS))
        found = await ended(builder, build.id)
        (pod,) = await pods_of(admin, site, build.id)

        assert found.reason is Reason.OUT_OF_RESOURCES
        assert pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["reason"] == "OOMKilled"
        assert found.started_at is not None
        await log_of(builder, build.id)


async def test_a_build_whose_pod_is_evicted_for_others_sake_is_lost_and_not_run_again(
    site: Site, admin: client.ApiClient
) -> None:
    async with site.builder() as builder:
        build = await builder.start(*site.repositories(Outcome.RUNS_LONG, 2))
        following = asyncio.create_task(lines_of(builder, build.id, follow=True))
        await written(builder, build.id, 2)
        await begun(builder, build.id)
        (pod,) = await pods_of(admin, site, build.id)

        await evict(admin, site, pod["metadata"]["name"])
        found = await ended(builder, build.id)

        assert (found.state, found.reason) == (BuildState.FAILED, Reason.BUILDER_LOST)
        assert await following == [1, 2]
        await none_runs(admin, site, build.id)
        assert await starts(admin, site, build.id) == {"builder": 1}
        await log_collected(builder, build.id)
