"""Every request ends: with a whole answer, or an error that says what went wrong."""

import asyncio
import logging
import re

import pytest
from tests.unit.adapters.v2.asking import Clock, client_of
from tests.unit.adapters.v2.scripted import Asked, Reply, in_turn, json_of, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, ConnectionFailed, RegistryError
from repo2docker_service.adapters.registries.v2.transport.http import USER_AGENT, RegistryHttp

pytestmark = pytest.mark.served

TAGS = json_of({"tags": ["a"]})
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BROKEN = {
    "nothing": Reply(raw=b""),
    "half a head": Reply(raw=HEAD[:20]),
    "garbage": Reply(raw=b"\x16\x03\x01 garbage\r\n\r\n"),
    "an endless head": Reply(raw=HEAD + b"X: " + b"x" * 300_000),
    "a body that is too short": Reply(raw=HEAD + b'Content-Length: 99\r\n\r\n{"tags": ["a"]}'),
    "a chunk that is too short": Reply(raw=HEAD + b'Transfer-Encoding: chunked\r\n\r\n99\r\n{"tags": ["a"]}'),
    "no last chunk": Reply(raw=HEAD + b'Transfer-Encoding: chunked\r\n\r\nf\r\n{"tags": ["a"]}\r\n'),
    "a reset at first": Reply(reset=True),
    "a reset in the body": Reply(raw=HEAD + b'Content-Length: 99\r\n\r\n{"tags"', reset=True),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_connection_that_breaks_is_made_again(what: str) -> None:
    """Cases 57 and 58."""
    async with serving(in_turn(BROKEN[what], TAGS)) as server, client_of(server.url) as client:
        assert await client.tags("r") == ["a"]
        assert len(server.requests) == 2


@pytest.mark.parametrize("what", BROKEN)
async def test_a_connection_that_always_breaks_is_told(what: str) -> None:
    """Cases 57 and 58."""
    async with serving(in_turn(BROKEN[what])) as server, client_of(server.url) as client:
        with pytest.raises(ConnectionFailed, match="the connection broke"):
            await client.tags("r")
        assert len(server.requests) == 4


async def test_a_body_that_ends_too_early_without_a_length_is_no_json() -> None:
    """Case 57: nothing in the protocol tells that it is cut."""
    cut = Reply(raw=b'HTTP/1.1 200 OK\r\n\r\n{"tags": ["a", ')
    async with serving(in_turn(cut)) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer):
            await client.tags("r")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
async def test_two_failures_do_no_harm(status: int) -> None:
    """Case 55."""
    clock = Clock()
    replies = in_turn(refusing(status), refusing(status), TAGS)
    async with serving(replies) as server, client_of(server.url, clock=clock) as client:
        assert await client.tags("r") == ["a"]
    assert len(clock.slept) == 2


async def test_a_pause_is_made_by_all_who_ask_the_same_registry() -> None:
    """Case 56."""
    clock = Clock()
    replies = in_turn(refusing(429, Retry_After="30"), TAGS)
    async with serving(replies) as server, client_of(server.url, clock=clock) as client:
        await client.tags("r")
    assert 30 <= sum(clock.slept) <= 31


@pytest.mark.parametrize(
    "reply",
    [
        Reply(pause=30),
        Reply(raw=HEAD, pause=0.02),
        Reply(raw=HEAD + b"Content-Length: 99\r\n\r\n" + b" " * 99, pause=0.01),
        Reply(raw=HEAD + b"Content-Length: 99\r\n\r\n", pause=0.001),
    ],
)
async def test_a_registry_that_is_slow_is_not_waited_for_for_ever(reply: Reply) -> None:
    """Cases 59 and 60: however lively it seems."""
    async with serving(in_turn(reply)) as server, client_of(server.url, deadline=0.15) as client:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(ConnectionFailed, match=r"within 0\.15 seconds|connection broke"):
            await client.tags("r")
        assert asyncio.get_running_loop().time() - begun < 4
        await server.until(lambda server: server.open == 0)


async def test_a_kept_connection_that_was_closed_is_replaced_without_waiting() -> None:
    """Case 66: each second request comes over a connection that ends right then."""
    clock, seen = Clock(), set[int]()

    async def play(asked: Asked) -> Reply:
        connection = server.connections
        if connection in seen:
            return Reply(raw=b"")
        seen.add(connection)
        return TAGS

    async with serving(play) as server, client_of(server.url, clock=clock) as client:
        for _ in range(5):
            assert await client.tags("r") == ["a"]

    assert clock.slept == []
    assert server.connections == 5
    assert len(server.requests) == 5 + 4


async def test_a_delete_is_not_repeated_over_a_new_connection() -> None:
    async with serving(in_turn(TAGS, Reply(raw=b""), Reply(202))) as server, client_of(server.url) as client:
        await client.tags("r")
        with pytest.raises(ConnectionFailed):
            await client.delete("r", "tag")
        assert len(server.requests) == 2


async def test_the_log_tells_what_was_asked_and_how_long_it_took(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "registry")
    async with serving(in_turn(TAGS)) as server, client_of(server.url) as client:
        await client.tags("r")

    assert [re.sub(r"\d\.\d{3}", "0.000", message) for message in caplog.messages] == [
        "GET /v2/r/tags/list 200 in 0.000 s"
    ]


async def test_connections_are_kept() -> None:
    async with serving(in_turn(TAGS)) as server, client_of(server.url) as client:
        for _ in range(20):
            await client.tags("r")
        assert server.connections == 1
    assert server.open == 0


async def test_requests_say_who_asks_and_want_nothing_compressed() -> None:
    async with serving(in_turn(TAGS)) as server, client_of(server.url) as client:
        await client.tags("r")

        headers = server.requests[0].headers
        assert headers["user-agent"] == USER_AGENT
        assert headers["accept-encoding"] == "identity"
        assert "cookie" not in headers


async def test_nothing_in_the_environment_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    cookie = json_of({"tags": ["a"]}, Set_Cookie="a=b")
    async with serving(in_turn(cookie)) as server, client_of(server.url) as client:
        for _ in range(2):
            await client.tags("r")
        assert "cookie" not in server.requests[1].headers


async def test_a_proxy_that_is_configured_is_used() -> None:
    async with serving(in_turn(TAGS)) as server:
        http = RegistryHttp(proxy=server.url)
        answer = await http.send("GET", "http://registry.example/v2/", most=100)
        await http.close()

    assert answer.body == TAGS.body
    assert server.said == ["GET http://registry.example/v2/"]


@pytest.mark.parametrize("connections", [1, 3])
async def test_no_more_requests_are_on_their_way_than_allowed(connections: int) -> None:
    """Case 74."""

    async def play(_: Asked) -> Reply:
        await asyncio.sleep(0.01)
        return TAGS

    async with serving(play) as server, client_of(server.url, connections=connections) as client:
        await asyncio.gather(*[client.tags("r") for _ in range(12)])
        assert server.busiest == connections
        assert server.connections == connections


async def test_waiting_for_ones_turn_is_not_being_slow() -> None:
    async def play(_: Asked) -> Reply:
        await asyncio.sleep(0.1)
        return TAGS

    async with serving(play) as server, client_of(server.url, connections=1, deadline=0.3) as client:
        assert await asyncio.gather(*[client.tags("r") for _ in range(6)]) == [["a"]] * 6


async def test_who_stops_listing_leaves_nothing_behind() -> None:
    """Case 68."""
    before = asyncio.all_tasks()

    async def play(asked: Asked) -> Reply:
        if len(server.requests) > 4:
            await asyncio.sleep(30)
        return json_of({"tags": [str(len(server.requests))]}, Link=f"<{asked.path}?{len(server.requests)}>; rel=next")

    async with serving(play) as server, client_of(server.url, connections=2) as client:
        for _ in range(3):
            server.requests.clear()
            listing = [asyncio.create_task(client.tags("r")) for _ in range(4)]
            await server.until(lambda server: len(server.requests) >= 6)
            for task in listing:
                task.cancel()
            assert all(isinstance(each, asyncio.CancelledError) for each in await gathered(listing))
            await server.until(lambda server: server.busy == 0 and server.open == 0)

        server.play = in_turn(TAGS)
        assert await client.tags("r") == ["a"]
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()


async def gathered(tasks: list[asyncio.Task[list[str]]]) -> list[list[str] | BaseException]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_nobody_at_the_port_and_a_host_without_a_name_are_told_apart() -> None:
    async with serving(in_turn(TAGS)) as server:
        pass
    for url, problem in ((server.url, "nothing answers"), ("http://host.invalid", "name is not known")):
        async with client_of(url) as client:
            with pytest.raises(ConnectionFailed, match=problem):
                await client.ping()


async def test_a_ping_needs_a_registry() -> None:
    for reply in (Reply(404), Reply(301, headers={"Location": "https://elsewhere.example/"}), Reply(403)):
        async with serving(in_turn(reply)) as server, client_of(server.url) as client:
            with pytest.raises(RegistryError):
                await client.ping()


async def test_warnings_of_the_registry_are_kept_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Case 70."""
    caplog.set_level(logging.WARNING)
    headers = {"Warning": ['299 - "closes\u0007 soon"', '299 example.org "\\"moved\\"", 110 - "old"', "199 - x", "299"]}
    warned = Reply(body=TAGS.body, headers=headers)
    async with serving(in_turn(warned)) as server, client_of(server.url) as client:
        for _ in range(3):
            assert await client.tags("r") == ["a"]

        assert list(client.warnings) == ["closes soon", '"moved"']
    assert caplog.text.count("closes soon") == 1


async def test_not_all_warnings_in_the_world_are_kept() -> None:
    def play(_: Asked) -> Reply:
        return Reply(body=TAGS.body, headers={"Warning": f'299 - "{len(server.requests)}{"x" * 4000}"'})

    async with serving(play) as server, client_of(server.url) as client:
        for _ in range(50):
            await client.tags("r")
        assert len(client.warnings) == 20
        assert max(map(len, client.warnings)) == 300
