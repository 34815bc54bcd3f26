"""The whole service builds in a cluster what somebody asks for, and keeps it in a registry."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site, service_settings
from tests.integration.kubernetes.clusters import Cluster, client_of
from tests.integration.waiting import wait_for
from tools.parts.registry import Setup, running_registry
from tools.parts.repository import Repository
from tools.service import running_service

PATIENCE = 90.0


@pytest.fixture
def address(site: Site) -> str:
    """Give the address of a repository that pods reach."""
    repository = Repository(site.repositories.git.root, f"{site.installation.instance}/example.git")
    repository.commit(
        {"Dockerfile": "FROM scratch\nCOPY token /token\n", "token": site.installation.instance}, "The only one"
    )
    return f"{site.repositories.git.url}{repository.name}"


def test_who_asks_the_service_gets_an_environment_that_was_built_in_the_cluster(
    site: Site, cluster: Cluster, address: str, tmp_path: Path
) -> None:
    (tmp_path / "registry").mkdir()
    with running_registry(tmp_path / "registry", Setup()) as registry, cluster.reaches(registry.port) as place:
        settings = service_settings(site, place)
        with running_service(tmp_path / "service", settings) as service, service.client as api:
            build = api.post("builds", json={"repo": address}).raise_for_status().json()
            log = api.get(f"builds/{build['id']}/log", headers={"Accept": "text/event-stream"}, timeout=PATIENCE)
            ended = ended_build(api, build["id"])

            assert ended["state"] == "succeeded", log.text
            assert f"Stored as {ended['image']}" in log.text
            assert [each["name"] for each in api.get("images").json()["items"]] == [ended["image"]]
            assert api.post("builds", json={"repo": address}).json()["reused"]

            wait_for(lambda: f"log-{build['id']}" in tags(registry.url, ended["image"]))
            before = api.get(f"builds/{build['id']}/log").text
            wait_for(lambda: asyncio.run(remove_pods(cluster, site.namespace.name)) == 0)
            assert api.get(f"builds/{build['id']}/log").text == before
            assert api.delete(f"builds/{build['id']}").is_success
            assert api.get(f"builds/{build['id']}/log").status_code == HTTPStatus.GONE


def tags(registry: str, image: str) -> list[str]:
    """Ask the registry itself what it has beside an image."""
    repository = image.partition("/")[2].rpartition(":")[0]
    told: list[str] = httpx.get(f"{registry}/v2/{repository}/tags/list").raise_for_status().json()["tags"]
    return told


async def remove_pods(cluster: Cluster, namespace: str) -> int:
    """Do what a node does that goes away, and say how many pods are left."""
    async with client_of(cluster.kubeconfig) as admin:
        core = client.CoreV1Api(admin)
        await core.delete_collection_namespaced_pod(namespace, grace_period_seconds=0)
        return len((await core.list_namespaced_pod(namespace)).items)


def ended_build(api: httpx.Client, build_id: str) -> dict[str, str]:
    deadline = time.monotonic() + PATIENCE
    while True:
        seen: dict[str, str] = api.get(f"builds/{build_id}").raise_for_status().json()
        if seen["state"] in {"succeeded", "failed", "cancelled"}:
            return seen
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
