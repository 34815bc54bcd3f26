"""The service in pods, as the chart starts it."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from kubernetes_asyncio import client
from tests.integration.chart.manifests import CHART
from tests.integration.kubernetes.clusters import Cluster, client_of
from tools.parts import helm, service_image
from tools.parts.engine import Engine

PATH: Final = "services/repo2docker/health/ready"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(cluster: Cluster, engine: Engine) -> AsyncIterator[str]:
    """Install the chart without a Hub and a registry, wait until all replicas are ready, and give the namespace."""
    image = service_image.build(engine.url)
    cluster.take(image, engine)
    name = f"t{secrets.token_hex(6)}"
    async with client_of(cluster.kubeconfig) as admin:
        core = client.CoreV1Api(admin)
        await core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
        try:
            token = client.V1ObjectMeta(name="hub")
            data = {"hub.services.repo2docker.apiToken": secrets.token_hex(16)}
            await core.create_namespaced_secret(name, client.V1Secret(metadata=token, string_data=data))
            install(cluster, name, image)
            yield name
        finally:
            for each in (name, f"{name}-builds"):
                await core.delete_namespace(each)


def install(cluster: Cluster, namespace: str, image: str) -> None:
    repository, _, tag = image.rpartition(":")
    nobody = f"{cluster.host}:9"
    values: dict[str, Any] = {
        "image": {"repository": repository, "tag": tag},
        "registry": {"url": f"https://{nobody}"},
        "hub": {"url": f"http://{nobody}"},
    }
    chosen = (f"--namespace={namespace}", "--values=-", "--wait", "--timeout=100s")
    given = json.dumps(values)
    done = helm.run("install", "repo2docker-service", CHART, *chosen, given=given, kubeconfig=cluster.kubeconfig)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
async def test_each_replica_reaches_the_cluster_with_the_rights_that_the_chart_gives(
    running: str, admin: client.ApiClient
) -> None:
    core = client.CoreV1Api(admin)
    pods = [pod.metadata.name for pod in (await core.list_namespaced_pod(running)).items]

    told = [await core.connect_get_namespaced_pod_proxy_with_path(f"{pod}:10101", running, PATH) for pod in pods]

    assert len(told) == 2
    assert ["'builder': {'ok': True" in each for each in told] == [True, True], told
