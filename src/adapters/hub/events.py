"""Server-sent events, as the hub writes them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

LONGEST_EVENT: Final = 1 << 16


async def data_of_events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Give the data of each event in turn, however its bytes are cut into pieces.

    Raises:
        ValueError: an event is longer than this service wants to keep.
    """
    rest, data = b"", b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            words = line.removesuffix(b"\r")
            if words.startswith(b"data:"):
                data += words.removeprefix(b"data:").removeprefix(b" ")
            elif not words and data:
                yield data
                data = b""
        if len(rest) + len(data) > LONGEST_EVENT:
            raise ValueError("an event is too long")
