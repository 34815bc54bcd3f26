"""Parts of the cluster are killed and started again: no build is lost, none runs twice, no line is missing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.docker_builds import Repositories
from tests.integration.kubernetes.builds import Site, engine_socket, reached
from tests.integration.kubernetes.clusters import Cluster, client_of, namespace_of
from tests.integration.kubernetes.test_nothing_is_lost import ended, is_of, lines_of, pods
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer

from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination
from repo2docker_service.domain.signing import Signer
from repo2docker_service.testing.driving import Outcome

PATIENCE = 60.0


@pytest.fixture
async def fragile_site(
    fragile: Cluster, engine: Engine, image: str, git: GitServer, tmp_path: Path
) -> AsyncIterator[Site]:
    """Give an installation in the cluster of which parts are killed."""
    fragile.take(image, engine)
    name = f"t{secrets.token_hex(6)}"
    installation = Installation(name, Signer([secrets.token_bytes(32)]), tmp_path, f"r2d-{name}")
    async with namespace_of(fragile, tmp_path) as namespace:
        with reached(fragile, git) as server:
            repositories = Repositories(server, image, installation)
            yield Site(namespace, engine_socket(fragile), image, installation, repositories)


def slow(site: Site) -> tuple[BuildPlan, Destination]:
    """Plan a build that writes for some seconds."""
    return site.repositories.script('for i in $(seq 1 40); do echo "line $i of 40"; sleep 0.25; done')


@pytest.mark.slow
@pytest.mark.parametrize("part", ["kube-apiserver", "kubelet"])
async def test_builds_go_on_when_a_part_is_killed_and_comes_back(
    fragile: Cluster, fragile_site: Site, part: str
) -> None:
    site, node = fragile_site, fragile.node
    assert node is not None
    async with site.builder() as builder, client_of(fragile.kubeconfig) as admin:
        running = await builder.start(*slow(site))
        waiting = await builder.start(*site.repositories(Outcome.SUCCEEDS, 2))
        following = asyncio.create_task(lines_of(builder, running.id, follow=True))
        async with asyncio.timeout(PATIENCE):
            async for chunk in builder.read_log(running.id, follow=True):
                if any("line 5 of 40" in line for line in chunk.lines):
                    break

        await asyncio.to_thread(node.kill, part)
        await asyncio.to_thread(node.restart, part)
        found = [await ended(builder, build.id) for build in (running, waiting)]

        assert [build.state for build in found] == [BuildState.SUCCEEDED] * 2
        assert await following == list(range(1, 41))
        assert await lines_of(builder, running.id) == list(range(1, 41))
        made = await pods(admin, site)
        assert [sum(is_of(pod, build.id) for pod in made) for build in found] == [1, 1]
