"""What a registry wants to see, and whose word for it is taken."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.integration.registry.clients import client_of
from tests.integration.registry.faults import answer, changed, refuse
from tests.integration.registry.proxy import Answer, Exchange, RegistryProxy
from tools.parts.certificates import authority, issue
from tools.parts.registry import Setup, running_registry
from tools.parts.registry_content import basic
from tools.parts.token_server import SERVICE, TokenServer

from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
)

ADA = ("ada", "pass")
PULL = "repository:app:pull"


async def test_a_token_that_allows_too_little_is_replaced_by_one_that_allows_both(
    guarded: RegistryProxy, tokens: TokenServer
) -> None:
    """Case 5."""
    more = f'Bearer realm="{tokens.realm}",service="s",scope="repository:base:pull",error="insufficient_scope"'
    async with client_of(guarded.url, user=ADA) as client:
        await client.tags("app")
        guarded.on("GET /v2/app/tags", refuse(401, "DENIED", WWW_Authenticate=more), times=1)
        assert await client.tags("app") == ["one"]

    assert tokens.requests[-1].scopes == ["repository:base:pull", PULL]


async def test_a_token_server_on_another_host_is_told_nothing_unless_it_is_named(
    guarded: RegistryProxy, tokens: TokenServer
) -> None:
    """Case 11."""
    elsewhere = f'Bearer realm="http://localhost:{tokens.port}/token",service="{SERVICE}",scope="{PULL}"'

    def send_elsewhere(found: Answer) -> None:
        if found.status == 401:
            found.put("WWW-Authenticate", elsewhere)

    guarded.on("GET ", changed(send_elsewhere))
    for realms in ((), ("auth.example",)):
        async with client_of(guarded.url, user=ADA, realms=realms) as client:
            with pytest.raises(BadAnswer, match=r"localhost.*token_realm_hosts"):
                await client.tags("app")
    assert not tokens.requests

    async with client_of(guarded.url, user=ADA, realms=["localhost"]) as client:
        assert await client.tags("app") == ["one"]


@pytest.mark.parametrize(
    "realm",
    ["http://169.254.169.254/token", "http://[fe80::1]/token", "http://10.0.0.1/token", "file:///token", "token"],
)
async def test_a_token_server_inside_a_network_is_told_nothing(
    realm: str, guarded: RegistryProxy, tokens: TokenServer
) -> None:
    """Case 11."""
    guarded.on("GET ", refuse(401, WWW_Authenticate=f'Bearer realm="{realm}",service="s"'))
    async with client_of(guarded.url, user=ADA) as client, asyncio.timeout(5):
        with pytest.raises(BadAnswer):
            await client.tags("app")

    assert len(guarded.requests) == 1


async def test_only_token_servers_that_are_named_are_asked_where_some_are(guarded: RegistryProxy) -> None:
    """Case 11."""
    guarded.on("GET ", refuse(401, WWW_Authenticate='Bearer realm="https://tokens.example/token",service="s"'))
    async with client_of(guarded.url, user=ADA, realms=["auth.example"]) as client:
        with pytest.raises(BadAnswer, match=r"tokens\.example.*token_realm_hosts"):
            await client.tags("app")


async def test_a_token_server_without_encryption_is_told_nothing_for_a_registry_with_it(
    tokens: TokenServer, tmp_path: Path
) -> None:
    """Case 11."""
    trusted = authority(tmp_path)
    shown = issue(trusted, tmp_path, "server", "IP:127.0.0.1")
    with running_registry(tmp_path, Setup(tokens=tokens.auth, tls=(shown.file, shown.key))) as registry:
        async with client_of(registry.url, user=ADA, ca_bundle=trusted.file) as client:
            with pytest.raises(BadAnswer, match="without encryption"):
                await client.tags("app")

    assert not tokens.requests


async def test_the_challenge_among_several_that_can_be_met_is_met(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 12."""
    odd = f'Negotiate, bEaReR sErViCe="tests, \\"quoted\\"" , ReAlM="{tokens.realm}",scope="{PULL}", Digest realm="x"'

    def change(found: Answer) -> None:
        if found.status == 401:
            found.put("WWW-Authenticate", odd)

    guarded.on("GET ", changed(change))
    async with client_of(guarded.url, user=ADA) as client:
        assert await client.tags("app") == ["one"]

    assert tokens.requests[0].fields["service"] == ['tests, "quoted"']


async def test_the_list_of_repositories_wants_a_token_of_its_own(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 13."""
    async with client_of(guarded.url, user=ADA) as client:
        assert await client.tags("app") == ["one"]
        assert await client.repositories("") == ["app"]
        assert await client.tags("app") == ["one"]

    assert [request.scopes for request in tokens.requests] == [[PULL], ["registry:catalog:*"]]


async def test_a_password_can_be_wanted_for_one_thing_and_a_token_for_another(
    guarded: RegistryProxy, tokens: TokenServer
) -> None:
    """Case 15."""

    def catalog(exchange: Exchange) -> None:
        if exchange.request.headers.get("authorization") == basic(*ADA):
            answer(200, json.dumps({"repositories": ["app"]}))(exchange)
        else:
            refuse(401, WWW_Authenticate='Basic realm="core"')(exchange)

    guarded.on("GET /v2/_catalog", catalog)
    async with client_of(guarded.url, user=ADA) as client:
        for _ in range(2):
            assert await client.tags("app") == ["one"]
            assert await client.repositories("") == ["app"]

    assert len(tokens.requests) == 1
    assert len(guarded.seen("GET /v2/app/")) == 3
