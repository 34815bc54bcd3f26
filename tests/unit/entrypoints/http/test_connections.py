"""What comes over a connection is bounded before anybody knows who sends it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest
from tests.unit.entrypoints.http.conftest import Make, World
from tests.unit.entrypoints.http.raw_connections import HEAD, PIECE, Impatient, serving, status_of

from repo2docker_service.entrypoints.http.connections import LONGEST_HEAD, LONGEST_REQUEST

pytestmark = pytest.mark.served


async def some_more(writer: asyncio.StreamWriter) -> int:
    writer.write(PIECE * 16)
    await writer.drain()
    await asyncio.sleep(0)
    return len(PIECE) * 16


async def test_requests_of_a_usual_size_are_answered_one_after_the_other(world: World) -> None:
    body = b'{"repo": "https://github.com/binder-examples/requirements", "title": "' + b"x" * 1000 + b'"}'
    post = b"POST /api/v1/source HTTP/1.1\r\n%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        HEAD,
        len(body),
    )
    long = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: %b\r\n\r\n" % (b"x" * (LONGEST_HEAD - 4096))
    last = b"GET /api/v1/me HTTP/1.1\r\n%bConnection: close\r\n\r\n" % HEAD
    async with serving(world) as server:
        answer = await server.ask(long, post, body, long, last)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.count(b"HTTP/1.1 422 ") == 1  # a source has no title


@pytest.mark.parametrize(
    "begin",
    [b"GET /", b"GET / HTTP/1.1\r\nX-Long: ", b"GET / HTTP/1.1\r\n" + HEAD + b"Cookie: "],
    ids=["the address", "a header", "a cookie"],
)
async def test_a_head_without_end_is_refused(world: World, begin: bytes) -> None:
    async with serving(world) as server:
        answer = await server.ask(begin, *[PIECE] * 32)

    # Closed over what was not read, the connection may have lost the words.
    assert not answer or status_of(answer) == 431
    assert len(PIECE) * 32 > LONGEST_HEAD


async def test_a_head_just_too_long_is_told_why(world: World) -> None:
    begin = b"GET / HTTP/1.1\r\nX-Long: "
    async with serving(world) as server:
        answer = await server.ask(begin + b"x" * (LONGEST_HEAD + 1 - len(begin)))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-security-policy: default-src 'none'" in head.lower()
    assert b"x-content-type-options: nosniff" in head.lower()
    assert b"65536 bytes" in body


async def test_an_address_too_long_that_comes_all_at_once_is_told_why(world: World) -> None:
    async with serving(world) as server:
        answer = await server.ask(b"GET /?%b HTTP/1.1\r\n%b\r\n" % (b"x" * LONGEST_HEAD, HEAD))

    assert status_of(answer) == 431
    assert b"65536 bytes" in answer


async def test_many_small_headers_are_a_long_head(world: World) -> None:
    lines = [b"X-%d: y\r\n" % number for number in range(20_000)]
    async with serving(world) as server:
        answer = await server.ask(
            b"GET / HTTP/1.1\r\n", *[b"".join(lines[at : at + 500]) for at in range(0, 20_000, 500)]
        )

    assert not answer or status_of(answer) == 431


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"GET /\xff HTTP/9.9\r\n\r\n"])
async def test_what_is_no_request_is_answered_with_the_headers_of_every_answer(world: World, nonsense: bytes) -> None:
    async with serving(world) as server:
        answer = await server.ask(nonsense)

    assert status_of(answer) == 400
    assert b"content-security-policy:" in answer.lower()
    assert b"x-content-type-options: nosniff" in answer.lower()
    assert b"Traceback" not in answer


async def test_what_follows_a_head_is_bounded_too(world: World) -> None:
    begin = (
        b"POST /api/v1/builds HTTP/1.1\r\n%bContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" % HEAD
    )
    trailer = b"0\r\nX-Trailer: "
    sent = 0

    async with serving(world) as server:
        reader, writer = await server.connect()
        writer.write(begin + trailer)
        with suppress(ConnectionError):
            while sent < 40 * LONGEST_REQUEST:
                sent += await some_more(writer)
        await server.rest(reader)
        writer.close()

    # What the kernel holds for both ends, besides.
    assert sent < 20 * LONGEST_REQUEST


async def test_a_body_that_goes_on_after_its_refusal_is_not_read_for_ever(world: World) -> None:
    begin = b"POST /api/v1/builds HTTP/1.1\r\n%bContent-Length: 1000000000\r\n\r\n" % HEAD
    sent = 0
    async with serving(world) as server:
        reader, writer = await server.connect()
        writer.write(begin)
        answer = await asyncio.wait_for(reader.read(65536), 5)
        with suppress(ConnectionError):
            while sent < 40 * LONGEST_REQUEST:
                sent += await some_more(writer)
        await server.rest(reader)
        writer.close()

    assert status_of(answer) == 413
    assert sent < 20 * LONGEST_REQUEST


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"", 0),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", 408),
        (
            b"POST /api/v1/builds HTTP/1.1\r\n"
            + HEAD
            + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
            0,
        ),
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_request_that_does_not_come_is_not_waited_for(
    world: World, begun: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(world, Impatient) as server:
        began = time.monotonic()
        answer = await server.ask(begun)
        took = time.monotonic() - began

    assert (status_of(answer) if answer else 0) == status
    assert took < 3
    assert "Traceback" not in caplog.text


async def test_a_byte_now_and_then_does_not_hold_a_connection(world: World) -> None:
    async with serving(world, Impatient) as server:
        reader, writer = await server.connect()
        answer = asyncio.create_task(server.rest(reader))
        for letter in b"GET / HTTP/1.1\r\nX-Slow: " + b"x" * 200:
            if answer.done():
                break
            with suppress(ConnectionError):
                writer.write(bytes([letter]))
            await asyncio.sleep(0.02)
        writer.close()

    assert answer.done()
    assert status_of(answer.result()) == 408


async def test_a_stream_that_is_read_for_long_is_no_request_that_does_not_come(make_world: Make) -> None:
    async with serving(make_world(), Impatient) as server:
        reader, writer = await server.connect()
        writer.write(b"GET /api/v1/events HTTP/1.1\r\n" + HEAD + b"\r\n")
        await reader.readuntil(b"retry: 500")
        await asyncio.sleep(3 * Impatient.patience)
        assert not reader.at_eof()
        writer.close()


async def test_others_are_served_while_hundreds_send_half_a_head(world: World) -> None:
    async with serving(world) as server:
        slow = await asyncio.gather(*(server.connect() for _ in range(200)))
        for _, writer in slow:
            writer.write(b"GET / HTTP/1.1\r\nX-Half: ")
        began = time.monotonic()
        answers = [
            await server.ask(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") for _ in range(20)
        ]
        took = time.monotonic() - began
        for _, writer in slow:
            writer.close()

    assert {status_of(answer) for answer in answers} == {200}
    assert took < 5
