"""All builds of which something is left: those that their builder has, and those that only the archive has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE, LogArchive
from repo2docker_service.domain.errors import BuildNotFound, LogCollected
from repo2docker_service.domain.models import Build, LogChunk
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.domain.streams.closing import close


@dataclass(frozen=True)
class KeptBuilds:
    """Asks the builder, and the archive for what the builder has not any more."""

    builder: ImageBuilder
    archive: LogArchive = NO_ARCHIVE

    async def get(self, build_id: str) -> Build:
        """Give a build as it is now, or as it ended.

        Raises:
            BuildNotFound: neither has it.
            RegistryUnavailable: the builder has it not, and the archive does not answer.
        """
        try:
            return await self.builder.get(build_id)
        except BuildNotFound:
            archived = await self.archive.find(build_id)
            if archived is None:
                raise
            return archived

    def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncIterator[LogChunk]:
        """Read a log as the builder's port says; goes on in the archive where the builder's ends because it is gone.

        Raises:
            BadCursor: the builder gave out no such cursor, nor did the archive; raised by the call itself.
            BuildNotFound: neither has it.
            LogCollected: the builder has the build without its log, and the archive has neither.
        """
        return self._read(build_id, after, self.builder.read_log(build_id, after, follow=follow))

    async def _read(self, build_id: str, after: str, lines: AsyncIterator[LogChunk]) -> AsyncIterator[LogChunk]:
        try:
            async for chunk in lines:
                yield chunk
                after = chunk.cursor
        except (BuildNotFound, LogCollected) as gone:
            await close(lines)
            try:
                lines = self.archive.read(build_id, after)
                async for chunk in lines:
                    yield chunk
            except BuildNotFound:
                raise gone from None
        finally:
            await close(lines)

    async def forget(self, build_id: str) -> None:
        """Remove record and log of a build that has ended, wherever they are.

        Raises:
            BuildNotFound: neither has it (any more).
            BuildActive: it has not ended.
            DeletionRefused: the builder has removed it, and the archive cannot.
        """
        try:
            await self.builder.forget(build_id)
        except BuildNotFound:
            if not await self.archive.remove(build_id):
                raise
        else:
            # Only now: whoever archives what has ended must not find it any more.
            await self.archive.remove(build_id)
