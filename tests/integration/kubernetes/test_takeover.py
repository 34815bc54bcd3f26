# ruff: noqa: ASYNC110  # nobody tells of changes where no process sees to builds
"""The service's only process is killed while it builds: another one goes on, and no build is lost or run twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site, service_settings
from tests.integration.kubernetes.clusters import Cluster
from tests.integration.kubernetes.observing import (
    begun,
    ended,
    evict,
    log_collected,
    none_runs,
    pods_of,
    starts,
    written,
)
from tests.integration.waiting import wait_for
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.repository import Repository
from tools.service import running_service

from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.testing.driving import Outcome, numbers

PATIENCE = 60.0
LINES = 12
Told = dict[str, Any]


def dockerfile() -> str:
    """Write a build that prints for some seconds, and makes a small image."""
    write = f'for i in $(seq 1 {LINES}); do echo "line $i of {LINES}"; sleep 0.3; done'
    return f"FROM busybox:stable\nRUN {write} # {secrets.token_hex(8)}\n"


@dataclass
class Crowd:
    """Builds that somebody asked for, whichever process of the service is there to tell of them."""

    site: Site
    ids: list[str]

    def ask(self, api: httpx.Client) -> None:
        """Ask for another one."""
        git = self.site.repositories.git
        repository = Repository(git.root, f"{secrets.token_hex(4)}/example.git")
        repository.commit({"Dockerfile": dockerfile()}, "The only one")
        self.ids.append(
            api.post("builds", json={"repo": f"{git.url}{repository.name}"}).raise_for_status().json()["id"]
        )

    def told(self, api: httpx.Client) -> list[Told]:
        """Give what the service tells of each."""
        return [api.get(f"builds/{each}").raise_for_status().json() for each in self.ids]

    def wait_for(self, api: httpx.Client, is_so: Callable[[list[str]], bool]) -> None:
        """Wait until their states are so."""
        wait_for(lambda: is_so([each["state"] for each in self.told(api)]), PATIENCE)


def deliveries(registry: RunningRegistry, image: str) -> int:
    """Count how often an image was pushed, as the registry told."""
    repository, _, tag = image.partition("/")[2].rpartition(":")
    return registry.log.count(f'"PUT /v2/{repository}/manifests/{tag} HTTP/1.1" 201')


@pytest.mark.slow
async def test_a_service_that_is_killed_while_builds_wait_run_and_are_pushed_loses_none(
    site: Site, cluster: Cluster, admin: client.ApiClient, tmp_path: Path
) -> None:
    (tmp_path / "registry").mkdir()
    crowd, folder = Crowd(site, []), tmp_path / "service"
    with running_registry(tmp_path / "registry", Setup()) as registry, cluster.reaches(registry.port) as place:
        settings = service_settings(site, place, concurrency=1, cpu_request="10m", memory_request="32Mi")
        with running_service(folder, settings) as first, first.client as api:
            for _ in range(4):
                crowd.ask(api)
            with registry.frozen():
                crowd.wait_for(api, lambda states: {"pushing", "building", "queued"} <= {*states})
                first.process.kill()
                first.process.wait()
        with running_service(folder, settings) as second, second.client as api:
            crowd.wait_for(api, lambda states: states.count("queued") < 2)
            second.process.kill()
        with running_service(folder, settings) as third, third.client as api:
            crowd.wait_for(api, lambda states: states == ["succeeded"] * 4)
            logs = [api.get(f"builds/{each}/log").text.splitlines() for each in crowd.ids]
            images = [each["image"] for each in crowd.told(api)]
            listed = {each["name"] for each in api.get("images").json()["items"]}

        assert [numbers(log) for log in logs] == [list(range(1, LINES + 1))] * 4
        assert [log[-1] for log in logs] == [f"Stored as {image}" for image in images]
        assert listed == {*images}
        assert [deliveries(registry, image) for image in images] == [1] * 4
    for build_id in crowd.ids:
        assert await starts(admin, site, build_id) == {"builder": 1, "pusher": 1}


@pytest.mark.slow
async def test_a_build_whose_pod_is_evicted_while_nobody_serves_is_lost_and_ended_by_who_comes_next(
    site: Site, admin: client.ApiClient
) -> None:
    async with site.builder() as builder:
        build = await builder.start(*site.repositories(Outcome.RUNS_LONG, 2))
        await written(builder, build.id, 2)
        await begun(builder, build.id)
    (pod,) = await pods_of(admin, site, build.id)

    await evict(admin, site, pod["metadata"]["name"])
    async with asyncio.timeout(PATIENCE):
        while pod["metadata"]["name"] in {each["metadata"]["name"] for each in await pods_of(admin, site, build.id)}:
            await asyncio.sleep(0.2)

    # An old cluster has made another one, which does nothing.
    await none_runs(admin, site, build.id)
    async with site.builder() as other:
        found = await ended(other, build.id)
        assert (found.state, found.reason) == (BuildState.FAILED, Reason.BUILDER_LOST)
        await log_collected(other, build.id)
