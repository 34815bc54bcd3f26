"""Who takes no answer is given up, and where there are too many connections, who has waited longest to ask is."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from tests.unit.entrypoints.http.conftest import REPO, World, until
from tests.unit.entrypoints.http.raw_connections import HEAD, Impatient, Server, serving, status_of

from repo2docker_service.entrypoints.http.connections import BoundedConnection, most_connections

pytestmark = pytest.mark.served

LONG_ANSWER = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
SHORT_ANSWER = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LOG = b"GET /api/v1/builds/%b/log HTTP/1.1\r\n%b\r\n"


class Few(BoundedConnection):
    @staticmethod
    def most() -> int:
        return 5


@asynccontextmanager
async def not_reading(server: Server, request: bytes) -> AsyncIterator[socket.socket]:
    """Ask for something, and take none of it."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", server.port))
        await asyncio.get_running_loop().sock_sendall(connection, request)
        await until(lambda: len(server.connections) > 0)
        yield connection


def has(server: Server, connections: int) -> bool:
    return len(server.connections) == connections


async def started(world: World) -> bytes:
    """Start a build with a log of a hundred megabytes."""
    answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO})
    build = str(answer.json()["id"])
    world.builder.write(build, *("x" * 1000 for _ in range(100_000)))
    return build.encode()


def waiting_for_readers(port: int) -> int:
    """Give the bytes that the kernel holds, as nobody takes them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(row[4].partition(":")[0], 16) for row in rows if row[1].endswith(f":{port:04X}"))


async def test_who_reads_no_log_is_given_up(world: World) -> None:
    async with serving(world, Impatient) as server, not_reading(server, LOG % (await started(world), HEAD)):
        await until(lambda: not server.connections)


async def test_who_reads_no_ordinary_answer_is_given_up(world: World) -> None:
    async with serving(world, Impatient) as server, not_reading(server, LONG_ANSWER * 20):
        await until(lambda: not server.connections)


async def test_who_goes_on_reading_slowly_is_not_given_up(world: World) -> None:
    async with serving(world, Impatient) as server, not_reading(server, LONG_ANSWER * 20) as connection:
        for _ in range(12):
            await asyncio.sleep(Impatient.patience / 3)
            assert await asyncio.get_running_loop().sock_recv(connection, 8192)
        assert server.connections


async def test_little_of_an_answer_waits_in_the_kernel(world: World) -> None:
    async with serving(world) as server, not_reading(server, LOG % (await started(world), HEAD)):
        await until(lambda: waiting_for_readers(server.port) > 50_000)
        await asyncio.sleep(0.3)

        assert waiting_for_readers(server.port) < 128 * 1024


async def test_where_there_are_too_many_who_has_waited_longest_to_ask_is_given_up(world: World) -> None:
    async with serving(world, Few) as server:
        reader, writer = await server.connect()
        writer.write(b"GET /api/v1/events HTTP/1.1\r\n" + HEAD + b"\r\n")
        await reader.readuntil(b"retry: 500")
        waiting = []
        for number in range(4):
            waiting.append(await server.connect())
            await until(partial(has, server, number + 2))
        for _, late in waiting:
            late.write(b"GET / HTTP/1.1\r\nX-Half: ")
        answers = [await server.ask(SHORT_ANSWER) for _ in range(2)]

        assert {status_of(answer) for answer in answers} == {200}
        assert await asyncio.wait_for(waiting[0][0].read(), 5) == b""
        assert not any(each.at_eof() for each, _ in waiting[1:])
        assert not reader.at_eof()
        for _, each in [(reader, writer), *waiting]:
            each.close()


@pytest.mark.parametrize(
    ("soft", "hard", "asked", "most"),
    [
        (256, 1000, [(1000, 1000)], 500),
        (1024, 2**19, [(2**16, 2**19)], 10_000),
        (1024, resource.RLIM_INFINITY, [(2**16, resource.RLIM_INFINITY)], 10_000),
        (2**17, 2**19, [], 10_000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, [], 10_000),
    ],
)
def test_half_of_the_files_that_the_system_allows_may_be_connections(
    soft: int, hard: int, asked: list[tuple[int, int]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: done.append(limits))

    # What it remembers is for the limits that there really are.
    assert most_connections.__wrapped__() == most
    assert done == asked
