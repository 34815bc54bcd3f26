"""What the engine keeps of the steps of builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.retention.retention import SpareCache

_MINUTES: Final = 600.0
"""Seconds that the engine may take: it goes through many thousands of steps, one after the other."""


@dataclass(frozen=True)
class BuildCache:
    """Bounds an engine's build cache, which is that of everybody who builds there."""

    engine: EngineConnection
    limit: int
    """Bytes that are kept at most; 0 leaves it alone."""

    async def spare(self) -> SpareCache | None:
        """Say what is kept beyond the limit."""
        if not self.limit:
            return None
        with self.engine.errors(), self.engine.refusals():
            # Older engines know no type, and tell of everything.
            told = await self.engine.json("system/df", within=_MINUTES, type="build-cache", verbose="true")
        # What images share is theirs: pruning frees nothing of it, and the engine does not count it either.
        steps = [step for step in _steps(told) if not step["Shared"]]
        too_much = sum(step["Size"] for step in steps) - self.limit
        return SpareCache(too_much, _oldest(steps)) if too_much > 0 else None

    async def prune(self) -> int:
        """Remove what was used least lately until the limit is kept; give the bytes that are free now."""
        if not self.limit:
            return 0  # to the engine that would mean to remove everything
        # The second name is that of newer engines.
        limits = {"keep-storage": str(self.limit), "reserved-space": str(self.limit)}
        with self.engine.errors(), self.engine.refusals():
            told = await self.engine.post("build/prune", within=_MINUTES, **limits)
        return int(told["SpaceReclaimed"])


def _steps(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    # Engines of today (version 1.53 of their interface) tell them in another place, which is left out where none are.
    return told.get("BuildCache") or (told.get("BuildCacheUsage") or {}).get("Items") or ()


def _oldest(steps: Sequence[Mapping[str, Any]]) -> datetime:
    return min(datetime.fromisoformat(step.get("LastUsedAt") or step["CreatedAt"]) for step in steps)
