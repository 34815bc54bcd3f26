"""What an administrator should change about an engine, as far as it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from repo2docker_service.adapters.engine.connection import EngineConnection

LIVE_RESTORE_OFF: Final = (
    "The engine's live-restore is off: when the engine is restarted or upgraded, everything that runs on it ends,"
    " people's servers too. Set live-restore in its daemon.json."
)
STEPS_UNBOUNDED: Final = (
    "Steps of builds may take all memory and processors of the engine's machine. Put the engine into a control group"
    " that is bounded, then set DockerImageBuilder.run_steps_are_bounded."
)
_NO_SWARM: Final = ("", "inactive")


async def engine_warnings(engine: EngineConnection, *, run_steps_are_bounded: bool) -> Sequence[str]:
    """Ask the engine, and say what should be changed.

    Raises:
        BuilderUnavailable: the engine does not answer.
    """
    with engine.errors(), engine.refusals():
        info = await engine.json("info")
    return warnings_of(info, run_steps_are_bounded=run_steps_are_bounded)


def warnings_of(info: Mapping[str, Any], *, run_steps_are_bounded: bool) -> Sequence[str]:
    """Say what should be changed, by what the engine says of itself.

    A node of a swarm refuses live-restore, so that is not asked of it. What bounds the steps of builds no engine tells:
    it is the administrator who knows.
    """
    in_swarm = (info.get("Swarm") or {}).get("LocalNodeState", "") not in _NO_SWARM
    without = info.get("LiveRestoreEnabled") is False and not in_swarm
    return [*([LIVE_RESTORE_OFF] if without else []), *([] if run_steps_are_bounded else [STEPS_UNBOUNDED])]
