"""Does many things, so many of them at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def each(items: Sequence[T], work: Callable[[T], Awaitable[None]], workers: int) -> None:
    """Do the work on each item, in order, by so many workers rather than by a task for each.

    The first failure ends all, and nothing runs any more when this returns or raises.
    """
    remaining = iter(items)

    async def take() -> None:
        for item in remaining:
            await work(item)

    tasks = [asyncio.create_task(take()) for _ in range(min(workers, len(items)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
