"""What a builder tells of the space that it takes on its engine, and lets go of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from repo2docker_service.adapters.builders.docker.cache import BuildCache
from repo2docker_service.adapters.builders.docker.copies import LocalCopies
from repo2docker_service.adapters.builders.docker.disk import free_disk
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.retention.retention import LocalCopy, SpareCache


class Upkeep:
    """Part of the builder, which makes what is needed here."""

    _engine: EngineConnection
    _cache: BuildCache
    _copies: LocalCopies

    async def free_disk(self) -> int | None:
        """Give the bytes that are free where the engine keeps images."""
        return await free_disk(self._engine)

    async def copies(self) -> Sequence[LocalCopy]:
        """Give what the engine has of this installation's images."""
        return await self._copies.list()

    async def drop_copy(self, copy: LocalCopy) -> bool:
        """Remove a copy that nothing runs from."""
        return await self._copies.drop(copy)

    async def used_images(self) -> Collection[str]:
        """Give all that images are called of which there is a container."""
        return await self._copies.used()

    async def spare_cache(self) -> SpareCache | None:
        """Say what the engine's build cache is beyond its limit."""
        return await self._cache.spare()

    async def prune_cache(self) -> int:
        """Have the engine's build cache cut to its limit."""
        return await self._cache.prune()
