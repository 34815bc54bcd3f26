"""A log cut into pieces, each compressed by itself, so that neither writing nor reading needs all of it in memory."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.artifacts import Part
from repo2docker_service.domain.models import LogChunk

_PIECE: Final = 4 << 20
"""Bytes after which a piece ends with its line."""
_LINES: Final = 500
"""Lines of a chunk that is read back."""
_LEVEL: Final = 6
_LEFT_OUT: Final = "[{} more bytes of this log were not archived.]"


class DamagedPiece(Exception):
    """A piece is not what was written."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a log as they are stored. Put together in order, they are the whole log compressed by gzip."""

    first: int
    """Number of the first line, from 1."""
    lines: int
    length: int
    """Bytes before they were compressed."""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """Where a piece is."""

    part: Part
    first: int
    lines: int
    length: int

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.first + self.lines - 1


async def cut(log: AsyncIterator[LogChunk], most: int, piece: int = _PIECE) -> AsyncIterator[Piece]:
    """Give the pieces of a log, one at least.

    Args:
        log: all of its lines.
        most: bytes of it that are taken; a last line tells how many more there were.
        piece: bytes of a piece, about.
    """
    cutter = _Cutter()
    total = left_out = 0
    async for chunk in log:
        for line in chunk.lines:
            length = len(data := line.encode("utf-8", "replace") + b"\n")
            if left_out or total + length > most:
                left_out += length
                continue
            total += length
            cutter.add(data)
            if len(cutter.buffer) >= piece:
                yield await cutter.piece()
    if left_out:
        cutter.add(f"{_LEFT_OUT.format(left_out)}\n".encode())
    if cutter.buffer or cutter.first == 1:
        yield await cutter.piece()


class _Cutter:
    def __init__(self) -> None:
        self.buffer = bytearray()
        self.first = 1
        self._lines = 0

    def add(self, line: bytes) -> None:
        self.buffer += line
        self._lines += 1

    async def piece(self) -> Piece:
        """Give what has come together, and begin the next one."""
        data, first, lines = bytes(self.buffer), self.first, self._lines
        self.buffer, self.first, self._lines = bytearray(), first + lines, 0
        # Without a time in it, equal lines become equal bytes, whoever compresses them.
        content = await asyncio.to_thread(gzip.compress, data, _LEVEL, mtime=0)
        return Piece(first, lines, len(data), content)


def chunks(stored: StoredPiece, content: bytes, after: int) -> Iterator[LogChunk]:
    """Give the lines of a piece that follow a line.

    Raises:
        DamagedPiece: it is not what was written.
    """
    lines = _uncompressed(stored, content).decode("utf-8", "replace").split("\n")[:-1]
    if len(lines) != stored.lines:
        raise DamagedPiece(f"{len(lines)} lines instead of {stored.lines}")
    for start in range(max(after + 1 - stored.first, 0), len(lines), _LINES):
        some = tuple(lines[start : start + _LINES])
        first = stored.first + start
        yield LogChunk(first, some, str(first + len(some) - 1))


def _uncompressed(stored: StoredPiece, content: bytes) -> bytes:
    # No more than was written: a few bytes can stand for gigabytes.
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = unpacking.decompress(content, stored.length + 1)
    except zlib.error as error:
        raise DamagedPiece(str(error)) from error
    if len(data) != stored.length:
        raise DamagedPiece(f"{len(data)} bytes instead of {stored.length}")
    return data
