"""Which codings a reader takes, and one that is made while it is sent."""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

_GZIP: Final = 31
"""zlib's name for a gzip header around the largest window."""
LEVEL: Final = 3
"""Logs shrink tenfold and lists fivefold at any level; the time that a higher one takes would be everybody's."""
_QUALITY: Final = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)


def best_coding(accept_encoding: str, offered: Sequence[str]) -> str:
    """Give the coding of those offered that a reader likes best (RFC 9110, section 12.5.3); empty for none at all.

    Of those that are liked equally well the first one is given, and none at all only where that is liked better.
    """
    likes = _likes(accept_encoding)
    # What is named goes before what is meant by all others.
    liked = {coding: likes.get(coding, likes.get("*", 0.0)) for coding in offered}
    best = max(liked, key=liked.__getitem__, default="")
    return best if best and liked[best] > 0 and liked[best] >= likes.get("identity", 0.0) else ""


def _likes(accept_encoding: str) -> dict[str, float]:
    likes: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, *parameters = part.replace(" ", "").split(";")
        qualities = [float(found[1]) for word in parameters if (found := _QUALITY.fullmatch(word))]
        likes[name.removeprefix("x-")] = min(qualities, default=1.0)
    return likes


async def gzipped(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give the pieces compressed, each as soon as it is worth a write."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    async with aclosing(pieces) as source:
        async for piece in source:
            if packed := packer.compress(piece):
                yield packed
    yield packer.flush()
