"""Server-sent events, however they come over the wire."""

from collections.abc import AsyncIterator

import pytest

from repo2docker_service.adapters.hub.events import LONGEST_EVENT, data_of_events

STREAM = b'\n\ndata: {"a": 1}\n\n\n\n: comment\ndata:{"b": 2}\r\n\r\nid: 3\ndata: one\ndata:  two\n\ndata: unfinished'


async def events(*pieces: bytes) -> list[bytes]:
    async def given() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [data async for data in data_of_events(given())]


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(STREAM)])
async def test_events_are_whole_however_they_are_cut(size: int) -> None:
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]

    assert await events(*pieces) == [b'{"a": 1}', b'{"b": 2}', b"one two"]


async def test_an_event_without_end_is_not_kept() -> None:
    with pytest.raises(ValueError, match="too long"):
        await events(*([b"x" * 1000] * (LONGEST_EVENT // 1000 + 1)))
    with pytest.raises(ValueError, match="too long"):
        await events(*([b"data: " + b"x" * 1000 + b"\n"] * (LONGEST_EVENT // 1000 + 1)))


async def test_many_short_events_are_no_long_one() -> None:
    assert len(await events(*([b"data: x\n\n"] * LONGEST_EVENT))) == LONGEST_EVENT
