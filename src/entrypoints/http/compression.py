"""Compresses an answer while it is sent."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

_GZIP: Final = 31
"""zlib's name for a gzip header around the largest window."""
LEVEL: Final = 3
"""Logs shrink tenfold and lists fivefold at any level; the time that a higher one takes would be everybody's."""


async def gzipped(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give the pieces compressed, each as soon as it is worth a write."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    async with aclosing(pieces) as source:
        async for piece in source:
            if packed := packer.compress(piece):
                yield packed
    yield packer.flush()
