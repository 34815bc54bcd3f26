"""How the hub is reached over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.unit.adapters.hub.played_hub import ADA
from tests.unit.adapters.v2.scripted import Play, Reply, Server, in_turn, json_of, serving

from repo2docker_service.adapters.authorizers.jupyterhub.hub_api import HubApi
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.domain.errors import AuthorizerUnavailable

pytestmark = pytest.mark.served


@asynccontextmanager
async def asking(play: Play, seconds: float = 5.0) -> AsyncIterator[tuple[HubApi, Server]]:
    async with serving(play) as server:
        http = HubHttp(timeout=seconds)
        try:
            yield HubApi(server.url, http), server
        finally:
            await http.close()


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
