"""Runs the service's command with a task beside it that notes how late the event loop is, and how many tasks there are.

The folder to write to is in an environment variable. No code of the service is changed: the task begins with the
server that the service runs on.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import uvicorn

from repo2docker_service.entrypoints.cli import main

VARIABLE = "R2D_PROBE"
SAMPLE = 0.01
"""Seconds from one sample to the next."""
PER_LINE = 100
"""Samples in each line of the file."""

_startup = uvicorn.Server.startup
_tasks: set[asyncio.Task[None]] = set()


async def probe(file: Path) -> None:
    """Write a line each second: how many tasks there are but this one, and all lags in milliseconds."""
    loop = asyncio.get_running_loop()
    with file.open("a") as output:
        while True:
            lags = []
            for _ in range(PER_LINE):
                begun = loop.time()
                await asyncio.sleep(SAMPLE)
                lags.append((loop.time() - begun - SAMPLE) * 1000)
            print(len(asyncio.all_tasks()) - 1, *(f"{lag:.1f}" for lag in lags), file=output, flush=True)


async def startup(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
    """Start as ever, and begin the task."""
    await _startup(self, sockets)
    _tasks.add(asyncio.create_task(probe(Path(os.environ[VARIABLE]))))


if __name__ == "__main__":
    uvicorn.Server.startup = startup  # type: ignore[method-assign]
    sys.exit(main())
