"""The cache's file, in SQL. Whatever is in it can be asked of the registry again."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from repo2docker_service.adapters.registries.v2.protocol.manifests import Kind, Summary

SCHEMA: Final = 2
"""Raised whenever more is kept of an image than before, too: a digest that is known is not asked for again."""
_CREATE: Final = """
DROP TABLE IF EXISTS image; DROP TABLE IF EXISTS tag; DROP TABLE IF EXISTS meta;
CREATE TABLE image (
    digest TEXT PRIMARY KEY, media_type TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, created TEXT,
    labels TEXT NOT NULL, config_digest TEXT NOT NULL, used_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX image_used ON image (used_at);
CREATE TABLE tag (
    repository TEXT, tag TEXT, digest TEXT NOT NULL, checked_at REAL NOT NULL, PRIMARY KEY (repository, tag)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_PATIENCE: Final = 2.0
"""Seconds to wait while another process writes."""


class TagRow(NamedTuple):
    """What a tag pointed to when it was looked at."""

    repository: str
    tag: str
    digest: str
    """Empty when there was no such tag."""
    checked_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was learnt, to be written down at once."""

    summaries: Sequence[Summary] = ()
    tags: Sequence[TagRow] = ()
    as_of: datetime | None = None
    """When all of it was true, if it is all there is."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that was written down."""

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    tags: Sequence[TagRow] = ()
    as_of: datetime | None = None


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, or make it; nobody else on the machine may read it.

    Raises:
        sqlite3.Error, OSError: it cannot be used.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, identity: str) -> bool:
    """Make the tables unless they are there for this very registry and installation; say whether they are new."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA and belongs(connection, identity):
            return False
        for statement in _CREATE.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('identity', ?)", (_of_this_schema(identity),))
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    return True


def belongs(connection: sqlite3.Connection, identity: str) -> bool:
    """Whether the tables are those of this registry and installation, and of a release that keeps the same."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
    return row is not None and str(row[0]) == _of_this_schema(identity)


def _of_this_schema(identity: str) -> str:
    # Processes of the release before look at this alone before they write, while all are replaced one by one.
    return f"{identity} {SCHEMA}"


def read(connection: sqlite3.Connection) -> Contents:
    """Read everything.

    Raises:
        ValueError, TypeError: there are values in it that this program did not write.
    """
    summaries = {row[0]: _summary(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM image")}  # noqa: S608
    tags = [TagRow(*row) for row in connection.execute("SELECT repository, tag, digest, checked_at FROM tag")]
    row = connection.execute("SELECT value FROM meta WHERE key = 'as_of'").fetchone()
    return Contents(summaries, tags, datetime.fromisoformat(row[0]) if row else None)


def read_summary(connection: sqlite3.Connection, digest: str) -> Summary | None:
    """Read one summary."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM image WHERE digest = ?", (digest,)).fetchone()  # noqa: S608
    return _summary(row) if row else None


def read_repositories(connection: sqlite3.Connection) -> set[str]:
    """Read the names of all repositories with tags."""
    return {repository for (repository,) in connection.execute("SELECT DISTINCT repository FROM tag")}


def write(connection: sqlite3.Connection, batch: Batch, most: int) -> None:
    """Write down what was learnt, and drop the summaries beyond so many that were of no use for longest."""
    present = [row for row in batch.tags if row.digest]
    gone = [(row.repository, row.tag, row.checked_at) for row in batch.tags if not row.digest]
    connection.executemany(
        "INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", map(_image_row, batch.summaries)
    )
    # Another process may have looked later and written earlier.
    connection.executemany(
        "INSERT INTO tag VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest,"
        " checked_at = excluded.checked_at WHERE excluded.checked_at >= tag.checked_at",
        present,
    )
    connection.executemany("DELETE FROM tag WHERE repository = ? AND tag = ? AND checked_at <= ?", gone)
    used = [(row.checked_at, row.digest) for row in present]
    connection.executemany("UPDATE image SET used_at = ? WHERE digest = ?", used)
    if batch.as_of is not None:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('as_of', ?)", (batch.as_of.isoformat(),))
    connection.execute(
        "DELETE FROM image WHERE digest IN (SELECT digest FROM image ORDER BY used_at DESC LIMIT -1 OFFSET ?)", (most,)
    )


_COLUMNS: Final = "digest, media_type, kind, size, created, labels, config_digest"


def _image_row(summary: Summary) -> tuple[str, str, str, int, str | None, str, str, float]:
    created = summary.created.isoformat() if summary.created else None
    labels = json.dumps(dict(summary.labels))
    return (
        summary.digest,
        summary.media_type,
        summary.kind.value,
        summary.size,
        created,
        labels,
        summary.config_digest,
        time.time(),
    )


def _summary(row: tuple[str, str, str, int, str | None, str, str]) -> Summary:
    digest, media_type, kind, size, created, labels, config_digest = row
    time_ = datetime.fromisoformat(created).astimezone(UTC) if created else None
    return Summary(digest, media_type, Kind(kind), int(size), time_, dict(json.loads(labels)), config_digest)
