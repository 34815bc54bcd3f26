"""What the inventory asks of a registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary


class Asks(Protocol):
    """The calls of a registry's client; each raises a ``RegistryError`` when there is no answer."""

    async def ping(self) -> None:
        """See whether the registry answers and knows us."""
        ...

    async def repositories(self, prefix: str) -> Sequence[str]:
        """List the repositories of a prefix."""
        ...

    async def tags(self, repository: str) -> Sequence[str]:
        """List the tags of a repository."""
        ...

    async def digest(self, repository: str, reference: str) -> str | None:
        """Give what a tag points to, or None."""
        ...

    async def summary(self, repository: str, digest: str) -> Summary:
        """Give what a manifest is of."""
        ...

    async def tagged(self, repository: str, tag: str) -> Summary | None:
        """Give what the manifest that a tag points to is of, or None."""
        ...

    async def layers(self, repository: str, digest: str) -> Sequence[str]:
        """Give the digests of an image's layers."""
        ...

    async def gives(self, repository: str, digest: str) -> bool:
        """Say whether a blob can be read."""
        ...

    async def delete_logs(self, repository: str, digest: str) -> None:
        """Delete what of ours belongs to a manifest."""
        ...

    async def delete(self, repository: str, reference: str) -> bool:
        """Delete a tag or a manifest; False when it was not there."""
        ...
