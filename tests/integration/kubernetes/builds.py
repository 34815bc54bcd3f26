"""What tests of the Kubernetes builder share: builders with test settings, and repositories that pods reach."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.integration.docker_builds import Repositories
from tests.integration.kubernetes.clusters import Cluster, Namespace
from tools.parts.git_server import GitServer
from tools.service import configured

from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.installation import Installation


@dataclass(frozen=True)
class Site:
    """One installation in a cluster."""

    namespace: Namespace
    socket: str
    """Path of an engine's socket on the nodes."""
    image: str
    installation: Installation
    repositories: Repositories

    def builder(self, **traits: Any) -> KubernetesImageBuilder:
        """Make a builder with nothing special about it."""
        chosen = {
            "kubeconfig": str(self.namespace.kubeconfig),
            "namespace": self.namespace.name,
            "repo2docker_image": self.image,
            "socket": self.socket,
            "concurrency": 1,
            "builder_memory_limit": 2**29,
            "memory_request": "32Mi",
            "cpu_request": "10m",
        }
        return KubernetesImageBuilder(installation=self.installation, **(chosen | traits))

    def registry(self, place: str, password: str) -> V2Registry:
        """Give the registry there as Ada knows it, and nothing of it from memory."""
        return V2Registry(
            installation=self.installation,
            url=f"http://{place}",
            username="ada",
            password=password,
            insecure=True,
            refresh_seconds=0.0,
        )


def service_settings(site: Site, registry: str, **builder: Any) -> str:
    """Write the configuration of a service that builds in the cluster and pushes to a registry at this place."""
    chosen = {
        "kubeconfig": str(site.namespace.kubeconfig),
        "namespace": site.namespace.name,
        "repo2docker_image": site.image,
        "socket": site.socket,
    }
    return configured(
        {
            "Repo2DockerService": {
                "image_builder": "kubernetes",
                "registry": "v2",
                "archive_logs": True,
                "instance": site.installation.instance,
                "image_prefix": site.installation.image_prefix,
            },
            "KubernetesImageBuilder": chosen | builder,
            "V2Registry": {"url": f"http://{registry}", "insecure": True},
            "GitSourceResolver": {"allow_private_networks": True},
        }
    )


@contextmanager
def reached(cluster: Cluster, git: GitServer) -> Iterator[GitServer]:
    """Give the git server by an address that holds in pods, too."""
    with cluster.reaches(urlsplit(git.url).port or 0) as place:
        yield replace(git, url=f"http://{place}/")


def engine_socket(cluster: Cluster) -> str:
    """Give the path of an engine's socket on the cluster's nodes; that of a given cluster is in CLUSTER_SOCKET."""
    if cluster.node is not None:
        return cluster.node.engine_url.removeprefix("unix://")
    if "CLUSTER_SOCKET" not in os.environ:
        pytest.skip("CLUSTER_SOCKET does not tell where a Docker engine listens on the nodes")
    return os.environ["CLUSTER_SOCKET"]
