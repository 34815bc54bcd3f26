"""Tokens are fetched once, used while they are good, and renewed when they are not."""

import asyncio
import base64

import pytest
from tests.unit.adapters.v2.asking import OTHER, OTHER_PASSWORD, PASSWORD, SOMEBODY, Clock, Known, client_of
from tests.unit.adapters.v2.scripted import Asked, Reply, json_of, refusing, serving
from tests.unit.adapters.v2.token_server import Guarded, scopes_of

from repo2docker_service.adapters.registries.v2.auth.credentials import Credential, Secret
from repo2docker_service.adapters.registries.v2.errors import (
    LoginFailed,
    Refused,
    RegistryError,
    Unauthorized,
)

pytestmark = pytest.mark.served


async def test_a_token_for_nobody_opens_what_is_public_and_nothing_else() -> None:
    """Case 4."""
    guarded = Guarded(grants=lambda scopes: [scope for scope in scopes if "public" in scope])
    async with serving(guarded) as server, client_of(server.url) as client:
        assert await client.tags("public") == ["a"]
        with pytest.raises(Unauthorized):
            await client.tags("private")

        assert all(not asked.authorization for asked in guarded.token_requests)


async def test_what_may_not_be_seen_is_absent_where_an_administrator_says_so() -> None:
    guarded = Guarded(grants=lambda _: [])
    async with serving(guarded) as server, client_of(server.url, unauthorized_is_absent=True) as client:
        assert await client.tags("r") == []
        assert await client.digest("r", "a") is None
        with pytest.raises(Unauthorized):
            await client.repositories("r")


async def test_a_wrong_password_makes_nothing_absent() -> None:
    guarded = Guarded(admits=lambda _: False)
    async with (
        serving(guarded) as server,
        client_of(server.url, Known(SOMEBODY), unauthorized_is_absent=True) as client,
    ):
        for call in (client.tags("r"), client.digest("r", "a")):
            with pytest.raises(LoginFailed, match="token server"):
                await call


async def test_a_token_that_is_not_enough_is_replaced_by_one_that_allows_more() -> None:
    """Case 5."""
    guarded = Guarded(wanted=lambda asked: "repository:r:*" if asked.method == "DELETE" else "repository:r:pull")
    async with serving(guarded) as server, client_of(server.url) as client:
        await client.tags("r")
        assert await client.delete("r", "a")
        assert await client.delete("r", "b")

        assert [scopes_of(asked) for asked in guarded.token_requests] == [
            ["repository:r:pull"],
            ["repository:r:delete"],
            ["repository:r:*", "repository:r:delete"],
        ]
        assert len(guarded.registry_requests) == 2 + 2 + 1


async def test_a_token_that_expired_is_renewed_once() -> None:
    """Case 6."""
    guarded = Guarded(fields={"expires_in": 3600})
    async with serving(guarded) as server, client_of(server.url) as client:
        await client.tags("r")
        guarded.revoked.update(guarded.issued)

        assert await client.tags("r") == ["a"]
        assert (len(guarded.token_requests), len(guarded.registry_requests)) == (2, 4)


async def test_a_token_is_used_until_it_is_about_to_expire() -> None:
    clock, guarded = Clock(), Guarded(fields={"expires_in": 100})
    async with serving(guarded) as server, client_of(server.url, clock=clock) as client:
        for _ in range(3):
            await client.tags("r")
        clock.now += 79
        await client.tags("r")
        assert len(guarded.token_requests) == 1

        clock.now += 2
        await client.tags("r")
        assert len(guarded.token_requests) == 2
        assert len(guarded.registry_requests) == 1 + 5


@pytest.mark.parametrize(
    "reply", [refusing(500), refusing(503), Reply(raw=b""), Reply(reset=True), Reply(raw=b"HTTP/1.1 200 OK\r\n")]
)
async def test_a_token_server_that_fails_for_a_moment_is_asked_again(reply: Reply) -> None:
    """Case 7."""
    guarded = Guarded(token_replies=[reply])
    async with serving(guarded) as server, client_of(server.url) as client:
        assert await client.tags("r") == ["a"]


@pytest.mark.parametrize(
    ("reply", "calls"),
    [
        (refusing(500), 4),
        (Reply(pause=60), 4),
        (refusing(400), 1),
        (refusing(404), 1),
        (refusing(405), 1),
        (json_of({}), 1),
        (Reply(302, headers={"Location": "/elsewhere"}), 1),
        (Reply(body=b"x" * 70_000), 1),
    ],
)
async def test_a_token_server_that_fails_for_good_is_named(reply: Reply, calls: int) -> None:
    """Case 7."""
    guarded = Guarded(token_replies=[reply] * 9)
    async with serving(guarded) as server, client_of(server.url, deadline=0.3) as client:
        for call in (client.tags, lambda repository: client.delete(repository, "a")):
            guarded.token_requests.clear()
            with pytest.raises(RegistryError, match=r"token server 127\.0\.0\.1: ") as caught:
                await call("r")
            # What the token server says of itself must not look as if the registry said it of an image.
            assert not isinstance(caught.value, Refused)
            assert len(guarded.token_requests) == calls


@pytest.mark.parametrize("name", ["token", "access_token"])
@pytest.mark.parametrize("life", [{}, {"expires_in": 10}])
async def test_a_token_by_any_name_is_used_for_a_while(name: str, life: dict[str, object]) -> None:
    """Case 8."""
    guarded = Guarded(name=name, fields=life)
    async with serving(guarded) as server, client_of(server.url) as client:
        for _ in range(2):
            assert await client.tags("r") == ["a"]
        assert len(guarded.token_requests) == 1


IDENTITY = Credential(identity_token=Secret("canary-identity"))


async def test_an_identity_token_is_sent_as_oauth2_has_it() -> None:
    """Case 9."""
    guarded = Guarded(admits=lambda asked: b"refresh_token=canary-identity" in asked.body, name="access_token")
    async with serving(guarded) as server, client_of(server.url, Known(IDENTITY)) as client:
        assert await client.tags("r") == ["a"]

        assert [str(asked) for asked in guarded.token_requests] == ["POST /token"]
        assert guarded.token_requests[0].body == (
            b"grant_type=refresh_token&service=registry.example&scope=repository%3Ar%3Apull"
            b"&client_id=repo2docker-service&refresh_token=canary-identity"
        )


@pytest.mark.parametrize("status", [404, 405])
async def test_a_token_server_without_oauth2_is_asked_the_older_way(status: int) -> None:
    """Case 9."""
    guarded = Guarded(token_replies=[refusing(status)])
    async with serving(guarded) as server, client_of(server.url, Known(IDENTITY)) as client:
        assert await client.tags("r") == ["a"]

        assert [asked.method for asked in guarded.token_requests] == ["POST", "GET"]
        expected = base64.b64encode(b"<token>:canary-identity").decode()
        assert guarded.token_requests[1].authorization == f"Basic {expected}"


async def test_many_at_once_fetch_one_token() -> None:
    """Case 10."""
    guarded = Guarded()
    async with serving(guarded) as server, client_of(server.url) as client:
        assert await asyncio.gather(*[client.tags("r") for _ in range(100)]) == [["a"]] * 100
        assert len(guarded.token_requests) == 1

        guarded.revoked.update(guarded.issued)
        assert await asyncio.gather(*[client.tags("r") for _ in range(100)]) == [["a"]] * 100
        assert len(guarded.token_requests) == 2


async def test_many_at_once_hear_of_one_failure() -> None:
    guarded = Guarded(admits=lambda _: False)
    async with serving(guarded) as server, client_of(server.url) as client:
        results = await asyncio.gather(*[client.tags("r") for _ in range(8)], return_exceptions=True)

        assert [type(result) for result in results] == [LoginFailed] * 8
        assert len(guarded.token_requests) == 1


async def test_who_stops_waiting_for_a_token_stops_nobody_else() -> None:
    guarded, gate = Guarded(), asyncio.Event()

    async def play(asked: Asked) -> Reply:
        if asked.path == "/token":
            await gate.wait()
        return guarded(asked)

    async with serving(play) as server, client_of(server.url) as client:
        first = asyncio.create_task(client.tags("r"))
        await server.until(lambda server: len(server.requests) == 2)
        second = asyncio.create_task(client.tags("r"))
        await asyncio.sleep(0.01)  # until it waits, too
        first.cancel()
        gate.set()

        assert await second == ["a"]
        assert first.cancelled()


async def test_the_catalog_has_a_token_of_its_own() -> None:
    """Case 13."""
    guarded = Guarded()
    async with serving(guarded) as server, client_of(server.url) as client:
        for _ in range(2):
            assert await client.tags("r") == ["a"]
            assert await client.repositories("") == ["r"]

        assert [scopes_of(asked) for asked in guarded.token_requests] == [["repository:r:pull"], ["registry:catalog:*"]]
        assert len(guarded.registry_requests) == 4 + 2


async def test_a_challenge_without_a_scope_is_answered_with_what_is_needed() -> None:
    guarded = Guarded(says_scope=False)
    async with serving(guarded) as server, client_of(server.url) as client:
        assert await client.tags("r") == ["a"]


async def test_a_token_that_is_configured_is_shown_as_it_is() -> None:
    guarded = Guarded(issued={"canary-ready": ["repository:r:pull"]})
    ready = Known(Credential(registry_token=Secret("canary-ready")))
    async with serving(guarded) as server, client_of(server.url, ready) as client:
        assert await client.tags("r") == ["a"]
        guarded.revoked.add("canary-ready")
        with pytest.raises(Unauthorized):
            await client.tags("r")

        assert guarded.token_requests == []
        assert ready.rejections == 1


async def test_a_password_that_the_token_server_rejects_is_read_afresh() -> None:
    known = Known(SOMEBODY, next=OTHER)
    guarded = Guarded(admits=lambda asked: asked.authorization == OTHER_PASSWORD)
    async with serving(guarded) as server, client_of(server.url, known) as client:
        assert await client.tags("r") == ["a"]
        assert [asked.authorization for asked in guarded.token_requests] == [PASSWORD, OTHER_PASSWORD]
