"""A node that is lost takes the builds on it along: they end, the service goes on, and nothing runs a second time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.clusters import Cluster, client_of
from tests.integration.kubernetes.observing import begun, ended, lines_of, log_collected, none_runs, starts, written
from tools.kubernetes.node import Node

from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder, cancelling
from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.testing.driving import Outcome

CONTROLLERS = "kube-controller-manager"
HASTE = ("--node-monitor-grace-period=8s", "--node-monitor-period=1s")
"""A cluster usually waits forty seconds before it believes that a node is lost."""
LEAVES = [
    {"key": f"node.kubernetes.io/{state}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}
    for state in ("not-ready", "unreachable")
]
"""A pod usually stays for five minutes on a node that is lost."""
AT_ONCE = 5.0


@pytest.fixture
def hasty(fragile: Cluster) -> Iterator[Node]:
    """Give the node of a cluster that soon believes it lost, and is as patient as usual afterwards."""
    node = fragile.node
    assert node is not None
    node.kill(CONTROLLERS)
    node.restart(CONTROLLERS, *HASTE)
    try:
        yield node
    finally:
        node.kill(CONTROLLERS)
        node.restart(CONTROLLERS)


@pytest.fixture
async def another_node(fragile: Cluster) -> AsyncIterator[None]:
    """Have the cluster know a node that is well and takes no pods: one that has lost all believes none to be lost."""
    async with client_of(fragile.kubeconfig) as admin:
        core, meta = client.CoreV1Api(admin), client.V1ObjectMeta(name="another")
        await core.create_node(client.V1Node(metadata=meta, spec=client.V1NodeSpec(unschedulable=True)))
        beating = asyncio.create_task(beat(core, meta.name))
        try:
            yield
        finally:
            beating.cancel()
            await core.delete_node(meta.name)


async def beat(core: client.CoreV1Api, node: str) -> None:
    """Say again and again that a node is well, as its kubelet does."""
    while True:
        ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": datetime.now(UTC).isoformat()}
        await core.patch_node_status(node, {"status": {"conditions": [ready]}})
        await asyncio.sleep(1)


@asynccontextmanager
async def away(node: Node) -> AsyncIterator[None]:
    """Let nothing be heard of a node for a while, on which all goes on that runs."""
    await asyncio.to_thread(node.kill, "kubelet")
    try:
        yield
    finally:
        await asyncio.to_thread(node.restart, "kubelet")


async def runs(builder: KubernetesImageBuilder, site: Site) -> str:
    """Start a build that goes on for minutes, and give its id when it is known where it runs."""
    build = await builder.start(*site.repositories(Outcome.RUNS_LONG, 2))
    await written(builder, build.id, 2)
    await begun(builder, build.id)
    return build.id


@pytest.mark.slow
@pytest.mark.usefixtures("another_node")
async def test_builds_on_a_node_that_is_lost_end_and_do_not_run_again_when_it_is_back(
    fragile: Cluster, fragile_site: Site, hasty: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "_PATIENCE", 15.0)
    site = fragile_site
    async with site.builder(concurrency=2, tolerations=LEAVES) as builder, client_of(fragile.kubeconfig) as admin:
        lost, unwanted = await runs(builder, site), await runs(builder, site)
        following = asyncio.create_task(lines_of(builder, lost, follow=True))
        async with away(hasty):
            cancelled = asyncio.create_task(builder.cancel(unwanted))
            found = await ended(builder, lost)
            async with asyncio.timeout(AT_ONCE):
                waiting = await builder.start(*site.repositories(Outcome.SUCCEEDS))
                assert {build.id for build in await builder.list()} == {lost, unwanted, waiting.id}
            assert (await cancelled).state is BuildState.CANCELLED

        assert (found.state, found.reason) == (BuildState.FAILED, Reason.BUILDER_LOST)
        assert await following == [1, 2]
        assert (await ended(builder, waiting.id)).state is BuildState.SUCCEEDED
        for build_id in (lost, unwanted):
            await none_runs(admin, site, build_id)
            assert await starts(admin, site, build_id) == {"builder": 1}
            await log_collected(builder, build_id)
