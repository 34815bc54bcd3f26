"""What the hub's answers mean."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.adapters.hub.played_hub import ADA, API, PlayedHub, Said, said

from repo2docker_service.adapters.authorizers.jupyterhub.hub_api import Holder, HubApi
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.domain.errors import AuthorizerUnavailable, ServiceError, Unauthenticated
from repo2docker_service.domain.models import OwnerKind

CLIENT = {"client_id": "service-r2d", "client_secret": "secret of r2d", "redirect_uri": "/services/r2d/oauth_callback"}


@pytest.fixture
def api(hub: PlayedHub) -> HubApi:
    return HubApi(API, HubHttp(transport=hub))


async def outcome(api: HubApi, hub: PlayedHub, *says: Said) -> Holder | type[ServiceError]:
    hub.says = list(says)
    try:
        return await api.holder("a-token")
    except ServiceError as error:
        return type(error)


async def test_the_token_goes_where_the_hub_reads_it(api: HubApi, hub: PlayedHub) -> None:
    await api.holder("ada's-token")

    (asked,) = hub.asked
    assert (asked.method, str(asked.url)) == ("GET", f"{API}/user")
    assert asked.headers["authorization"] == "token ada's-token"
    assert "cookie" not in asked.headers


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "\x00", "tok\u00e9n", "\udcff", "a" * 4097])
async def test_what_cannot_be_a_token_is_not_even_sent(api: HubApi, hub: PlayedHub, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await api.holder(token)

    assert hub.asked == []


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_token_that_the_hub_refuses_is_nobodys(api: HubApi, hub: PlayedHub, status: int) -> None:
    assert await outcome(api, hub, said({"status": status, "message": "no"}, status)) is Unauthenticated


@pytest.mark.parametrize("status", [204, 301, 302, 400, 405, 418, 429, 500, 502, 503, 504, 599])
async def test_every_other_answer_means_that_nothing_is_known(api: HubApi, hub: PlayedHub, status: int) -> None:
    headers = {"Location": "/elsewhere"} if status in (301, 302) else {}

    assert await outcome(api, hub, Said(status, b"an error", headers)) is AuthorizerUnavailable
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "application/json"}, {"X-JupyterHub-Version": "6.1.1", "Content-Type": "text/html"}],
)
@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_proxy_before_the_hub_and_a_page_of_the_hub_log_nobody_out(
    api: HubApi, hub: PlayedHub, headers: dict[str, str], status: int
) -> None:
    assert await outcome(api, hub, Said(status, b"<h1>no</h1>", headers)) is AuthorizerUnavailable


@pytest.mark.parametrize(
    "error", [httpx.ReadError("x"), httpx.WriteError("x"), httpx.RemoteProtocolError("x")], ids=repr
)
async def test_a_broken_connection_is_tried_once_more(api: HubApi, hub: PlayedHub, error: Exception) -> None:
    assert await outcome(api, hub, Said(raises=error), said(ADA)) == await api.holder("ada's-token")
    assert await outcome(api, hub, Said(raises=error), Said(raises=error)) is AuthorizerUnavailable


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.ReadTimeout("x"), httpx.PoolTimeout("x"), OSError("x")],
    ids=repr,
)
async def test_without_a_connection_nothing_is_known(api: HubApi, hub: PlayedHub, error: Exception) -> None:
    assert await outcome(api, hub, Said(raises=error)) is AuthorizerUnavailable


async def test_a_code_is_sent_once_only(api: HubApi, hub: PlayedHub) -> None:
    hub.says = [Said(raises=httpx.ReadError("x"))]

    with pytest.raises(AuthorizerUnavailable):
        await api.token("a-code", "a-verifier", CLIENT)

    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"kind": "user", "name": "ada"}',
        b'{"kind": "user", "name": null, "scopes": []}',
        b'{"kind": "group", "name": "ada", "scopes": []}',
        b'{"kind": ["user"], "name": "ada", "scopes": []}',
        b'{"name": "ada", "scopes": []}',
        b'{"kind": "user", "name": "ada", "scopes": "admin"}',
        b'{"kind": "user", "name": "ada", "scopes": [1]}',
        b'{"kind": "user", "name": "ada", "scopes": [], "groups": null}',
    ],
    ids=range(14),
)
async def test_an_answer_that_no_hub_gives_is_not_believed(api: HubApi, hub: PlayedHub, body: bytes) -> None:
    assert await outcome(api, hub, Said(200, body)) is AuthorizerUnavailable


async def test_a_compressed_answer_is_not_unpacked(api: HubApi, hub: PlayedHub) -> None:
    compressed = Said(200, said(ADA).body, {"Content-Encoding": "gzip"})

    assert await outcome(api, hub, compressed) is AuthorizerUnavailable


class Endless(httpx.AsyncByteStream):
    """An answer without an end."""

    given = 0
    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.given += 1 << 16
            yield b" " * (1 << 16)

    async def aclose(self) -> None:
        self.closed = True


async def test_an_answer_without_an_end_is_left_and_its_connection_given_back() -> None:
    answer = Endless()

    class Talking(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=answer)

    with pytest.raises(AuthorizerUnavailable, match="more than 1048576 bytes"):
        await HubApi(API, HubHttp(transport=Talking())).holder("a-token")

    assert answer.closed
    assert answer.given == (1 << 20) + (1 << 16)


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
async def test_an_answer_may_be_one_mebibyte_long(api: HubApi, hub: PlayedHub, size: int) -> None:
    body = b'{"kind": "user", "name": "ada", "scopes": []'

    told = await outcome(api, hub, Said(200, body + b" " * (size - len(body) - 1) + b"}"))

    fits = size <= 1 << 20
    assert told == (Holder("ada", OwnerKind.USER, frozenset(), frozenset()) if fits else AuthorizerUnavailable)


@pytest.mark.parametrize("name", ["", "a\nb", "\u202eada", "\ud800", "a" * 256])
async def test_a_name_that_would_mislead_is_nobodys(api: HubApi, hub: PlayedHub, name: str) -> None:
    assert await outcome(api, hub, said({**ADA, "name": name})) is Unauthenticated

    holder = await outcome(api, hub, said({**ADA, "groups": ["lab", name]}))
    assert isinstance(holder, Holder)
    assert holder.groups == {"lab"}


@pytest.mark.parametrize("name", ["ada", "ada lovelace", "ada@example.org", "\u00e4da", "a!user=bob", "a/b", "a" * 255])
async def test_any_other_name_is_taken_as_it_is(api: HubApi, hub: PlayedHub, name: str) -> None:
    holder = await outcome(api, hub, said({**ADA, "name": name}))

    assert isinstance(holder, Holder)
    assert holder.name == name


@pytest.mark.parametrize("document", [{}, {"access_token": None}, {"access_token": ""}, {"access_token": "a b"}, []])
async def test_an_answer_without_a_token_is_not_believed(api: HubApi, hub: PlayedHub, document: object) -> None:
    hub.says = [said(document)]

    with pytest.raises(AuthorizerUnavailable):
        await api.token("a-code", "a-verifier", CLIENT)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said({"error": "invalid_grant"}, 400), Unauthenticated),
        (said({"error": "invalid_request"}, 400), Unauthenticated),
        (said({"error": "invalid_client"}, 401), AuthorizerUnavailable),
        (said({"error": "unauthorized_client"}, 400), AuthorizerUnavailable),
        (said({"status": 403, "message": "Forbidden"}, 403), AuthorizerUnavailable),
        (Said(400, b"<html>"), AuthorizerUnavailable),
        (Said(302), AuthorizerUnavailable),
        (Said(404), AuthorizerUnavailable),
        (Said(503), AuthorizerUnavailable),
    ],
)
async def test_only_a_code_that_the_hub_refuses_is_a_failed_login(
    api: HubApi, hub: PlayedHub, answer: Said, error: type[ServiceError]
) -> None:
    hub.says = [answer]

    with pytest.raises(error):
        await api.token("a-code", "a-verifier", CLIENT)


async def test_a_hub_that_answers_is_asked_for_its_version_and_sent_no_token(api: HubApi, hub: PlayedHub) -> None:
    hub.says = [said({"version": "6.1.1"})]
    await api.check()

    (asked,) = hub.asked
    assert (asked.method, str(asked.url)) == ("GET", f"{API}/")
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("answer", [Said(503, b"", {}), Said(404, b"", {}), Said(200, b"a page", {})])
async def test_what_is_no_hub_or_one_that_is_away_does_not_pass(api: HubApi, hub: PlayedHub, answer: Said) -> None:
    hub.says = [answer]
    with pytest.raises(AuthorizerUnavailable):
        await api.check()
