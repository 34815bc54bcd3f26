"""Compresses an answer while it is sent."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

_GZIP: Final = 31
"""zlib's name for a gzip header around the largest window."""
_LEVEL: Final = 3
"""Logs shrink tenfold at any level; the time that a higher one takes would be everybody's."""


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a reader takes gzip (RFC 9110, section 12.5.3)."""
    taken: dict[str, bool] = {}
    for part in accept_encoding.lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        taken[name] = not any(word.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for word in parameters)
    # What is named goes before what is meant by all others.
    return next((taken[name] for name in ("gzip", "x-gzip", "*") if name in taken), False)


async def gzipped(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give the pieces compressed, each as soon as it is worth a write."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    async with aclosing(pieces) as source:
        async for piece in source:
            if packed := packer.compress(piece):
                yield packed
    yield packer.flush()
