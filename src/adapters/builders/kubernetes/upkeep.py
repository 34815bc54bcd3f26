"""What a builder tells of images on the cluster's nodes, of which it knows little."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from repo2docker_service.adapters.builders.kubernetes.store import JobStore
from repo2docker_service.domain.retention import LocalCopy


class Upkeep:
    """Part of the builder, which makes what is needed here."""

    _store: JobStore
    server_namespaces: Sequence[str]

    async def copies(self) -> Sequence[LocalCopy]:
        """Give nothing: what is on nodes is theirs to keep and remove."""
        return []

    async def drop_copy(self, copy: LocalCopy) -> bool:  # noqa: ARG002
        """Leave nodes to their own collection."""
        return False

    async def used_images(self) -> Collection[str]:
        """Give what pods are made of, in the namespaces where servers are."""
        found: set[str] = set()
        for namespace in self.server_namespaces:
            pods, _ = await self._store.list(f"/api/v1/namespaces/{namespace}/pods", {})
            for pod in pods:
                statuses = pod.get("status", {}).get("containerStatuses") or ()
                found.update(each["image"] for each in pod["spec"]["containers"])
                found.update(each.get("imageID", "").removeprefix("docker-pullable://") for each in statuses)
        return found - {""}

    async def check(self) -> None:
        """Ask the cluster whether it answers."""
        await self._store.cluster.json("GET", self._store.jobs(), query={"limit": "1"})
