"""Who one is at a real registry: anonymous, with a password, or with tokens of a token server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.integration.registry.clients import ONCE, client_of
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.registry import Setup, running_registry
from tools.parts.registry_content import basic, put_image
from tools.parts.token_server import SERVICE, TokenServer

from repo2docker_service.adapters.registries.v2.errors import (
    LoginFailed,
    RegistryError,
    Unauthorized,
)

ADA = ("ada", "pass")
PULL = "repository:app:pull"


def header_of(guarded: RegistryProxy, number: int) -> str:
    return guarded.requests[number].headers.get("authorization", "")


async def test_nobody_is_asked_who_he_is_where_everybody_may_do_everything(tmp_path: Path) -> None:
    """Case 1."""
    with running_registry(tmp_path) as registry, registry_proxy(registry.port) as proxy:
        async with client_of(proxy.url, user=ADA) as client:
            await client.ping()

        assert proxy.seen() == ["GET /v2/"]
        assert not header_of(proxy, 0)


async def test_a_password_is_shown_once_it_is_wanted_and_then_at_once(tmp_path: Path) -> None:
    """Case 2, with a password of case 19."""
    user = ("ada", "pä:ss")
    with running_registry(tmp_path, Setup(users=dict([user]))) as registry, registry_proxy(registry.port) as proxy:
        put_image(registry.url, "app", "one", {}, auth=basic(*user))
        async with client_of(proxy.url, user=user) as client:
            await client.ping()
            assert await client.tags("app") == ["one"]
            assert await client.tags("app") == ["one"]

        shown = [header_of(proxy, number) for number in range(len(proxy.requests))]
        assert sorted(set(shown)) == ["", basic(*user)]
        assert shown[-1] == shown[-2] == basic(*user)
        assert len(shown) <= 5


async def test_a_wrong_password_is_an_error_after_two_attempts(tmp_path: Path) -> None:
    """Case 2."""
    with running_registry(tmp_path, Setup(users={"ada": "pass"})) as registry, registry_proxy(registry.port) as proxy:
        async with client_of(proxy.url, user=("ada", "wrong")) as client:
            with pytest.raises(Unauthorized) as caught:
                await client.ping()

        assert caught.value.status == 401
        assert "wrong" not in caught.value.problem
        assert len(proxy.requests) == 2


async def test_a_ping_wants_a_token_without_a_scope(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 3."""
    async with client_of(guarded.url, user=ADA) as client:
        await client.ping()

    assert [(request.method, dict(request.fields).get("service"), request.scopes) for request in tokens.requests] == [
        ("GET", [SERVICE], [])
    ]
    assert tokens.requests[0].authorization == basic(*ADA)


async def test_who_has_no_name_may_pull_what_is_public_and_nothing_else(
    guarded: RegistryProxy, tokens: TokenServer
) -> None:
    """Case 4."""
    tokens.public.add("app")
    async with client_of(guarded.url) as client:
        assert await client.tags("app") == ["one"]
        with pytest.raises(Unauthorized):
            await client.tags("private")

    assert {request.authorization for request in tokens.requests} == {""}


async def test_who_pulled_gets_another_token_to_delete(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 5."""
    async with client_of(guarded.url, user=ADA) as client:
        digest = await client.digest("app", "one")
        assert digest is not None
        assert await client.delete("app", digest)

    assert [request.scopes for request in tokens.requests] == [[PULL], ["repository:app:delete"]]


async def test_a_token_that_expired_is_renewed_once(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 6: a registry accepts a token for a minute after its end, so that one can be seen to end."""
    tokens.lifetime = -58
    async with client_of(guarded.url, user=ADA, retries=ONCE) as client:
        await client.tags("app")
        tokens.lifetime = 300
        await asyncio.sleep(2.1)
        guarded.forget()
        assert await client.tags("app") == ["one"]

    assert len(guarded.requests) == len(tokens.requests) == 2
    assert header_of(guarded, 0) != header_of(guarded, 1)


async def test_a_token_server_that_fails_is_named(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 7."""
    tokens.status = 500
    async with client_of(guarded.url, user=ADA) as client:
        with pytest.raises(RegistryError, match=r"its token server 127\.0\.0\.1") as caught:
            await client.tags("app")

    assert caught.value.again
    assert 1 < len(tokens.requests) <= 4


async def test_a_token_server_that_hangs_is_not_waited_for(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 7."""
    tokens.delay = 30
    async with client_of(guarded.url, user=ADA, deadline=1, retries=ONCE) as client:
        async with asyncio.timeout(5):
            with pytest.raises(RegistryError, match=r"its token server 127\.0\.0\.1: it did not answer"):
                await client.tags("app")


async def test_a_token_server_that_knows_another_password_is_an_error(
    guarded: RegistryProxy, tokens: TokenServer
) -> None:
    tokens.users["ada"] = "another"
    async with client_of(guarded.url, user=ADA) as client:
        with pytest.raises(LoginFailed):
            await client.tags("app")

    assert len(tokens.requests) == 1


@pytest.mark.parametrize(
    ("names", "expires_in"),
    [(("token",), 300), (("access_token",), 300), (("token", "access_token"), None), (("token",), 10)],
)
async def test_a_token_is_understood_in_every_shape_and_used_again(
    names: tuple[str, ...], expires_in: int | None, guarded: RegistryProxy, tokens: TokenServer
) -> None:
    """Case 8."""
    tokens.names, tokens.expires_in = names, expires_in
    async with client_of(guarded.url, user=ADA) as client:
        assert await client.tags("app") == ["one"]
        assert await client.tags("app") == ["one"]

    assert len(tokens.requests) == 1


@pytest.mark.parametrize(("posts", "methods"), [(True, ["POST"]), (False, ["POST", "GET"])])
async def test_an_identity_token_is_shown_in_a_form_where_that_is_known(
    posts: bool, methods: list[str], guarded: RegistryProxy, tokens: TokenServer, tmp_path: Path
) -> None:
    """Case 9."""
    tokens.posts, tokens.refresh_tokens = posts, {"refresh": "ada"}
    entry = {"username": "ada", "password": "pass", "identitytoken": "refresh"}
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"auths": {guarded.host: entry}}))
    async with client_of(guarded.url, docker_config=file) as client:
        assert await client.tags("app") == ["one"]

    assert [request.method for request in tokens.requests] == methods
    form = tokens.requests[0].fields
    assert (form["grant_type"], form["service"], form["scope"]) == (["refresh_token"], [SERVICE], [PULL])


async def test_a_hundred_requests_share_one_token(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 10."""
    tokens.delay = 0.2
    async with client_of(guarded.url, user=ADA) as client:
        found = await asyncio.gather(*(client.tags("app") for _ in range(100)))

    assert found == [["one"]] * 100
    assert len(tokens.requests) == 1
    assert guarded.most_in_flight <= 10


async def test_who_is_refused_with_a_new_token_gives_up(guarded: RegistryProxy, tokens: TokenServer) -> None:
    """Case 14."""
    tokens.denied.add(PULL)
    async with client_of(guarded.url, user=ADA) as client:
        with pytest.raises(Unauthorized, match="does not allow this") as caught:
            await client.tags("app")

    assert caught.value.status == 401
    assert len(guarded.requests) == 2
