"""What other tests rely on: a cluster that runs pods, and refuses what an account has no right to."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path

import pytest
from kubernetes_asyncio import client
from tests.integration.conftest import MakeRepository
from tests.integration.kubernetes.clusters import Cluster, Namespace, client_of, namespace_of
from tools.kubernetes.images import BUSYBOX
from tools.parts.git_server import GitServer

PATIENCE = 60


def job(name: str, command: str) -> client.V1Job:
    """Give a Job that runs a command of the shell once."""
    shell = client.V1Container(
        name="main", image=BUSYBOX, command=["sh", "-c", command], image_pull_policy="IfNotPresent"
    )
    pod = client.V1PodSpec(restart_policy="Never", automount_service_account_token=False, containers=[shell])
    once = client.V1JobSpec(backoff_limit=0, template=client.V1PodTemplateSpec(spec=pod))
    return client.V1Job(metadata=client.V1ObjectMeta(name=name), spec=once)


async def pod_of(api: client.ApiClient, namespace: Namespace, name: str, phase: str) -> client.V1Pod:
    """Wait until the one pod of a Job has come to this phase."""
    async with asyncio.timeout(PATIENCE):
        while True:
            pods = await client.CoreV1Api(api).list_namespaced_pod(namespace.name, label_selector=f"job-name={name}")
            if [pod.status.phase for pod in pods.items] == [phase]:
                return pods.items[0]
            await asyncio.sleep(0.1)


async def log_of(api: client.ApiClient, namespace: Namespace, name: str) -> str:
    """Wait until the pod of a Job has succeeded and give what it printed."""
    pod = await pod_of(api, namespace, name, "Succeeded")
    return str(await client.CoreV1Api(api).read_namespaced_pod_log(pod.metadata.name, namespace.name))


async def test_a_job_runs_and_its_log_is_read(account: client.ApiClient, namespace: Namespace) -> None:
    await client.BatchV1Api(account).create_namespaced_job(namespace.name, job("greets", "echo hello; echo again"))

    assert await log_of(account, namespace, "greets") == "hello\nagain\n"


async def test_a_second_job_of_one_name_is_refused(account: client.ApiClient, namespace: Namespace) -> None:
    await client.BatchV1Api(account).create_namespaced_job(namespace.name, job("only", "true"))

    with pytest.raises(client.ApiException) as refused:
        await client.BatchV1Api(account).create_namespaced_job(namespace.name, job("only", "true"))

    assert refused.value.status == HTTPStatus.CONFLICT


async def test_an_account_has_no_rights_elsewhere(account: client.ApiClient, admin: client.ApiClient) -> None:
    await client.BatchV1Api(admin).list_namespaced_job("default")

    with pytest.raises(client.ApiException) as refused:
        await client.BatchV1Api(account).list_namespaced_job("default")

    assert refused.value.status == HTTPStatus.FORBIDDEN


async def test_a_pod_reaches_a_server_of_this_machine(
    account: client.ApiClient, namespace: Namespace, cluster_git: GitServer, make_repository: MakeRepository
) -> None:
    repository = make_repository()
    commit = repository.commit({"README.md": "hello"}, "The only one")

    fetch = f"wget -q -O - '{cluster_git.url}{repository.name}/info/refs?service=git-upload-pack'"
    await client.BatchV1Api(account).create_namespaced_job(namespace.name, job("fetches", fetch))

    assert commit in await log_of(account, namespace, "fetches")


@pytest.mark.slow
async def test_a_pod_goes_on_while_each_component_is_killed_and_started_again(fragile: Cluster, tmp_path: Path) -> None:
    assert fragile.node is not None
    async with namespace_of(fragile, tmp_path) as namespace, client_of(namespace.kubeconfig) as account:
        waits = job("waits", "echo begin; until [ -e /tmp/end ]; do sleep 0.1; done; echo end")
        await client.BatchV1Api(account).create_namespaced_job(namespace.name, waits)
        before = await pod_of(account, namespace, "waits", "Running")
        for component in ("kube-apiserver", "kubelet", "dockerd"):
            fragile.node.kill(component)
            fragile.node.restart(component)
        fragile.node.kubectl("exec", "-n", namespace.name, before.metadata.name, "--", "sh", "-c", ": > /tmp/end")

        assert await log_of(account, namespace, "waits") == "begin\nend\n"
        after = await pod_of(account, namespace, "waits", "Succeeded")
        assert after.metadata.uid == before.metadata.uid
        assert after.status.container_statuses[0].restart_count == 0
