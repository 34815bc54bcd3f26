"""How far running builds are, from the ends of their logs: a memory that may be lost."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.adapters.builders.kubernetes.connection import Refused
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, PUSHER
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import JobStore
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Progress
from repo2docker_service.domain.progress import advance

_FIRST_TAIL: Final = "20000"
_TAIL: Final = "1000"
"""Lines: of a build of which no step was seen yet, and of others."""
_FRESH: Final = 2.0
"""Seconds for which a look holds, however many ask."""
_LONGEST: Final = 2.0
"""Seconds that a look may take: whoever asks for builds does not wait for a node that does not answer."""


@dataclass
class ProgressReader:
    """Remembers the furthest that this process has seen each build."""

    store: JobStore
    known: dict[str, Progress] = field(default_factory=dict)
    _looked: dict[str, float] = field(default_factory=dict)

    async def look(self, work: Work) -> None:
        """See how far a build is that runs, or how far one came that has ended, where that can be read."""
        loop, pod = asyncio.get_running_loop(), work.pod
        if pod is None or not pod.begun or loop.time() - self._looked.get(work.id, -math.inf) < _FRESH:
            return
        # For as long as this takes nobody else looks, and after the end nobody has to.
        self._looked[work.id] = math.inf
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST):
                    for name, container in ((BUILDER, pod.builder), (PUSHER, pod.pusher)):
                        if container.started_at is not None:
                            await self._read(work.id, pod.name, name)
        finally:
            if not work.state.ended:
                self._looked[work.id] = loop.time()

    async def _read(self, build_id: str, pod: str, container: str) -> None:
        known = self.known.get(build_id, Progress())
        query = {"container": container, "tailLines": _TAIL if known.steps else _FIRST_TAIL}
        with suppress(Refused, BuilderUnavailable):
            with self.store.cluster.errors():
                path = self.store.things("pods", f"{pod}/log")
                async with self.store.cluster.stream(path, query, _LONGEST) as response:
                    lines = (await response.read()).decode("utf-8", "replace").split("\n")
            self.known[build_id] = advance(known, lines)

    def forget(self, build_id: str) -> None:
        """Forget a build that is gone."""
        self.known.pop(build_id, None)
        self._looked.pop(build_id, None)
