"""Remembers over a restart what the registry holds. Without it everything is asked again, and nothing else is lost."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from repo2docker_service.adapters.registries.v2.inventory import tables
from repo2docker_service.adapters.registries.v2.inventory.tables import Batch, Contents
from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary

T = TypeVar("T")
Log = logging.Logger | logging.LoggerAdapter[logging.Logger]

_MOST_SUMMARIES: Final = 20_000
_PATIENCE: Final = 5.0
"""Seconds to wait for others who open the file."""
# A file with damaged pages, one that is none of ours, one with values that nobody of us wrote.
_USELESS: Final = (sqlite3.DatabaseError, ValueError, TypeError)
# Others are writing for long, or nothing can be written now: the file itself is not to blame.
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL})


class ImageStore:
    """A small SQLite file of summaries and tags, which several processes may share and anybody may remove.

    No call fails because of the file: it is begun afresh, or done without, and a warning says so.

    Args:
        path: the file.
        identity: of the registry and the installation; what another one wrote is dropped.
        log: for warnings.
        most: summaries that are kept.
    """

    def __init__(self, path: Path, identity: str, log: Log, *, most: int = _MOST_SUMMARIES) -> None:
        self._path = path
        self._identity = identity
        self._log = log
        self._most = most
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._renewed = False
        self._closed = False
        # One thread, so that calls come one after the other, and the event loop never waits for a disk.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="registry-cache")

    async def open(self) -> Contents:
        """Open the file and give what is in it."""
        return await self._do(self._open, Contents())

    async def summary(self, digest: str) -> Summary | None:
        """Give what is known of a manifest, perhaps from another process."""
        return await self._do(lambda: self._use(lambda known: tables.read_summary(known, digest)), None)

    async def repositories(self) -> set[str]:
        """Give the names of all repositories that have tags, as any process has found them."""
        nothing: set[str] = set()
        return await self._do(lambda: self._use(tables.read_repositories) or nothing, nothing)

    async def save(self, batch: Batch) -> bool:
        """Write down what was learnt; False when the file is new, and would better be told everything."""
        await self._do(lambda: self._use(lambda known: self._write(known, batch)), None)
        renewed, self._renewed = self._renewed, False
        return not renewed

    async def close(self) -> None:
        """Close the file; nothing is remembered any more."""
        await self._do(self._close, None)
        self._closed = True
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[], T], otherwise: T) -> T:
        if self._closed:
            return otherwise
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            self._log.warning("The cache %s is not used now: %s", self._path, error)
            return otherwise

    def _open(self) -> Contents:
        give_up_at = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._connect()
            except _USELESS as error:
                if not _is_busy(error):
                    return self._begin_afresh(error)
                # Several processes that make the file at the same moment get into each other's way.
                if time.monotonic() > give_up_at:
                    raise
            time.sleep(0.05)

    def _begin_afresh(self, error: Exception) -> Contents:
        self._log.warning("The cache %s is begun afresh: %s", self._path, error)
        self._close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return self._connect()

    def _connect(self) -> Contents:
        self._close()
        connection = tables.connect(self._path)
        try:
            if tables.prepare(connection, self._identity):
                self._renewed = True
            contents = tables.read(connection)
        except BaseException:
            connection.close()
            raise
        self._inode = self._path.stat().st_ino
        self._connection = connection
        return contents

    def _use(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        if self._connection is None:
            return None
        if not self._is_there():
            self._open()
        try:
            return work(self._connection)
        except _USELESS as error:
            if _is_busy(error):
                raise
            self._begin_afresh(error)
            return work(self._connection)

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            if tables.belongs(connection, self._identity):
                tables.write(connection, batch, self._most)
                return
        self._log.warning("The cache %s is used for another registry or installation too: set cache_file", self._path)
        self._close()

    def _is_there(self) -> bool:
        try:
            return self._path.stat().st_ino == self._inode
        except OSError:
            return False

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", -1) & 0xFF in _BUSY
