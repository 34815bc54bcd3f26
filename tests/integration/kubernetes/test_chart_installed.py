"""The chart, installed by Helm into a cluster: what is there then, and what the service's account may do."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from kubernetes_asyncio import client
from tests.integration.chart.manifests import BUILDKIT, CHART, LEAST, MOST, render
from tests.integration.kubernetes.clusters import Cluster, client_of, kubeconfig_of, rules_of_the_chart
from tools.parts import helm

RELEASE: Final = "repo2docker-service"
KEYS: Final = f"{RELEASE}-signing-keys"
OWN_BUILDKIT: Final = {"enabled": True, "image": {"repository": "nowhere.invalid/none", "pullPolicy": "Never"}}
OF_EVERYBODY: Final = {"authentication.k8s.io", "authorization.k8s.io"}
"""API groups of which each account may ask who it is and what it may do."""
NOT_LOOKED_AT: Final = {"Namespace", "ServiceMonitor"}
"""Kinds that are in no namespace, or not in every cluster."""


@dataclass(frozen=True)
class Release:
    """What Helm has installed, and a kubeconfig of the service's account."""

    cluster: Cluster
    namespace: str
    kubeconfig: Path

    @property
    def builds(self) -> str:
        return f"{self.namespace}-builds"

    def helm(self, *words: str | Path, **values: Any) -> None:
        told = {
            **LEAST,
            "replicas": 1,
            "image": {"repository": "nowhere.invalid/none", "pullPolicy": "Never"},
            **values,
        }
        command = [*words, f"--namespace={self.namespace}"]
        done = helm.run(*command, given=json.dumps(told), kubeconfig=self.cluster.kubeconfig)
        assert done.returncode == 0, done.stderr

    def upgrade(self, **values: Any) -> None:
        self.helm("upgrade", RELEASE, CHART, "--install", "--create-namespace", "--values=-", **values)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def release(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Release]:
    """Install the chart, whose pods find no image to run."""
    made = Release(cluster, f"t{secrets.token_hex(6)}", tmp_path_factory.mktemp("release") / "service.conf")
    async with client_of(cluster.kubeconfig) as admin:
        try:
            made.upgrade()
            made.kubeconfig.write_text(await kubeconfig_of(RELEASE, made.namespace, cluster, admin))
            yield made
        finally:
            for name in (made.namespace, made.builds):
                with suppress(client.ApiException):
                    await client.CoreV1Api(admin).delete_namespace(name)


@pytest.fixture
async def service(release: Release) -> AsyncIterator[client.ApiClient]:
    """Act as the service, with its rights and no others."""
    async with client_of(release.kubeconfig) as api:
        yield api


async def rights(api: client.ApiClient, namespace: str) -> dict[str, set[str]]:
    """Ask the API server what an account may do in a namespace."""
    wish = client.V1SelfSubjectRulesReview(spec=client.V1SelfSubjectRulesReviewSpec(namespace=namespace))
    told = await client.AuthorizationV1Api(api).create_self_subject_rules_review(wish)
    return by_resource(told.status.resource_rules)


def by_resource(rules: Iterable[client.V1PolicyRule | client.V1ResourceRule]) -> dict[str, set[str]]:
    found = dict[str, set[str]]()
    for rule in rules:
        for group in set(rule.api_groups or ()) - OF_EVERYBODY:
            for resource in rule.resources or ():
                found.setdefault(f"{group}/{resource}", set()).update(rule.verbs)
    return found


async def post(api: client.ApiClient, path: str, body: object = None, **query: str) -> None:
    await api.call_api(path, "POST", query_params=list(query.items()), body=body, auth_settings=["BearerToken"])


def place(described: Mapping[str, Any], namespace: str) -> str:
    """Give the path of all objects of a kind."""
    api, kind = described["apiVersion"], described["kind"].lower()
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}es" if kind.endswith("s") else f"{kind}s"
    where = described["metadata"].get("namespace", namespace)
    return f"/{'apis' if '/' in api else 'api'}/{api}/namespaces/{where}/{plural}"


async def keys(admin: client.ApiClient, release: Release) -> dict[str, str]:
    secret = await client.CoreV1Api(admin).read_namespaced_secret(KEYS, release.namespace)
    return dict(secret.data or {})


async def certificates(admin: client.ApiClient, release: Release) -> list[dict[str, str]]:
    """Give what is in the Secrets of BuildKit and of builds."""
    core, names = client.CoreV1Api(admin), {release.namespace: "server", release.builds: "client"}
    found = [await core.read_namespaced_secret(f"{BUILDKIT}-{name}", place) for place, name in names.items()]
    return [dict(each.data or {}) for each in found]


async def test_the_service_may_do_to_builds_what_the_chart_says(release: Release, service: client.ApiClient) -> None:
    assert await rights(service, release.builds) == by_resource(rules_of_the_chart())


async def test_it_may_do_nothing_elsewhere(release: Release, service: client.ApiClient) -> None:
    elsewhere = [release.namespace, "default", "kube-system"]

    assert [await rights(service, each) for each in elsewhere] == [{}, {}, {}]


async def test_secrets_beside_the_hub_are_closed_to_it(
    release: Release, service: client.ApiClient, admin: client.ApiClient
) -> None:
    assert await keys(admin, release)

    with pytest.raises(client.ApiException) as refused:
        await keys(service, release)

    assert refused.value.status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("way", ["exec", "attach", "portforward"])
async def test_it_cannot_get_into_a_container(release: Release, service: client.ApiClient, way: str) -> None:
    with pytest.raises(client.ApiException) as refused:
        await post(service, f"/api/v1/namespaces/{release.builds}/pods/any/{way}")

    assert refused.value.status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
async def test_the_server_takes_every_object(
    release: Release, admin: client.ApiClient, values: Mapping[str, Any]
) -> None:
    version = (await client.VersionApi(admin).get_code()).git_version
    told = {**values, "fullnameOverride": "other", "builds": {"namespace": release.builds}}
    looked_at = [
        each
        for each in render(told, namespace=release.namespace, version=version).objects
        if each["kind"] not in NOT_LOOKED_AT
    ]

    assert len(looked_at) > 10
    for each in looked_at:
        await post(admin, place(each, release.namespace), each, dryRun="All")


async def test_a_new_version_keeps_the_keys_and_renews_the_quota(
    release: Release, service: client.ApiClient, admin: client.ApiClient
) -> None:
    before = await keys(admin, release)
    release.upgrade(builds={"quota": {"count/jobs.batch": "0"}})

    with pytest.raises(client.ApiException) as refused:
        await make_jobs(service, release.builds)

    assert "exceeded quota" in str(refused.value.body)
    assert await keys(admin, release) == before


async def make_jobs(api: client.ApiClient, namespace: str) -> None:
    """Make Jobs that wait, as the API server hears of a new quota a moment later."""
    pod = client.V1PodSpec(restart_policy="Never", containers=[client.V1Container(name="main", image="none")])
    waiting = client.V1JobSpec(parallelism=0, template=client.V1PodTemplateSpec(spec=pod))
    for number in range(100):
        job = client.V1Job(metadata=client.V1ObjectMeta(name=f"job-{number}"), spec=waiting)
        await client.BatchV1Api(api).create_namespaced_job(namespace, job)
        await asyncio.sleep(0.1)


async def test_a_new_version_keeps_the_certificates_of_buildkit(release: Release, admin: client.ApiClient) -> None:
    release.upgrade(buildkit=OWN_BUILDKIT)
    before = await certificates(admin, release)
    release.upgrade(buildkit=OWN_BUILDKIT, config={"Repo2DockerService": {"log_as": "text"}})

    assert await certificates(admin, release) == before


async def test_certificates_of_buildkit_are_made_anew_together(release: Release, admin: client.ApiClient) -> None:
    release.upgrade(buildkit=OWN_BUILDKIT)
    before = await certificates(admin, release)
    await client.CoreV1Api(admin).delete_namespaced_secret(f"{BUILDKIT}-client", release.builds)
    release.upgrade(buildkit=OWN_BUILDKIT)

    server, of_builds = await certificates(admin, release)
    assert server["ca.crt"] == of_builds["ca.crt"] != before[0]["ca.crt"]
    assert server["tls.crt"] != before[0]["tls.crt"]


async def test_keys_and_builds_outlive_the_release(release: Release, admin: client.ApiClient) -> None:
    release.upgrade(buildkit=OWN_BUILDKIT)
    before = await keys(admin, release)
    release.helm("uninstall", RELEASE)

    assert await keys(admin, release) == before
    assert (await client.CoreV1Api(admin).read_namespace(release.builds)).status.phase == "Active"
    assert (await client.AppsV1Api(admin).list_namespaced_deployment(release.namespace)).items == []
    claims = (await client.CoreV1Api(admin).list_namespaced_persistent_volume_claim(release.namespace)).items
    about = [each.metadata.to_dict() for each in claims]
    assert [(each["name"], each["deletion_timestamp"]) for each in about] == [(BUILDKIT, None)]
