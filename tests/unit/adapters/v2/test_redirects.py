"""A registry may keep its blobs elsewhere; that place never hears who we are."""

import hashlib
import logging

import pytest
from tests.unit.adapters.v2.asking import OCI, SOMEBODY, Known, Stored, client_of, config_of, manifest_of
from tests.unit.adapters.v2.scripted import Asked, Reply, in_turn, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, ConnectionFailed, Refused, RegistryError
from repo2docker_service.adapters.registries.v2.transport.http import Answer, Headers, RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.redirects import follow

pytestmark = pytest.mark.served

CONFIG = config_of(config={"Labels": {"a": "b"}})
IMAGE = manifest_of(CONFIG)
BLOB = f"/v2/r/blobs/{CONFIG.digest}"
SIGNED = "/bucket/blob?X-Signature=canary%2Fsigned&b=c"


class Leading:
    """A registry that wants a password and keeps no blobs itself."""

    def __init__(self, location: str = "", status: int = 307) -> None:
        self.location = location
        self.status = status

    def __call__(self, asked: Asked) -> Reply:
        if not asked.authorization:
            return refusing(401, WWW_Authenticate='Basic realm="x"')
        if asked.path == BLOB:
            return Reply(self.status, headers={"Location": self.location})
        return IMAGE.reply if asked.path.endswith(IMAGE.digest) else CONFIG.reply


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_blob_is_fetched_from_where_the_registry_keeps_it(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Case 63: the password stays at the registry, and the signature in the address out of the log."""
    caplog.set_level(logging.DEBUG, "registry")
    async with serving(in_turn(CONFIG.reply)) as storage, serving(Leading(f"{storage.url}{SIGNED}", status)) as server:
        async with client_of(server.url, Known(SOMEBODY)) as client:
            assert (await client.summary("r", IMAGE.digest)).labels == {"a": "b"}

        assert storage.said == [f"GET {SIGNED}"]
        assert "authorization" not in storage.requests[0].headers
    assert "canary" not in caplog.text


async def test_at_the_registry_itself_we_stay_who_we_are() -> None:
    async with serving(Leading("/v2/elsewhere")) as server, client_of(server.url, Known(SOMEBODY)) as client:
        assert (await client.summary("r", IMAGE.digest)).labels == {"a": "b"}
        assert server.requests[-1].path == "/v2/elsewhere"
        assert server.requests[-1].authorization


async def test_who_comes_back_to_the_registry_from_elsewhere_shows_nothing() -> None:
    leading = Leading()
    async with serving(leading) as server, client_of(server.url, Known(SOMEBODY)) as client:
        back = Reply(302, headers={"Location": f"{server.url}/v2/back"})
        async with serving(in_turn(back)) as storage:
            leading.location = f"{storage.url}/x"
            with pytest.raises(RegistryError):
                await client.summary("r", IMAGE.digest)
        assert [asked.authorization for asked in server.requests if asked.path == "/v2/back"] == [""]


@pytest.mark.parametrize(
    "location",
    [
        BLOB,  # a circle
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://somebody:canary@127.0.0.1/",
        "http://127.0.0.1:1\\@x/",
        "//",
        "http://[/",
        "",
    ],
)
async def test_a_redirect_that_leads_nowhere_good_is_not_followed(location: str) -> None:
    """Case 64."""
    async with serving(Leading(location)) as server, client_of(server.url, Known(SOMEBODY)) as client:
        with pytest.raises(BadAnswer, match="redirects"):
            await client.summary("r", IMAGE.digest)
        assert sum(asked.path == BLOB for asked in server.requests) <= 6


async def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    """Case 64."""
    answer = Answer(307, Headers({"Location": "http://storage.example/x"}), b"", "https://registry.example/v2/")
    with pytest.raises(BadAnswer, match="without encryption"):
        await follow(RegistryHttp(), answer, {}, "Basic canary", 100)


async def test_a_challenge_from_the_storage_is_not_answered() -> None:
    """Case 65."""
    tokens: list[Asked] = []

    def storage_play(asked: Asked) -> Reply:
        if asked.path == "/token":
            tokens.append(asked)
        return refusing(401, WWW_Authenticate=f'Bearer realm="http://{asked.headers["host"]}/token"')

    async with serving(storage_play) as storage, serving(Leading(f"{storage.url}{SIGNED}")) as server:
        async with client_of(server.url, Known(SOMEBODY)) as client:
            with pytest.raises(Refused, match=r"its storage 127\.0\.0\.1 answered with status 401") as caught:
                await client.summary("r", IMAGE.digest)

        assert "canary" not in str(caught.value)
        assert len(storage.requests) == 1
        assert tokens == []


async def test_a_storage_that_fails_for_a_moment_is_asked_again_by_way_of_the_registry() -> None:
    replies = in_turn(Reply(503), Reply(500), CONFIG.reply)
    async with serving(replies) as storage, serving(Leading(f"{storage.url}{SIGNED}")) as server:
        async with client_of(server.url, Known(SOMEBODY)) as client:
            assert (await client.summary("r", IMAGE.digest)).labels == {"a": "b"}
        assert sum(asked.path == BLOB for asked in server.requests) == 3


async def test_a_storage_that_is_not_there_is_named() -> None:
    async with serving(in_turn(Reply())) as storage:
        pass
    async with serving(Leading(f"{storage.url}{SIGNED}")) as server, client_of(server.url, Known(SOMEBODY)) as client:
        with pytest.raises(ConnectionFailed, match=r"its storage 127\.0\.0\.1: nothing answers"):
            await client.summary("r", IMAGE.digest)


async def test_a_storage_that_has_lost_a_config_does_not_hide_the_image() -> None:
    async with (
        serving(in_turn(Reply(404))) as storage,
        serving(Leading(f"{storage.url}{SIGNED}")) as server,
        client_of(server.url, Known(SOMEBODY)) as client,
    ):
        assert (await client.summary("r", IMAGE.digest)).labels == {}


async def test_what_the_storage_gives_is_checked_too() -> None:
    changed = Stored(CONFIG.body.replace(b"b", b"c"), CONFIG.media_type)
    assert len(changed.body) == len(CONFIG.body)
    async with (
        serving(in_turn(changed.reply)) as storage,
        serving(Leading(f"{storage.url}{SIGNED}")) as server,
        client_of(server.url, Known(SOMEBODY)) as client,
    ):
        with pytest.raises(BadAnswer, match="digest"):
            await client.summary("r", IMAGE.digest)


async def test_nothing_but_a_blob_is_fetched_from_elsewhere() -> None:
    async with serving(in_turn(IMAGE.reply)) as storage:
        moved = Reply(307, headers={"Location": f"{storage.url}/x"})
        async with serving(in_turn(moved)) as server, client_of(server.url) as client:
            for call in (client.summary("r", IMAGE.digest), client.digest("r", "tag"), client.tags("r")):
                with pytest.raises(BadAnswer, match="redirects"):
                    await call
        assert storage.requests == []


def test_the_image_of_these_tests_is_one() -> None:
    assert IMAGE.media_type == OCI
    assert CONFIG.digest.endswith(hashlib.sha256(CONFIG.body).hexdigest())
