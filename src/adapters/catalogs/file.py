"""A catalog in a file, read again when it has changed."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from repo2docker_service.adapters.catalogs.reading import BadCatalog, read_catalog
from repo2docker_service.domain.curation.catalog import CatalogEntry

_LARGEST: Final = 1 << 20
_Mark = tuple[int, int, int] | None


class CatalogFile:
    """Implements :class:`~repo2docker_service.domain.ports.Catalog` with a YAML file.

    While it is open as a context manager, the file is looked at in a thread now and then, however many ask. What cannot
    be read leaves what was said before, with a warning.

    Args:
        path: the file.
        profiles: slugs of the profiles that entries may name.
        log: is told of changes, and of what cannot be read.
        interval: seconds between two looks.

    Raises:
        BadCatalog: it cannot be read now.
    """

    def __init__(
        self,
        path: Path,
        profiles: Collection[str],
        log: logging.Logger | logging.LoggerAdapter[logging.Logger],
        interval: float = 1.0,
    ) -> None:
        self._path = path.absolute()
        self._profiles = profiles
        self._log = log
        self._interval = interval
        self._told = ""
        self._task: asyncio.Task[None] | None = None
        self._mark, self._entries = self._read()

    def entries(self) -> Sequence[CatalogEntry]:
        """Give what the file said when it could be read last."""
        return self._entries

    async def __aenter__(self) -> Self:
        """Begin to look at the file."""
        self._task = asyncio.create_task(self._look(), name="look at the catalog")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await asyncio.to_thread(self._refresh)

    def _refresh(self) -> None:
        mark = self._marked()
        if mark == self._mark and mark is not None:
            return
        try:
            self._mark, self._entries = self._read()
        except BadCatalog as error:
            # Not read again before it changes; one that is missing is looked for all the time, and told of once.
            self._mark = mark
            if str(error) != self._told:
                self._log.warning("%s What it said before stays.", error)
            self._told = str(error)
        else:
            self._told = ""
            self._log.info("The catalog %s was read: %s entries.", self._path, len(self._entries))

    def _marked(self) -> _Mark:
        try:
            return _mark(self._path.stat())
        except OSError:
            return None

    def _read(self) -> tuple[_Mark, Sequence[CatalogEntry]]:
        try:
            with self._path.open("rb") as file:
                mark = _mark(os.fstat(file.fileno()))
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise BadCatalog(f"The catalog {self._path} cannot be read: {error.strerror}.") from None
        if len(content) > _LARGEST:
            raise BadCatalog(f"The catalog {self._path} is larger than 1 MiB.")
        try:
            return mark, read_catalog(content, self._profiles)
        except BadCatalog as error:
            raise BadCatalog(f"The catalog {self._path} cannot be used: {error}") from None


def _mark(status: os.stat_result) -> _Mark:
    """What differs once a file has changed; one that is mounted is changed by a link to another file."""
    return status.st_mtime_ns, status.st_size, status.st_ino
