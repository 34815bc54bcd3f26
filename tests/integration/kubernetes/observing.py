# ruff: noqa: ASYNC110  # a cluster is asked again and again how its builds and pods are
"""What is seen of builds in a cluster, and waiting until it is as it should be."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.domain.errors import LogCollected
from repo2docker_service.domain.models import Build
from repo2docker_service.testing.driving import numbers

PATIENCE = 110.0
Pod = dict[str, Any]


async def until(builder: KubernetesImageBuilder, build_id: str, is_so: Callable[[Build], object]) -> Build:
    """Wait until a build is so, and give it."""
    async with asyncio.timeout(PATIENCE):
        while not is_so(build := await builder.get(build_id)):
            await asyncio.sleep(0.1)
    return build


async def ended(builder: KubernetesImageBuilder, build_id: str) -> Build:
    """Wait for the end of a build."""
    return await until(builder, build_id, lambda build: build.state.ended)


async def log_of(builder: KubernetesImageBuilder, build_id: str, *, follow: bool = False) -> list[str]:
    """Read a log."""
    async with asyncio.timeout(PATIENCE):
        return [line async for chunk in builder.read_log(build_id, follow=follow) for line in chunk.lines]


async def lines_of(builder: KubernetesImageBuilder, build_id: str, *, follow: bool = False) -> list[int]:
    """Read the numbers of the numbered lines of a log."""
    return numbers(await log_of(builder, build_id, follow=follow))


async def log_collected(builder: KubernetesImageBuilder, build_id: str) -> None:
    """Wait until a log is gone: newer clusters keep a pod, and what it wrote, until its Job has counted it."""
    with suppress(LogCollected):
        async with asyncio.timeout(PATIENCE):
            while True:
                await log_of(builder, build_id)
                await asyncio.sleep(0.2)


async def written(builder: KubernetesImageBuilder, build_id: str, line: int) -> None:
    """Wait until a build has written this numbered line."""
    async with asyncio.timeout(PATIENCE):
        async for chunk in builder.read_log(build_id, follow=True):
            if line in numbers(chunk.lines):
                return
    raise AssertionError(f"the log ended before line {line}")


async def begun(builder: KubernetesImageBuilder, build_id: str) -> None:
    """Wait until it is written down in which pod a build runs, so that no other pod is taken for it."""
    async with asyncio.timeout(PATIENCE):
        while not (await builder._view.work(build_id)).job.begun:
            await asyncio.sleep(0.1)


async def pods(api: client.ApiClient, site: Site) -> list[Pod]:
    """List the pods of all builds in the namespace."""
    listed = await client.CoreV1Api(api).list_namespaced_pod(site.namespace.name)
    found: list[Pod] = api.sanitize_for_serialization(listed)["items"]
    return found


async def pods_of(api: client.ApiClient, site: Site, build_id: str) -> list[Pod]:
    """List the pods of one build."""
    return [pod for pod in await pods(api, site) if is_of(pod, build_id)]


async def none_runs(api: client.ApiClient, site: Site, build_id: str) -> None:
    """Wait until no pod of a build runs, or may run yet."""
    async with asyncio.timeout(PATIENCE):
        while [pod for pod in await pods_of(api, site, build_id) if not is_over(pod)]:
            await asyncio.sleep(0.2)


def is_of(pod: Pod, build_id: str) -> bool:
    """Whether a pod is one of a build."""
    return bool(pod["metadata"]["labels"].get(BUILD) == build_id)


def is_over(pod: Pod) -> bool:
    """Whether nothing runs in a pod any more."""
    return bool(pod["status"]["phase"] in {"Failed", "Succeeded"})


async def starts(api: client.ApiClient, site: Site, build_id: str) -> Counter[str]:
    """Count how often each container of a build was started, as nodes told, also in pods that are gone."""
    jobs = client.BatchV1Api(api)
    (job,) = (await jobs.list_namespaced_job(site.namespace.name, label_selector=f"{BUILD}={build_id}")).items
    told = await client.CoreV1Api(api).list_namespaced_event(site.namespace.name, field_selector="reason=Started")
    found: Counter[str] = Counter()
    for event in told.items:
        if event.involved_object.name.startswith(f"{job.metadata.name}-"):
            found[event.involved_object.field_path.partition("{")[2].rstrip("}")] += event.count or 1
    return found


async def evict(admin: client.ApiClient, site: Site, pod: str) -> None:
    """Have a pod evicted as by ``kubectl drain``, in the words of the server's version."""
    core = client.CoreV1Api(admin)
    (known,) = [each for each in (await core.get_api_resources()).resources if each.name == "pods/eviction"]
    meta = client.V1ObjectMeta(name=pod)
    body = client.V1Eviction(api_version=f"{known.group}/{known.version}", kind=known.kind, metadata=meta)
    await core.create_namespaced_pod_eviction(pod, site.namespace.name, body)
