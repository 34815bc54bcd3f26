"""A cluster that tests run in, and a namespace of it in which somebody has few rights."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes_asyncio import client, config
from tests.integration.chart.manifests import BUILDS, render
from tools.kubernetes import cluster, images
from tools.kubernetes.forward import forwarded
from tools.kubernetes.node import Node
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

ACCOUNT = "repo2docker"
TOKEN_SECONDS = 7200


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs."""

    kubeconfig: Path
    """With the rights of an administrator."""
    host: str
    """The address of this machine that pods reach."""
    node: Node | None
    """What can be killed and started again; None for a cluster that was given."""

    def reaches(self, port: int) -> AbstractContextManager[str]:
        """Let pods reach a server of this machine's loopback interface; give its address, which holds here, too."""
        return forwarded(port, self.host)

    def take(self, image: str, engine: Engine) -> None:
        """Bring an image of an engine into a cluster of ours; a given one has it already."""
        if self.node is not None:
            images.copy(DockerApi(engine.url), self.node.docker(), image)


@contextmanager
def shared_cluster() -> Iterator[Cluster]:
    """Give the cluster that KUBECONFIG leads to, or else the one that all runs of this machine share.

    What the tests use of a given one must be in it: the images that have no registry, and, in CLUSTER_HOST, the address
    at which its pods reach this machine.
    """
    if given := os.environ.get("KUBECONFIG"):
        yield Cluster(Path(given), os.environ["CLUSTER_HOST"], None)
        return
    with cluster.running() as node:
        yield Cluster(node.kubeconfig, node.host_ip, node)


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """Give a cluster that no other run uses, whatever KUBECONFIG says."""
    with cluster.own() as node:
        yield Cluster(node.kubeconfig, node.host_ip, node)


@asynccontextmanager
async def client_of(kubeconfig: Path) -> AsyncIterator[client.ApiClient]:
    """Give a client that acts as who a kubeconfig names."""
    settings = client.Configuration()
    await config.load_kube_config(str(kubeconfig), client_configuration=settings)
    async with client.ApiClient(settings) as api:
        yield api


@dataclass(frozen=True)
class Namespace:
    """A namespace, and a kubeconfig of the one account that may do something in it."""

    name: str
    kubeconfig: Path


@asynccontextmanager
async def namespace_of(cluster: Cluster, folder: Path) -> AsyncIterator[Namespace]:
    """Make a namespace in which an account has the rights of the service, and remove it with all it holds."""
    name = f"t{secrets.token_hex(6)}"
    async with client_of(cluster.kubeconfig) as admin:
        core = client.CoreV1Api(admin)
        await core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
        try:
            await _allow(admin, name)
            made = Namespace(name, folder / f"{name}.conf")
            made.kubeconfig.write_text(await kubeconfig_of(ACCOUNT, name, cluster, admin))
            yield made
        finally:
            await core.delete_namespace(name)


def rules_of_the_chart() -> list[client.V1PolicyRule]:
    """Give what the chart lets the service do in the namespace of its builds."""
    return [
        client.V1PolicyRule(api_groups=each["apiGroups"], resources=each["resources"], verbs=each["verbs"])
        for each in render().the("Role", BUILDS)["rules"]
    ]


async def _allow(admin: client.ApiClient, namespace: str) -> None:
    named = client.V1ObjectMeta(name=ACCOUNT)
    core, rbac = client.CoreV1Api(admin), client.RbacAuthorizationV1Api(admin)
    await core.create_namespaced_service_account(namespace, client.V1ServiceAccount(metadata=named))
    await rbac.create_namespaced_role(namespace, client.V1Role(metadata=named, rules=rules_of_the_chart()))
    role = client.V1RoleRef(api_group="rbac.authorization.k8s.io", kind="Role", name=ACCOUNT)
    account = client.RbacV1Subject(kind="ServiceAccount", name=ACCOUNT, namespace=namespace)
    binding = client.V1RoleBinding(metadata=named, role_ref=role, subjects=[account])
    await rbac.create_namespaced_role_binding(namespace, binding)


async def kubeconfig_of(account: str, namespace: str, cluster: Cluster, admin: client.ApiClient) -> str:
    """Give a kubeconfig with the rights of an account and no others: the administrator's, with another user."""
    wish = client.AuthenticationV1TokenRequest(
        spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=TOKEN_SECONDS)
    )
    made = await client.CoreV1Api(admin).create_namespaced_service_account_token(account, namespace, wish)
    told: dict[str, Any] = yaml.safe_load(cluster.kubeconfig.read_text())
    current = next(each for each in told["contexts"] if each["name"] == told["current-context"])
    current["context"] |= {"user": account, "namespace": namespace}
    users = [{"name": account, "user": {"token": made.status.token}}]
    return json.dumps(told | {"contexts": [current], "users": users})
