"""Several streams as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, TypeVar, cast

from repo2docker_service.domain.streams.closing import close

T = TypeVar("T")
U = TypeVar("U")

_END: Final = object()


async def merge(leading: AsyncIterator[T], other: AsyncIterator[U]) -> AsyncIterator[T | U]:
    """Give the items of both as they come, until the leading one ends; then close both.

    At most one item of each is held, so a slow reader slows both. An error of either is raised.
    """
    steps: dict[asyncio.Task[object], AsyncIterator[Any]] = {_step(leading): leading, _step(other): other}
    try:
        while True:
            done, _ = await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
            for step in done:
                source = steps.pop(step)
                item = step.result()
                if item is not _END:
                    yield cast("T | U", item)
                    steps[_step(source)] = source
                elif source is leading:
                    return
    finally:
        for step in steps:
            step.cancel()
        await asyncio.gather(*steps, return_exceptions=True)
        for source in (leading, other):
            await close(source)


def _step(items: AsyncIterator[Any]) -> asyncio.Task[object]:
    async def step() -> object:
        return await anext(items, _END)

    return asyncio.create_task(step())
