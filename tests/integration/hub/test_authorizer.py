"""What a real Hub answers to a login, and to a service that gets it wrong."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.integration.hub.conftest import OPEN_TOKEN, Behind
from tools.parts.hub_login import browser, log_in

from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer
from repo2docker_service.domain.errors import AuthorizerUnavailable, Unauthenticated

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
CALLBACK = "http://127.0.0.1:9/oauth_callback"


def authorizer(behind: Behind, **settings: str) -> JupyterHubAuthorizer:
    """Ask the Hub as its second service does, which is outside its proxy."""
    known = {
        "api_url": behind.hub.api_url,
        "api_token": OPEN_TOKEN,
        "client_id": "service-open",
        "hub_host": behind.hub.url.removesuffix(behind.hub.base_url),
        "hub_base_url": behind.hub.base_url,
        "oauth_callback_url": CALLBACK,
    }
    return JupyterHubAuthorizer(**(known | settings))


@pytest.fixture
def bob(behind: Behind) -> Iterator[httpx.Client]:
    """Give a browser that has logged in at the Hub."""
    with browser() as client:
        log_in(client, f"{behind.hub.url}hub/login", "bob")
        yield client


def code_for(client: httpx.Client, asking: JupyterHubAuthorizer) -> str:
    """Send a browser to the Hub, and give the code that it comes back with."""
    answer = client.get(asking.authorize_url("a state&x", CHALLENGE), follow_redirects=False)
    back = answer.headers["location"]
    query = parse_qs(urlsplit(back).query)
    assert back.startswith(f"{CALLBACK}?")
    assert query["state"] == ["a state&x"]
    return query["code"][0]


async def test_who_has_logged_in_at_the_hub_is_known_here(behind: Behind, bob: httpx.Client) -> None:
    async with authorizer(behind) as asking:
        who = await asking.identify(await asking.token_for_code(code_for(bob, asking), VERIFIER))

    assert (who.name, who.kind, who.groups) == ("bob", "user", frozenset())
    assert who.scopes == {"images:read"}


async def test_a_code_is_good_once(behind: Behind, bob: httpx.Client) -> None:
    async with authorizer(behind) as asking:
        code = code_for(bob, asking)
        await asking.token_for_code(code, VERIFIER)

        for wrong in (code, "no-code"):
            with pytest.raises(Unauthenticated):
                await asking.token_for_code(wrong, VERIFIER)


async def test_a_code_is_good_only_with_its_verifier(behind: Behind, bob: httpx.Client) -> None:
    async with authorizer(behind) as asking:
        with pytest.raises(Unauthenticated):
            await asking.token_for_code(code_for(bob, asking), VERIFIER.upper())


@pytest.mark.parametrize("wrong", [{"api_token": "another secret"}, {"client_id": "service-nobody"}])
async def test_a_service_that_the_hub_does_not_know_blames_nobody_who_logs_in(
    behind: Behind, bob: httpx.Client, wrong: dict[str, str]
) -> None:
    async with authorizer(behind, **wrong) as stranger:
        code = code_for(bob, authorizer(behind))
        with pytest.raises(AuthorizerUnavailable, match="client_id and api_token"):
            await stranger.token_for_code(code, VERIFIER)


async def test_after_a_logout_at_the_hub_the_token_is_nobodys(behind: Behind, bob: httpx.Client) -> None:
    async with authorizer(behind) as asking:
        token = await asking.token_for_code(code_for(bob, asking), VERIFIER)
        await asking.identify(token)
        await asyncio.to_thread(bob.get, asking.logout_url)

        with pytest.raises(Unauthenticated):
            await asking.identify(token, fresh=True)


def test_who_may_not_use_a_service_gets_no_code_for_it(behind: Behind, bob: httpx.Client) -> None:
    callback = f"{behind.hub.base_url}services/repo2docker/oauth_callback"
    other = authorizer(behind, client_id="service-repo2docker", oauth_callback_url=callback)

    assert bob.get(other.authorize_url("s", CHALLENGE), follow_redirects=False).status_code == 403


@pytest.mark.parametrize("path", ["", "hub", "nowhere"])
async def test_an_address_that_is_not_the_api_is_told_apart_from_a_wrong_token(behind: Behind, path: str) -> None:
    async with authorizer(behind, api_url=f"{behind.hub.url}{path}") as asking:
        with pytest.raises(AuthorizerUnavailable, match="api_url"):
            await asking.identify(behind.hub.token("bob"))
