"""A pod that takes more of its node's disk than it may is ended by the node, and its build tells so."""

from __future__ import annotations

import secrets

import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.observing import begun, ended, log_collected, pods_of, starts, until

from repo2docker_service.domain.models import Reason

LARGE = 12 * 2**20
"""Bytes of a repository that do not fit in the disk that its builder may use."""


@pytest.mark.slow
async def test_a_build_that_takes_more_disk_than_it_may_ran_out_of_resources_and_its_log_is_gone(
    site: Site, admin: client.ApiClient
) -> None:
    files = {"Dockerfile": "FROM {image}\nRUN sleep 300\n", "data": secrets.token_hex(LARGE // 2)}
    async with site.builder(storage_limit=str(LARGE // 2)) as builder:
        build = await builder.start(*site.repositories.plan(files))
        await begun(builder, build.id)
        # Nodes look at the disk of containers once a minute.
        found = await ended(builder, build.id)

        (pod,) = await pods_of(admin, site, build.id)
        assert pod["status"]["reason"] == "Evicted"
        assert found.reason is Reason.OUT_OF_RESOURCES
        assert "exceed" in found.message
        assert await starts(admin, site, build.id) == {"builder": 1}
        await log_collected(builder, build.id)
        recorded = await until(builder, build.id, lambda seen: seen.finished_at)
        await client.CoreV1Api(admin).delete_namespaced_pod(pod["metadata"]["name"], site.namespace.name)

    async with site.builder() as other:
        after = await other.get(build.id)
        assert (after.reason, after.message) == (Reason.OUT_OF_RESOURCES, found.message)
        assert after.started_at is not None
        assert (after.started_at, after.finished_at) == (recorded.started_at, recorded.finished_at)
