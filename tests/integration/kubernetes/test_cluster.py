"""What other tests rely on: a cluster that runs pods, and refuses what an account has no right to."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from kubernetes_asyncio import client
from tests.integration.conftest import MakeRepository
from tests.integration.kubernetes.clusters import Cluster, Namespace
from tools.kubernetes.images import BUSYBOX
from tools.parts.git_server import GitServer

PATIENCE = 60


def job(name: str, command: str) -> dict[str, Any]:
    """Give a Job that runs a command of the shell once."""
    container = {"name": "main", "image": BUSYBOX, "command": ["sh", "-c", command], "imagePullPolicy": "IfNotPresent"}
    pod = {"restartPolicy": "Never", "automountServiceAccountToken": False, "containers": [container]}
    return {"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": {"spec": pod}}}


async def log_of(api: client.ApiClient, namespace: Namespace, name: str) -> str:
    """Wait until a Job is complete and give what its pod printed."""
    async with asyncio.timeout(PATIENCE):
        while True:
            status = (await client.BatchV1Api(api).read_namespaced_job(name, namespace.name)).status
            assert not status.failed
            if status.succeeded:
                break
            await asyncio.sleep(0.1)
    core = client.CoreV1Api(api)
    [pod] = (await core.list_namespaced_pod(namespace.name, label_selector=f"job-name={name}")).items
    return str(await core.read_namespaced_pod_log(pod.metadata.name, namespace.name))


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
    cluster: Cluster, account: client.ApiClient, namespace: Namespace, git: GitServer, make_repository: MakeRepository
) -> None:
    repository = make_repository()
    commit = repository.commit({"README.md": "hello"}, "The only one")

    with cluster.reaches(urlsplit(git.url).port or 80) as address:
        fetch = f"wget -q -O - 'http://{address}/{repository.name}/info/refs?service=git-upload-pack'"
        await client.BatchV1Api(account).create_namespaced_job(namespace.name, job("fetches", fetch))

        assert commit in await log_of(account, namespace, "fetches")
