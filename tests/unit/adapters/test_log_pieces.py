"""Logs are cut into pieces, and come back as they were."""

import gzip
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from repo2docker_service.adapters.archives.pieces import DamagedPiece, Piece, StoredPiece, chunks, cut
from repo2docker_service.adapters.artifacts import Part
from repo2docker_service.domain.models import LogChunk

LINES = ["", "é ☃", "\x1b[1mbold\x1b[0m\r", *(secrets.token_hex(8) for _ in range(1200)), "the last one"]


async def log_of(lines: Sequence[str]) -> AsyncIterator[LogChunk]:
    for start in range(0, len(lines), 100):
        some = tuple(lines[start : start + 100])
        yield LogChunk(start + 1, some, str(start + len(some)))


async def cut_up(lines: Sequence[str], piece: int = 4096) -> list[Piece]:
    return [each async for each in cut(log_of(lines), 2**20, piece)]


def stored(piece: Piece) -> StoredPiece:
    return StoredPiece(Part("sha256:0", len(piece.content)), piece.first, piece.lines, piece.length)


@pytest.mark.parametrize("after", [0, 1, 499, 500, 700, len(LINES) - 1, len(LINES)])
async def test_all_lines_after_any_come_back_with_their_numbers(after: int) -> None:
    pieces = await cut_up(LINES)
    read = [chunk for piece in pieces for chunk in chunks(stored(piece), piece.content, after)]

    assert len(pieces) > 4
    assert [line for chunk in read for line in chunk.lines] == LINES[after:]
    assert [chunk.first for chunk in read] == [after + 1, *(chunk.last + 1 for chunk in read)][: len(read)]
    assert all(chunk.cursor == str(chunk.last) for chunk in read)


async def test_put_together_the_pieces_are_the_log_compressed_and_equal_logs_give_equal_pieces() -> None:
    pieces = await cut_up(LINES)

    assert gzip.decompress(b"".join(piece.content for piece in pieces)).decode() == "\n".join([*LINES, ""])
    assert await cut_up(LINES) == pieces


async def test_a_log_without_a_line_is_one_piece_without_any() -> None:
    [piece] = await cut_up([])

    assert (piece.first, piece.lines, list(chunks(stored(piece), piece.content, 0))) == (1, 0, [])


async def test_what_is_not_what_was_written_is_told_and_never_unpacked_further() -> None:
    [piece] = await cut_up(["one"])
    bomb = gzip.compress(bytes(50_000_000))

    for content, known in (
        (bomb, stored(piece)),
        (b"no gzip", stored(piece)),
        (piece.content[:-12], stored(piece)),
        (piece.content, replace(stored(piece), lines=2)),
    ):
        with pytest.raises(DamagedPiece):
            list(chunks(known, content, 0))
