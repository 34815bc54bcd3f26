"""Logs of builds in the registry, as artifacts beside the images."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from traitlets import Bool, Float, Instance, Integer
from traitlets.config import LoggingConfigurable

from repo2docker_service.adapters.archives.entries import Entry, read_entry, write_entry
from repo2docker_service.adapters.archives.pieces import DamagedPiece, StoredPiece, chunks, cut
from repo2docker_service.adapters.artifacts import ArtifactStore
from repo2docker_service.domain.errors import BuildNotFound, RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState, LogChunk, Progress
from repo2docker_service.domain.progress import advance
from repo2docker_service.domain.retention.leftovers import some_at_once
from repo2docker_service.domain.retention.retention import end_of, in_days, is_older
from repo2docker_service.domain.streams.following import line_of

_TAG: Final = "log-"


@dataclass(frozen=True, slots=True)
class _Known:
    """An entry as it was read, and the digest by which it can be told whether it is still there."""

    digest: str
    entry: Entry


class RegistryLogArchive(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.archive.log_archive.LogArchive` with artifacts of a registry.

    The log of a build that made an image belongs to that image, as one of its referrers; that of any other is in a
    repository for builds. What was read is remembered, and looked for again before it is given.
    """

    private_logs = Bool(
        False,
        help="Also archive the logs of private builds, beside the images of their owners, where the registry shows"
        " these to nobody without credentials. Whoever may pull from there can read them.",
    ).tag(config=True)
    retention_days = Float(
        365, min=0, help="Days after the end of a build for which its archived log is kept; 0 keeps it for ever."
    ).tag(config=True)
    patience_days = Float(
        7,
        min=0,
        help="Days beyond the builder's own retention for which a build is kept that cannot be archived; then it goes,"
        " and its log is lost.",
    ).tag(config=True)
    log_limit = Integer(
        2**30,
        min=2**16,
        help="Bytes of a log that are archived, before they are compressed; a last line tells of more.",
    ).tag(config=True)
    installation = Instance(Installation)

    def __init__(self, *, store: ArtifactStore, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._store = store
        self._places: dict[str, str] = {}
        self._known: dict[str, _Known] = {}

    @property
    def retention(self) -> timedelta | None:
        """Give how long the administrator wants logs kept."""
        return in_days(self.retention_days)

    @property
    def patience(self) -> timedelta:
        """Give for how long a builder waits."""
        return timedelta(days=self.patience_days)

    def wants(self, build: Build) -> bool:
        """Want what has run here, unless it is private."""
        return build.state.ended and not build.reused and (self.private_logs or not build.plan.private)

    async def put(self, build: Build, log: AsyncIterator[LogChunk]) -> bool:
        """Store a log piece by piece, and then what refers to them."""
        image = build.plan.image
        delivered = build.state is BuildState.SUCCEEDED
        # What is too old would be removed the next time, and come back with each process that begins.
        too_old = is_older(end_of(build), self.retention, datetime.now(UTC))
        if too_old or not self.wants(build) or (build.plan.private and not await self._store.guards(image)):
            return False
        repository = image.repository if delivered or build.plan.private else self._store.shared
        subject = await self._store.holds(repository, build.digest or image.tag) if delivered else ""
        if delivered and not subject:
            return False  # it went with its image
        if not await self._store.holds(repository, _tag(build.id)):
            await self._store_log(build, log, repository, subject)
        self._places[build.id] = repository
        return True

    async def _store_log(self, build: Build, log: AsyncIterator[LogChunk], repository: str, subject: str) -> None:
        began = time.monotonic()
        pieces: list[StoredPiece] = []
        progress = Progress()

        async def counted() -> AsyncIterator[LogChunk]:
            # Read from the log: each replica may have seen another part of it, and all are to write the same.
            nonlocal progress
            async for chunk in log:
                progress = advance(progress, chunk.lines)
                yield chunk

        async for piece in cut(counted(), self.log_limit):
            part = await self._store.upload(repository, piece.content)
            named = replace(part, title=f"build-{build.id}-{len(pieces) + 1:03}.log.gz")
            pieces.append(StoredPiece(named, piece.first, piece.lines, piece.length))
        entry = Entry(replace(build, progress=progress), pieces)
        config = write_entry(self.installation, entry)
        ended = (build.finished_at or build.created_at).astimezone(UTC).isoformat(timespec="seconds")
        parts = [piece.part for piece in pieces]
        digest = await self._store.attach(repository, _tag(build.id), config, parts, subject=subject, created=ended)
        self._known[build.id] = _Known(digest, entry)
        length, seconds = sum(piece.length for piece in pieces), time.monotonic() - began
        text = "Archived the log of build %s in %s: %d bytes as %d, in %.2f s"
        self.log.info(text, build.id, repository, length, entry.stored, seconds)

    async def ids(self) -> Collection[str]:
        """Ask for the tags of all repositories."""
        tags = await self._store.tags()
        self._places = {tag.removeprefix(_TAG): repository for tag, repository in tags.items()}
        self._known = {build_id: known for build_id, known in self._known.items() if build_id in self._places}
        return [*self._places]

    async def list(self) -> Sequence[Build]:
        """Read all that was not read before."""
        found = await some_at_once(self._remembered, [*await self.ids()])
        return [known.entry.build for known in found if known]

    async def _remembered(self, build_id: str) -> _Known | None:
        known = self._known.get(build_id)
        return known or await self._read(build_id, self._places.get(build_id, self._store.shared))

    async def find(self, build_id: str) -> Build | None:
        """Look where it was last, else in the repository of its image and in that for builds."""
        found = await self._find(build_id)
        return found[1].entry.build if found else None

    async def _find(self, build_id: str) -> tuple[str, _Known] | None:
        repository = self._places.get(build_id) or await self._store.repository_of(build_id) or self._store.shared
        known = await self._look(build_id, repository)
        if known is None:
            self._places.pop(build_id, None)
            return None
        self._places[build_id] = repository
        return repository, known

    async def _look(self, build_id: str, repository: str) -> _Known | None:
        known = self._known.get(build_id)
        if known and await self._store.holds(repository, _tag(build_id)) == known.digest:
            return known
        return await self._read(build_id, repository)

    async def _read(self, build_id: str, repository: str) -> _Known | None:
        self._known.pop(build_id, None)
        artifact = await self._store.fetch(repository, _tag(build_id))
        entry = read_entry(self.installation, artifact.config) if artifact else None
        if artifact is None or entry is None or entry.build.id != build_id:
            return None
        known = self._known[build_id] = _Known(artifact.digest, entry)
        return known

    async def read(self, build_id: str, after: str = "") -> AsyncIterator[LogChunk]:
        """Fetch the pieces that hold what follows, one after the other."""
        found = await self._find(build_id)
        if found is None:
            raise BuildNotFound(build_id)
        repository, known = found
        line = line_of(after)
        for piece in known.entry.pieces:
            if piece.last <= line:
                continue
            content = await self._store.read(repository, piece.part)
            try:
                for chunk in chunks(piece, content, line):
                    yield chunk
            except DamagedPiece as error:
                raise RegistryUnavailable("archive", f"it holds a damaged log ({error})") from error

    async def remove(self, build_id: str) -> bool:
        """Delete the artifact, whoever has put it there under our tag."""
        found = await self._find(build_id)
        if found is None:
            return False
        repository, _ = found
        artifact = await self._store.fetch(repository, _tag(build_id))
        gone = artifact is not None and await self._store.discard(repository, artifact)
        self._places.pop(build_id, None)
        self._known.pop(build_id, None)
        return gone


def _tag(build_id: str) -> str:
    return _TAG + build_id
