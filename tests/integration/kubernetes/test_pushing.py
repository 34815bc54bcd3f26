# ruff: noqa: ASYNC110  # the cluster is asked how its pod is
"""What is built in the cluster is in the registry, and what opens that is nowhere else."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from kubernetes_asyncio import client
from kubespawner.objects import make_pod
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.clusters import Cluster
from tests.integration.kubernetes.observing import PATIENCE, ended, log_collected, log_of, pods, pods_of
from tools.parts.docker_api import DockerApi
from tools.parts.registry import RunningRegistry, Setup, running_registry

from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination, ImageName, Reason

PASSWORD = f"pass:wörd-{secrets.token_hex(8)}"
QUICKLY_PUSHED = {"Dockerfile": "FROM scratch\nCOPY token /token\n"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningRegistry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with running_registry(folder, Setup(users={"ada": PASSWORD})) as registry:
        yield registry


@pytest.fixture
async def registry(running: RunningRegistry, cluster: Cluster, site: Site) -> AsyncIterator[V2Registry]:
    with cluster.reaches(running.port) as place:
        async with site.registry(place, PASSWORD) as adapter:
            yield adapter


def plan(site: Site, registry: V2Registry) -> tuple[BuildPlan, Destination]:
    planned, _ = site.repositories.plan(QUICKLY_PUSHED | {"token": secrets.token_hex(8)})
    destination = registry.destination(planned.image.repository, planned.image.tag)
    return replace(planned, image=destination.image), destination


async def test_a_build_is_pushed_and_listed_and_nothing_of_it_stays_on_the_node(
    site: Site, registry: V2Registry, account: client.ApiClient
) -> None:
    builder = site.builder()
    builder.push_with(registry)
    async with builder:
        build = await builder.start(*plan(site, registry))
        found = await ended(builder, build.id)
        log = await log_of(builder, build.id)

        image = await registry.find(found.plan.image)
        assert found.state is BuildState.SUCCEEDED, log
        assert image is not None
        assert image.digest == found.digest
        assert [each.name for each in (await registry.list()).images] == [found.plan.image]
        assert log[-1] == f"Stored as {found.plan.image}"
        assert PASSWORD not in json.dumps(await pods(account, site))
        stored = DockerApi(f"unix://{site.socket}").ask("GET", "/images/json")
        tags = [tag for each in stored for tag in each["RepoTags"] or ()]
        assert not [tag for tag in tags if site.installation.image_prefix in tag]

        await builder.forget(build.id)
        assert await registry.find(found.plan.image) is not None


async def test_the_builder_does_not_see_what_opens_the_registry(
    site: Site, registry: V2Registry, account: client.ApiClient
) -> None:
    builder = site.builder()
    builder.push_with(registry)
    async with builder:
        build = await builder.start(*plan(site, registry))
        await ended(builder, build.id)
        (pod,) = await pods_of(account, site, build.id)

    volumes = {each["name"]: each.get("secret", {}).get("secretName", "") for each in pod["spec"]["volumes"]}
    mounted = {each["name"] for each in pod["spec"]["initContainers"][0]["volumeMounts"]}
    assert [name for name, secret in volumes.items() if secret.endswith("-push")]
    assert not [name for name, secret in volumes.items() if secret.endswith("-push") and name in mounted]
    core = client.CoreV1Api(account)
    with pytest.raises(client.ApiException) as gone:
        await core.read_namespaced_secret(f"{pod['metadata']['labels']['job-name']}-push", site.namespace.name)
    assert gone.value.status == 404


async def test_a_registry_that_refuses_is_told_in_its_words(site: Site, registry: V2Registry) -> None:
    builder = site.builder()
    builder.push_with(WrongPassword(registry))
    async with builder:
        build = await builder.start(*plan(site, registry))
        found = await ended(builder, build.id)

    assert found.reason is Reason.PUSH_FAILED
    assert "Details:" in found.message


@dataclass
class WrongPassword:
    """A registry whose credentials have just been changed."""

    registry: V2Registry

    async def push_config(self) -> bytes:
        told = json.loads(await self.registry.push_config())
        wrong = base64.b64encode(b"ada:wrong").decode()
        return json.dumps({"auths": {host: {"auth": wrong} for host in told["auths"]}}).encode()

    async def guards(self, image: ImageName) -> bool:
        return await self.registry.guards(image)

    async def verify_push(self, image: ImageName, digest: str, build_id: str) -> None:
        await self.registry.verify_push(image, digest, build_id)


async def test_how_a_build_ended_is_known_when_its_pod_is_gone(
    site: Site, registry: V2Registry, cluster: Cluster, admin: client.ApiClient
) -> None:
    builder = site.builder()
    builder.push_with(registry)
    async with builder:
        build = await builder.start(*plan(site, registry))
        before = await ended(builder, build.id)
        (pod,) = await pods_of(admin, site, build.id)
        await client.CoreV1Api(admin).delete_namespaced_pod(pod["metadata"]["name"], site.namespace.name)

    async with site.builder() as other:
        after = await other.get(build.id)
        assert (after.state, after.digest, after.finished_at) == (before.state, before.digest, before.finished_at)
        await log_collected(other, build.id)


async def test_a_node_starts_what_was_built_by_the_reference_that_spawners_get(
    site: Site, registry: V2Registry, admin: client.ApiClient
) -> None:
    planned, _ = site.repositories.plan({"Dockerfile": f"FROM busybox:stable\nRUN : {secrets.token_hex(8)}\n"})
    destination = registry.destination(planned.image.repository, planned.image.tag)
    builder = site.builder()
    builder.push_with(registry)
    async with builder:
        build = await builder.start(replace(planned, image=destination.image), destination)
        await ended(builder, build.id)
    image = await registry.find(destination.image)
    assert image is not None

    core, namespace = client.CoreV1Api(admin), site.namespace.name
    auth = {"auths": {image.name.registry: {"username": "ada", "password": PASSWORD}}}
    pull = client.V1Secret(
        metadata=client.V1ObjectMeta(name="pull"),
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": json.dumps(auth)},
    )
    await core.create_namespaced_secret(namespace, pull)
    pod = make_pod("jupyter-ada", ["sh", "-c", "echo started"], 8888, image.launch_reference, "Always", ["pull"])
    pod.spec.restart_policy = "Never"
    await core.create_namespaced_pod(namespace, pod)
    async with asyncio.timeout(PATIENCE):
        while (seen := await core.read_namespaced_pod("jupyter-ada", namespace)).status.phase != "Succeeded":
            await asyncio.sleep(0.2)

    assert seen.spec.containers[0].image == image.launch_reference
    assert "@sha256:" in image.launch_reference
    async with site.builder(server_namespaces=[namespace]) as other:
        assert image.launch_reference in await other.used_images()
