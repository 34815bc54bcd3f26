"""The cluster's word on what changes: one list, then every change, for as long as the stream of them holds."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from repo2docker_service.adapters.builders.kubernetes.connection import GONE, Refused
from repo2docker_service.adapters.builders.kubernetes.store import JobStore

_AT_MOST: Final = "300"
"""Seconds after which the server ends a stream in order; the next one begins where it ended."""
_SILENCE: Final = 330.0
"""Seconds without a word after which it did not: the connection is gone."""
_UNREAD: Final = 16 * 2**20
"""Bytes of a stream without the end of a line that are taken for no answer at all."""


@dataclass
class Watch:
    """Follows all things of one kind."""

    store: JobStore
    path: str
    listed: Callable[[Sequence[Mapping[str, Any]], str], None]
    """Called with all that there is, and the version at which it was so."""
    changed: Callable[[str, Mapping[str, Any]], None]
    """Called with the type of a change, as ``ADDED``, ``MODIFIED`` or ``DELETED``, and the thing."""
    version: str = ""

    async def list(self) -> None:
        """Take all that there is now."""
        found, version = await self.store.list(self.path, self.store.selector())
        self.listed(found, version)
        self.version = version

    async def follow(self) -> None:
        """Take changes until the stream ends, from where the last one ended, or from a list where there is none.

        Raises:
            Refused: the cluster refuses. What it says by 410, that it has forgotten the changes since, is no refusal:
                the next call begins with a list.
        """
        if not self.version:
            await self.list()
        query = {
            **self.store.selector(),
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self.version,
            "timeoutSeconds": _AT_MOST,
        }
        try:
            async with self.store.cluster.stream(self.path, query, _SILENCE) as response:
                async for event in _lines(response.content.iter_any()):
                    self._take(event)
        except Refused as refused:
            self.version = ""
            if refused.status != GONE:
                raise

    def _take(self, event: Mapping[str, Any]) -> None:
        kind, thing = event["type"], event["object"]
        if kind == "ERROR":
            raise Refused(thing.get("code", 500), thing.get("reason", ""), thing.get("message", ""))
        self.version = thing["metadata"]["resourceVersion"]
        if kind != "BOOKMARK":
            self.changed(kind, thing)


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[Mapping[str, Any]]:
    rest = b""
    async for data in pieces:
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)
        if len(rest) > _UNREAD:
            return
