"""How much space there is where the engine keeps images."""

from __future__ import annotations

import asyncio
import shutil

from repo2docker_service.adapters.engine.connection import EngineConnection


async def free_disk(engine: EngineConnection) -> int | None:
    """Give the bytes that are free in the engine's folder, or None where it is not to be seen.

    The engine itself does not tell. A folder of that path is taken for its own only where the engine is reached by a
    socket of this machine.

    Raises:
        BuilderUnavailable: the engine does not answer.
    """
    if not engine.url.startswith("unix://"):
        return None
    with engine.errors(), engine.refusals():
        folder = (await engine.json("info"))["DockerRootDir"]
    try:
        return (await asyncio.to_thread(shutil.disk_usage, folder)).free
    except OSError:
        return None
