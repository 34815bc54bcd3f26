"""How far running builds are, from the ends of their logs: a memory that may be lost."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.docker.log_frames import Frames
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.models import Progress
from repo2docker_service.domain.progress import advance

_FIRST_TAIL: Final = "20000"
_TAIL: Final = "1000"
"""Lines: of a build of which no step was seen yet, and of others."""
_FRESH: Final = 1.0
"""Seconds for which a look holds, however many ask."""


@dataclass
class ProgressReader:
    """Remembers the furthest that this process has seen each build."""

    engine: EngineConnection
    known: dict[str, Progress] = field(default_factory=dict)
    _looked: dict[str, float] = field(default_factory=dict)

    async def look(self, work: Work) -> None:
        """See how far a build is that runs, or how far one came that has ended."""
        now = asyncio.get_running_loop().time()
        if work.builder.waiting or now - self._looked.get(work.id, -math.inf) < _FRESH:
            return
        known = self.known.get(work.id)
        tail = _TAIL if known and known.steps else _FIRST_TAIL
        # For as long as this takes nobody else looks, and after the end nobody has to.
        self._looked[work.id] = math.inf
        try:
            seen = await self._read(work.builder.id, tail, known or Progress())
            if work.pusher is not None and not work.pusher.waiting:
                seen = await self._read(work.pusher.id, tail, seen)
            self.known[work.id] = seen
        except BaseException:
            self._looked[work.id] = now
            raise
        over = work.state.ended if work.builder.card.push else work.builder.exited
        if not over:
            self._looked[work.id] = now

    async def _read(self, container: str, tail: str, seen: Progress) -> Progress:
        frames = Frames()
        flags = {"stdout": "1", "stderr": "1", "timestamps": "1", "tail": tail}
        # A build may end and be forgotten meanwhile.
        with self.engine.errors(), suppress(DockerError):
            async with self.engine.get(f"containers/{container}/logs", **flags) as response:
                async for data in response.content.iter_any():
                    seen = advance(seen, (text.decode("utf-8", "replace") for _, text in frames.feed(data)))
        return seen

    def forget(self, build_id: str) -> None:
        """Forget a build that does not run any more."""
        self.known.pop(build_id, None)
        self._looked.pop(build_id, None)
