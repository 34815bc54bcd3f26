"""Parts of the cluster are killed and started again: no build is lost, none runs twice, no line is missing."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.clusters import Cluster, client_of
from tests.integration.kubernetes.observing import begun, ended, lines_of, pods_of, written

from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import Build, BuildState
from repo2docker_service.testing.driving import Outcome

OPENS = Credentials("ada", "a secret word")


async def start_slow(builder: KubernetesImageBuilder, site: Site) -> Build:
    """Start a build of a private repository that writes for some seconds; what opens that is gone by then."""
    git = site.repositories.git
    plan, destination = site.repositories.script('for i in $(seq 1 40); do echo "line $i of 40"; sleep 0.25; done')
    git.passwords[plan.source.address.removeprefix(git.url.rstrip("/"))] = (OPENS.username, OPENS.password)
    return await builder.start(plan, destination, credentials=OPENS)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["kube-apiserver", "kubelet"])
async def test_builds_go_on_when_a_part_is_killed_and_comes_back(
    fragile: Cluster, fragile_site: Site, part: str
) -> None:
    site, node = fragile_site, fragile.node
    assert node is not None
    async with site.builder() as builder, client_of(fragile.kubeconfig) as admin:
        running = await start_slow(builder, site)
        waiting = await builder.start(*site.repositories(Outcome.SUCCEEDS, 2))
        following = asyncio.create_task(lines_of(builder, running.id, follow=True))
        await written(builder, running.id, 5)
        await begun(builder, running.id)

        await asyncio.to_thread(node.kill, part)
        await asyncio.to_thread(node.restart, part)
        found = [await ended(builder, build.id) for build in (running, waiting)]

        assert [build.state for build in found] == [BuildState.SUCCEEDED] * 2
        assert await following == list(range(1, 41))
        assert await lines_of(builder, running.id) == list(range(1, 41))
        assert [len(await pods_of(admin, site, build.id)) for build in found] == [1, 1]
