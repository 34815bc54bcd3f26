"""How streams are left before their end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any


async def close(items: AsyncIterator[Any]) -> None:
    """Free what a stream holds, where it is of a kind that can be closed; ports promise no more than an iterator."""
    if isinstance(items, AsyncGenerator):
        await items.aclose()
