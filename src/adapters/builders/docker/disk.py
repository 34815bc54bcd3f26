"""How much space there is where the engine keeps images."""

from __future__ import annotations

import asyncio
import os

from repo2docker_service.adapters.engine.connection import EngineConnection


async def free_disk(engine: EngineConnection) -> int | None:
    """Give the bytes that are free in the engine's folder, or None where it is not to be seen.

    Where files run out before bytes do, what is free is the same share of the disk as of the files that it can have.

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
        found = await asyncio.to_thread(os.statvfs, folder)
    except OSError:
        return None
    return free_of(found)


def free_of(found: os.statvfs_result) -> int:
    """Give the bytes that are free on a disk, counting what it can have of bytes or of files, whichever is scarcer."""
    free = found.f_bavail * found.f_frsize
    if not found.f_files:  # without a table of files, as btrfs
        return free
    return min(free, found.f_blocks * found.f_frsize * found.f_favail // found.f_files)
