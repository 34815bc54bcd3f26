"""Logs and long lists are compressed on their way to those who take that."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import AsyncGenerator, Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.entrypoints.http.conftest import REPO, Make, World

from repo2docker_service.entrypoints.codings import best_coding
from repo2docker_service.entrypoints.http.compression import gzipped


class Pieces:
    """Gives pieces, perhaps fails after them, and knows how many were taken and whether it was closed."""

    def __init__(self, pieces: Sequence[bytes], then: Exception | None = None) -> None:
        self.pieces, self.then = pieces, then
        self.given = 0
        self.closed = False

    async def __call__(self) -> AsyncGenerator[bytes]:
        try:
            for piece in self.pieces:
                self.given += 1
                yield piece
            if self.then is not None:
                raise self.then
        finally:
            self.closed = True


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("", False),
        ("gzip", True),
        ("GZip", True),
        ("x-gzip", True),
        ("*", True),
        ("identity", False),
        ("deflate, br", False),
        ("gzip, deflate, br, zstd", True),
        ("deflate;q=1.0 , gzip;q=0.5", True),
        ("br;q=1,gzip ; q=0.001", True),
        ("gzip;q=0", False),
        ("gzip; Q=0.000", False),
        ("gzip;q=0.0, identity", False),
        ("identity;q=1, *;q=0", False),
        ("*;q=0.5", True),
        # What is named goes before what is meant by all others, wherever it stands.
        ("gzip;q=0, *", False),
        ("*, gzip;q=0", False),
        ("*;q=0, gzip", True),
        ("gzip, *;q=0", True),
        ("gzippy", False),
        ("not gzip", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=0.5", True),
        (",,;q=1, ;", False),
        (", gzip", True),
    ],
)
def test_gzip_is_taken_or_refused_by_the_rules_of_http(header: str, accepted: bool) -> None:
    assert best_coding(header, ["gzip"]) == ("gzip" if accepted else "")


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.9, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("br;q=0, gzip;q=0.001", "gzip"),
        ("*;q=0.1, br;q=0.05", "gzip"),
        ("zstd, deflate", ""),
        ("br;q=0.5, gzip;q=0.4, identity;q=0.8", ""),
        ("br;q=2, gzip;q=0.4", "br"),
    ],
)
def test_of_several_codings_the_one_that_is_liked_best_is_taken(header: str, best: str) -> None:
    assert best_coding(header, ["br", "gzip"]) == best


@given(st.text())
def test_no_header_at_all_disturbs_an_answer(header: str) -> None:
    assert best_coding(header, ["br", "gzip"]) in ("br", "gzip", "")


@given(st.lists(st.binary(max_size=50)))
def test_what_arrives_is_what_was_sent(pieces: list[bytes]) -> None:
    async def compressed() -> bytes:
        return b"".join([each async for each in gzipped(Pieces(pieces)())])

    assert gzip.decompress(run(compressed())) == b"".join(pieces)


def run(coroutine: object) -> bytes:
    """Run what waits for nothing."""
    try:
        coroutine.send(None)  # type: ignore[attr-defined]
    except StopIteration as end:
        return bytes(end.value)
    raise AssertionError("it waits")


async def test_what_is_worth_a_write_is_sent_at_once() -> None:
    noise = random.Random(7)
    source = Pieces([noise.randbytes(200_000) for _ in range(10)])
    packed = gzipped(source())
    unpacker = zlib.decompressobj(31)

    assert len(unpacker.decompress(await anext(packed))) > 50_000
    assert source.given <= 2
    await packed.aclose()
    assert source.closed


async def test_nothing_empty_is_sent() -> None:
    assert all([piece async for piece in gzipped(Pieces([b"", b"x", b""])())])


async def test_what_breaks_off_is_not_taken_for_whole() -> None:
    packed = gzipped(Pieces([random.Random(7).randbytes(300_000)], OSError("broken"))())
    sent = await anext(packed)
    with pytest.raises(OSError, match="broken"):
        await anext(packed)

    with pytest.raises(EOFError):
        gzip.decompress(sent)


@pytest.mark.parametrize("query", ["", "?download"])
async def test_a_log_is_compressed_for_those_who_take_it(world: World, ada: httpx.AsyncClient, query: str) -> None:
    build = (await ada.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    lines = [f"line {number}" for number in range(3000)]
    world.builder.write(build, *lines)
    sent = {}

    for encoding in ("gzip, br", "identity"):
        headers = {"Accept-Encoding": encoding}
        async with ada.stream("GET", f"api/v1/builds/{build}/log{query}", headers=headers) as answer:
            sent[answer.headers.get("Content-Encoding")] = b"".join([each async for each in answer.aiter_raw()])
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert "no-transform" not in answer.headers["Cache-Control"]
            assert "no-store" in answer.headers["Cache-Control"]
            assert ("Content-Disposition" in answer.headers) is (query != "")

    assert set(sent) == {"gzip", None}
    assert sent[None].decode().splitlines() == lines
    assert gzip.decompress(sent["gzip"]) == sent[None]
    assert len(sent["gzip"]) < len(sent[None]) / 3


async def test_a_stream_of_events_is_never_compressed(world: World, ada: httpx.AsyncClient) -> None:
    build = (await ada.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    world.builder.finish(build)
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    answer = await ada.get(f"api/v1/builds/{build}/log", headers=headers)

    assert "Content-Encoding" not in answer.headers
    assert "no-transform" in answer.headers["Cache-Control"]


async def test_a_long_list_is_compressed_for_those_who_take_it_and_a_short_one_never(
    world: World, ada: httpx.AsyncClient
) -> None:
    sent = {}
    for count in (1, 20):
        for number in range(count):
            world.put_image(tag=f"{number:040x}")
        for encoding in ("gzip, br", "gzip;q=0"):
            async with ada.stream("GET", "api/v1/images", headers={"Accept-Encoding": encoding}) as answer:
                body = b"".join([each async for each in answer.aiter_raw()])
            assert answer.headers["Content-Length"] == str(len(body))
            sent[count, answer.headers.get("Content-Encoding")] = body

    assert set(sent) == {(1, None), (20, "gzip"), (20, None)}
    assert len(json.loads(sent[20, None])["items"]) == 20
    assert json.loads(gzip.decompress(sent[20, "gzip"]))["items"] == json.loads(sent[20, None])["items"]
    assert len(sent[20, "gzip"]) < len(sent[20, None]) / 4


async def test_what_is_no_json_is_left_alone(make_world: Make) -> None:
    shown = make_world(authenticate_prometheus=False)
    answer = await shown.client().get("metrics", headers={"Accept-Encoding": "gzip"})

    assert len(answer.content) > 2000
    assert "Content-Encoding" not in answer.headers
