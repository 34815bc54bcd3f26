"""We log in as each registry wants it, with few requests, and with no secret where it may not go."""

import asyncio
import logging
import traceback

import pytest
from tests.unit.adapters.v2.asking import OTHER, OTHER_PASSWORD, PASSWORD, SOMEBODY, Known, client_of
from tests.unit.adapters.v2.scripted import Asked, Reply, in_turn, refusing, serving
from tests.unit.adapters.v2.token_server import OK, Guarded

from repo2docker_service.adapters.registries.v2.auth.credentials import BadCredentials, Credential, Secret
from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    Refused,
    RegistryError,
    Unauthorized,
)

pytestmark = pytest.mark.served


class Guard:
    """Wants a password."""

    def __init__(self, passwords: set[str]) -> None:
        self.passwords = passwords

    def __call__(self, asked: Asked) -> Reply:
        if asked.authorization in self.passwords:
            return OK
        return refusing(401, "UNAUTHORIZED", WWW_Authenticate='Basic realm="x"')


async def test_a_registry_without_a_guard_is_shown_nothing() -> None:
    """Case 1."""
    async with serving(in_turn(OK)) as server, client_of(server.url, Known(SOMEBODY)) as client:
        await client.ping()

        assert [request.authorization for request in server.requests] == [""]
        assert server.said == ["GET /v2/"]


async def test_a_password_is_shown_when_asked_for_and_unasked_from_then_on() -> None:
    """Case 2."""
    async with serving(Guard({PASSWORD})) as server, client_of(server.url, Known(SOMEBODY)) as client:
        for repository in ("r", "r", "other"):
            assert await client.tags(repository) == ["a"]

        assert [request.authorization for request in server.requests] == ["", PASSWORD, PASSWORD, PASSWORD]


async def test_a_wrong_password_is_told_after_two_attempts() -> None:
    """Case 2."""
    known = Known(SOMEBODY)
    async with serving(Guard({OTHER_PASSWORD})) as server, client_of(server.url, known) as client:
        for _ in range(2):
            with pytest.raises(Unauthorized):
                await client.tags("r")

        assert [request.authorization for request in server.requests] == ["", PASSWORD, PASSWORD]
        assert known.rejections == 2


async def test_a_password_that_changed_is_used_at_once() -> None:
    known = Known(SOMEBODY, next=OTHER)
    guard = Guard({PASSWORD})
    async with serving(guard) as server, client_of(server.url, known) as client:
        await client.tags("r")
        guard.passwords = {OTHER_PASSWORD}

        assert await client.tags("r") == ["a"]
        assert [request.authorization for request in server.requests][2:] == [PASSWORD, OTHER_PASSWORD]


async def test_without_a_password_none_is_shown() -> None:
    async with serving(Guard({PASSWORD})) as server, client_of(server.url) as client:
        with pytest.raises(Unauthorized, match="no credentials for it were found"):
            await client.tags("r")

        assert len(server.requests) == 1


async def test_a_token_is_fetched_for_a_ping_that_names_no_scope() -> None:
    """Case 3."""
    guarded = Guarded(admits=lambda asked: asked.authorization == PASSWORD)
    async with serving(guarded) as server, client_of(server.url, Known(SOMEBODY)) as client:
        await client.ping()

        assert server.said == [
            "GET /v2/",
            "GET /token?service=registry.example&account=somebody&client_id=repo2docker-service",
            "GET /v2/",
        ]


@pytest.mark.parametrize(
    "realm",
    ["https://169.254.169.254/token", "http://10.1.2.3/token", "http://localhost:1/token", "file:///etc/passwd"],
)
async def test_a_token_server_in_an_odd_place_is_never_asked(realm: str) -> None:
    """Case 11."""
    guarded = Guarded(realm=realm)
    async with serving(guarded) as server, client_of(server.url, Known(SOMEBODY)) as client:
        with pytest.raises(BadAnswer):
            await client.tags("r")

        assert [request.authorization for request in server.requests] == [""]


async def test_a_token_server_elsewhere_is_asked_when_an_administrator_names_it() -> None:
    """Case 11."""
    elsewhere = Guarded()
    async with serving(elsewhere) as tokens:
        host = tokens.url.replace("127.0.0.1", "localhost").partition("://")[2]
        guarded = Guarded(realm=f"http://{host}/token", issued=elsewhere.issued)
        async with serving(guarded) as server:
            async with client_of(server.url, Known(SOMEBODY)) as client:
                with pytest.raises(BadAnswer, match=r"localhost.*V2Registry\.token_realm_hosts"):
                    await client.tags("r")
            assert elsewhere.token_requests == []

            async with client_of(server.url, Known(SOMEBODY), token_realm_hosts=[host]) as client:
                assert await client.tags("r") == ["a"]
            assert elsewhere.token_requests[0].authorization == PASSWORD


async def test_of_several_challenges_one_that_is_understood_is_answered() -> None:
    """Case 12."""
    guarded = Guarded()

    def play(asked: Asked) -> Reply:
        reply = guarded(asked)
        challenge = reply.headers.get("WWW-Authenticate", "")
        assert isinstance(challenge, str)
        several = ["Negotiate", 'Digest realm="a, Bearer b", BASIC realm="x", ' + challenge.replace("Bearer", "bEaReR")]
        return Reply(reply.status, reply.body, {"www-authenticate": several}) if challenge else reply

    async with serving(play) as server, client_of(server.url, Known(SOMEBODY)) as client:
        assert await client.tags("r") == ["a"]
        assert guarded.registry_requests[-1].authorization == "Bearer canary-token-0"


async def test_a_registry_that_wants_no_token_it_gave_is_asked_twice_and_no_more() -> None:
    """Case 14."""
    guarded = Guarded(grants=lambda _: [])
    async with serving(guarded) as server, client_of(server.url, Known(SOMEBODY)) as client:
        for _ in range(2):
            guarded.registry_requests.clear()
            with pytest.raises(Unauthorized, match="does not allow this, or there is no such thing"):
                await client.tags("r")
            assert len(guarded.registry_requests) == 2


async def test_a_registry_may_want_passwords_for_one_thing_and_tokens_for_another() -> None:
    """Case 15: and a password from whoever comes with a token that is no good."""
    guarded = Guarded()

    def play(asked: Asked) -> Reply:
        password = asked.path == "/v2/_catalog" or asked.authorization
        reply = Guard({PASSWORD})(asked) if asked.path == "/v2/_catalog" else guarded(asked)
        if reply.status == 401 and asked.path != "/token" and password:
            return refusing(401, WWW_Authenticate='Basic realm="x"')
        return reply

    async with serving(play) as server, client_of(server.url, Known(SOMEBODY)) as client:
        for _ in range(2):
            assert await client.tags("r") == ["a"]
            assert await client.repositories("") == ["r"]
        guarded.revoked.update(guarded.issued)
        assert await client.tags("r") == ["a"]

        shown = [(asked.path, asked.authorization) for asked in server.requests if asked.path != "/token"]
        tags, catalog = "/v2/r/tags/list", "/v2/_catalog"
        assert shown == [
            (tags, ""),
            (tags, "Bearer canary-token-0"),
            (catalog, ""),
            (catalog, PASSWORD),
            (tags, "Bearer canary-token-0"),
            (catalog, PASSWORD),
            (tags, "Bearer canary-token-0"),
            (tags, "Bearer canary-token-1"),
        ]


async def test_what_one_repository_wanted_is_expected_of_the_next() -> None:
    guarded = Guarded()
    async with serving(guarded) as server, client_of(server.url) as client:
        for repository in ("a", "b", "c"):
            await client.tags(repository)

        assert len(guarded.registry_requests) == 3 + 1


async def test_credentials_that_cannot_be_read_are_an_error_of_ours() -> None:
    class Unreadable(Known):
        async def get(self) -> Credential:
            raise BadCredentials("the file cannot be read")

    async with serving(Guard({PASSWORD})) as server, client_of(server.url, Unreadable()) as client:
        with pytest.raises(RegistryError, match="the file cannot be read") as caught:
            await client.tags("r")
        assert not isinstance(caught.value, Refused)


@pytest.mark.parametrize("token", ["canary\nx", "canary\u00e9"])
async def test_a_token_that_cannot_be_sent_is_not_quoted(token: str) -> None:
    credential = Credential(registry_token=Secret(token))
    async with serving(Guarded()) as server, client_of(server.url, Known(credential)) as client:
        with pytest.raises(RegistryError) as caught:
            await client.tags("r")

    assert "canary" not in "".join(traceback.format_exception(caught.value))


async def test_a_registry_that_is_set_up_anew_is_understood_again() -> None:
    guarded = Guarded()
    async with serving(guarded) as server, client_of(server.url, Known(SOMEBODY)) as client:
        assert await client.tags("r") == ["a"]
        guard = Guard({PASSWORD})
        server.play = lambda asked: guarded(asked) if asked.path == "/token" else guard(asked)
        with pytest.raises(Unauthorized):
            await client.tags("r")

        assert await client.tags("r") == ["a"]
        server.play = guarded
        assert await client.tags("r") == ["a"]


async def test_no_secret_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[BaseException] = []
    both = Credential("somebody", Secret("canary-pass"), Secret("canary-identity"))
    for guarded in (Guarded(), Guarded(admits=lambda _: False), Guarded(grants=lambda _: [])):
        async with serving(guarded) as server, client_of(server.url, Known(both)) as client:
            results = await asyncio.gather(client.tags("r"), client.delete("r", "a"), return_exceptions=True)
            told += [result for result in results if isinstance(result, BaseException)]

    assert "GET /v2/r/tags/list 200 in 0." in caplog.text
    assert len(told) == 4
    for text in (caplog.text, *map(repr, told), *map(str, told)):
        for secret in ("canary", PASSWORD, "c29tZWJvZHk"):
            assert secret not in text
