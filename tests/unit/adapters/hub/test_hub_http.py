"""How the hub is reached over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.integration.raw_servers import listening
from tests.unit.adapters.hub.played_hub import ADA
from tests.unit.adapters.v2.scripted import Play, Reply, Server, in_turn, json_of, serving

from repo2docker_service.adapters.authorizers.jupyterhub.hub_api import HubApi
from repo2docker_service.adapters.hub.answers import Answer
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.domain.errors import AuthorizerUnavailable, LauncherUnavailable, Unavailable

pytestmark = pytest.mark.served

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


@asynccontextmanager
async def client(
    seconds: float = 5.0, unavailable: type[Unavailable] = AuthorizerUnavailable
) -> AsyncIterator[HubHttp]:
    http = HubHttp(timeout=seconds, unavailable=unavailable)
    try:
        yield http
    finally:
        await http.close()


@asynccontextmanager
async def asking(play: Play, seconds: float = 5.0) -> AsyncIterator[tuple[HubApi, Server]]:
    async with serving(play) as server, client(seconds) as http:
        yield HubApi(server.url, http), server


async def test_a_connection_is_used_again() -> None:
    async with asking(in_turn(json_of(ADA))) as (api, server):
        for _ in range(3):
            assert (await api.holder("a-token")).name == "ada"

        assert server.connections == 1
        assert server.said == ["GET /user"] * 3


async def test_a_kept_connection_that_the_hub_has_closed_fails_nobody() -> None:
    answer = json_of(ADA)
    closing = Reply(raw=answer.written("GET"))

    async with asking(in_turn(closing, closing, answer)) as (api, server):
        for _ in range(3):
            assert (await api.holder("a-token")).name == "ada"

        assert server.connections == 3


async def test_a_connection_that_breaks_twice_is_an_outage() -> None:
    async with asking(in_turn(Reply(reset=True))) as (api, server):
        with pytest.raises(AuthorizerUnavailable, match="connection broke"):
            await api.holder("a-token")

        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "slow", [Reply(pause=60), Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b" " * 999, pause=0.05)]
)
async def test_a_hub_that_takes_its_time_is_not_waited_for(slow: Reply) -> None:
    async with asking(in_turn(slow), seconds=0.3) as (api, _):
        async with asyncio.timeout(5):
            with pytest.raises(AuthorizerUnavailable, match=r"within 0\.3 seconds"):
                await api.holder("a-token")


async def test_a_redirect_is_not_followed_and_no_cookie_comes_back() -> None:
    away = Reply(302, headers={"Location": "/other", "Set-Cookie": "a=b"})

    async with asking(in_turn(away, json_of(ADA))) as (api, server):
        with pytest.raises(AuthorizerUnavailable, match="302"):
            await api.holder("a-token")
        await api.holder("a-token")

        assert server.said == ["GET /user"] * 2
        assert not any("cookie" in asked.headers for asked in server.requests)


async def test_the_proxy_of_the_environment_gets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking(in_turn(json_of(ADA))) as (proxy, stranger):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with asking(in_turn(json_of(ADA))) as (api, _):
            await api.holder("a-token")

        assert stranger.requests == []


async def test_many_at_once_share_ten_connections_and_all_are_answered() -> None:
    async with asking(in_turn(Reply(**vars(json_of(ADA)) | {"pause": 0.02}))) as (api, server):
        holders = await asyncio.gather(*(api.holder(f"token-{number}") for number in range(50)))

        assert len(holders) == 50
        assert server.connections == 10


async def test_who_gives_up_waiting_leaves_the_connections_in_order() -> None:
    async with asking(in_turn(Reply(**vars(json_of(ADA)) | {"pause": 0.2}))) as (api, _):
        impatient = [asyncio.create_task(api.holder(f"token-{number}")) for number in range(30)]
        await asyncio.sleep(0.1)
        for each in impatient:
            each.cancel()
        await asyncio.gather(*impatient, return_exceptions=True)

        assert (await api.holder("a-token")).name == "ada"


async def test_nothing_at_the_port_is_told() -> None:
    async with asking(in_turn(json_of(ADA))) as (api, _):
        pass

    with pytest.raises(AuthorizerUnavailable, match="nothing answers at its host and port"):
        await HubApi(api.url, HubHttp()).holder("a-token")


@pytest.mark.parametrize("kind", [AuthorizerUnavailable, LauncherUnavailable])
async def test_whoever_asks_names_the_error(kind: type[Unavailable]) -> None:
    async with serving(in_turn(Reply(reset=True))) as server, client(unavailable=kind) as http:
        with pytest.raises(kind) as caught:
            await http.get(server.url, {})
        with pytest.raises(kind):
            await http.send("POST", server.url, {}, {"a": 1}, seconds=5)

    assert type(caught.value) is kind
    assert [each.method for each in server.requests] == ["GET", "GET", "POST"]


async def test_what_may_take_its_time_is_waited_for_as_long_as_is_said() -> None:
    async with serving(in_turn(Reply(201, pause=0.4))) as server, client(0.1) as http:
        with pytest.raises(AuthorizerUnavailable, match=r"within 0\.2 seconds"):
            await http.send("POST", server.url, {}, {}, seconds=0.2)
        answer = await http.send("POST", server.url, {"Authorization": "token x"}, {"a": [1]}, seconds=10)

    assert answer.status == 201
    assert json.loads(server.requests[-1].body) == {"a": [1]}
    assert server.requests[-1].headers["content-type"] == "application/json"


async def test_events_come_as_they_are_sent_and_may_be_left() -> None:
    text = b"".join(f"data: {number}\n\n".encode() for number in range(50))
    async with serving(in_turn(Reply(raw=STREAM + text, pause=0.0001))) as server, client() as http:
        async with http.events(server.url, {}, silence=5) as events:
            assert not isinstance(events, Answer)
            assert [await anext(events), await anext(events)] == [b"0", b"1"]
        async with http.events(server.url, {}, silence=5) as events:
            assert not isinstance(events, Answer)
            assert [data async for data in events] == [str(number).encode() for number in range(50)]


async def test_a_stream_that_falls_silent_is_broken() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(STREAM + b"data: 1\n\n")
        await reader.read()

    async with (
        asyncio.timeout(5),
        listening(talk) as port,
        client(unavailable=LauncherUnavailable) as http,
        http.events(address(port), {}, silence=0.3) as events,
    ):
        assert not isinstance(events, Answer)
        assert await anext(events) == b"1"
        with pytest.raises(LauncherUnavailable, match=r"within 0\.3 seconds"):
            await anext(events)


async def test_what_is_there_instead_of_a_stream_is_given() -> None:
    missing = Reply(404, b'{"message": "No"}', headers={"Content-Type": "application/json"})
    async with (
        serving(in_turn(missing)) as server,
        client() as http,
        http.events(server.url, {}, silence=5) as answer,
    ):
        assert isinstance(answer, Answer)
        assert (answer.status, answer.words()) == (404, "No")
