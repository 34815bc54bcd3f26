"""Where logs and final records of builds are kept when what they were written in is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta
from typing import Protocol

from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.models import Build, LogChunk


class LogArchive(Protocol):
    """Keeps the record of ended builds with their logs, wherever they were built.

    Every method that waits raises :class:`~repo2docker_service.domain.errors.RegistryUnavailable` when the archive does
    not answer, or refuses.
    """

    @property
    def retention(self) -> timedelta | None:
        """How long they are kept, from the end of the build, or None for as long as the archive lasts."""
        ...

    @property
    def patience(self) -> timedelta:
        """For how much longer a builder keeps what could not be archived."""
        ...

    def wants(self, build: Build) -> bool:
        """Whether a build of this kind belongs here. Cheap, and asks nobody."""
        ...

    async def put(self, build: Build, log: AsyncIterator[LogChunk]) -> bool:
        """Keep an ended build with its whole log, and say whether it is here; what is here already stays as it is.

        Two who do so at the same time do no harm. The log is not read where that is not needed.

        Args:
            build: as it ended.
            log: all of its lines, from the first.
        """
        ...

    async def ids(self) -> Collection[str]:
        """Give the ids of all builds that are here; cheaper than :meth:`list`."""
        ...

    async def list(self) -> Sequence[Build]:
        """Give all builds that are here, in no order."""
        ...

    async def find(self, build_id: str) -> Build | None:
        """Give a build as it ended, or None when it is not here, or was not put here by this installation."""
        ...

    def read(self, build_id: str, after: str = "") -> AsyncIterator[LogChunk]:
        """Read a log in order from its start, or after a cursor of any builder's; cursors here are numbers of lines.

        Raises:
            BuildNotFound: it is not here.
        """
        ...

    async def remove(self, build_id: str) -> bool:
        """Remove a build with its log, and say whether it was here.

        Raises:
            DeletionRefused: nothing can be deleted here, or not by this service.
        """
        ...


class NoArchive:
    """Implements :class:`LogArchive` where nothing is archived."""

    retention: timedelta | None = None
    patience = timedelta()

    def wants(self, build: Build) -> bool:  # noqa: ARG002
        """Want none."""
        return False

    async def put(self, build: Build, log: AsyncIterator[LogChunk]) -> bool:  # noqa: ARG002
        """Keep none."""
        return False

    async def ids(self) -> Collection[str]:
        """Give none."""
        return ()

    async def list(self) -> Sequence[Build]:
        """Give none."""
        return ()

    async def find(self, build_id: str) -> Build | None:  # noqa: ARG002
        """Find none."""
        return None

    def read(self, build_id: str, after: str = "") -> AsyncIterator[LogChunk]:  # noqa: ARG002
        """Read none."""
        raise BuildNotFound(build_id)

    async def remove(self, build_id: str) -> bool:  # noqa: ARG002
        """Remove none."""
        return False


NO_ARCHIVE: LogArchive = NoArchive()
