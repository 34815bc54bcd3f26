"""Who holds a token, as a hub knows, and how browsers log in there."""

import logging
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from tests.unit.adapters.hub.played_hub import ACCESS, ADA, PlayedHub, Said

from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer
from repo2docker_service.domain.errors import AuthorizerUnavailable, Forbidden, Unauthenticated
from repo2docker_service.domain.models import Identity, Owner, OwnerKind
from repo2docker_service.domain.policy import Action
from repo2docker_service.testing.authorizer import AuthorizerContract

Make = Callable[..., JupyterHubAuthorizer]


class TestJupyterHubAuthorizer(AuthorizerContract):
    @pytest.fixture
    def token(self) -> str:
        return "ada's-token"

    @pytest.fixture
    def identity(self) -> Identity:
        return Identity(
            "ada",
            OwnerKind.USER,
            frozenset({"builders", "lab"}),
            frozenset({"builds:create!user=ada", "images:read"}),
        )


class TestIdentifying:
    async def test_a_service_is_known_too(self, authorizer: JupyterHubAuthorizer) -> None:
        who = await authorizer.identify("ci's-token")

        assert who == Identity("ci", OwnerKind.SERVICE, frozenset(), frozenset({"builds:create"}))
        assert authorizer.allows(who, Action.CREATE_BUILDS, Owner(OwnerKind.SERVICE, "ci"))

    @pytest.mark.parametrize(
        "scopes",
        [
            [],
            ["access:services!service=other", "custom:repo2docker:admin"],
            ["access:servers", "custom:repo2docker:admin"],
            ["custom:repo2docker:access:services"],
        ],
    )
    async def test_who_lacks_the_scope_to_come_in_is_told_which(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub, scopes: list[str]
    ) -> None:
        hub.models["ada's-token"] = {**ADA, "admin": True, "scopes": scopes}

        with pytest.raises(Forbidden) as caught:
            await authorizer.identify("ada's-token")

        assert caught.value.scope == ACCESS

    @pytest.mark.parametrize("scope", [ACCESS, "access:services"])
    async def test_either_scope_lets_in(self, authorizer: JupyterHubAuthorizer, hub: PlayedHub, scope: str) -> None:
        hub.models["ada's-token"] = {**ADA, "scopes": [scope]}

        assert (await authorizer.identify("ada's-token")).scopes == frozenset()

    async def test_being_an_administrator_of_the_hub_gives_nothing(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub
    ) -> None:
        hub.models["ada's-token"] = {**ADA, "admin": True, "scopes": ["access:services", "admin:users"]}

        who = await authorizer.identify("ada's-token")

        assert not any(authorizer.allows(who, action, who.owner) for action in Action)

    async def test_the_hub_is_asked_once_for_reading_and_again_for_more(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub
    ) -> None:
        for fresh in (False, False, True, False):
            await authorizer.identify("ada's-token", fresh=fresh)

        assert len(hub.asked) == 2

    async def test_scopes_that_were_lost_are_gone_at_the_next_fresh_look(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub
    ) -> None:
        await authorizer.identify("ada's-token")
        hub.models["ada's-token"] = {**ADA, "scopes": ["access:services"]}

        assert (await authorizer.identify("ada's-token", fresh=True)).scopes == frozenset()
        assert (await authorizer.identify("ada's-token")).scopes == frozenset()

    @pytest.mark.parametrize("loss", [None, {**ADA, "scopes": []}])
    async def test_a_token_that_was_taken_back_is_not_remembered(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub, loss: dict[str, object] | None
    ) -> None:
        await authorizer.identify("ada's-token")
        hub.models["ada's-token"] = loss or {}

        for fresh in (True, False):
            with pytest.raises(Forbidden if loss else Unauthenticated):
                await authorizer.identify("ada's-token", fresh=fresh)

    async def test_a_hub_that_is_down_ends_no_session(self, authorizer: JupyterHubAuthorizer, hub: PlayedHub) -> None:
        known = await authorizer.identify("ada's-token")
        hub.says = [Said(503), Said(503)]

        assert await authorizer.identify("ada's-token") == known
        with pytest.raises(AuthorizerUnavailable):
            await authorizer.identify("ada's-token", fresh=True)
        assert await authorizer.identify("ada's-token") == known
        with pytest.raises(AuthorizerUnavailable):
            await authorizer.identify("ci's-token")
        assert (await authorizer.identify("ci's-token")).name == "ci"

    async def test_without_a_memory_the_hub_is_asked_each_time(self, make: Make, hub: PlayedHub) -> None:
        authorizer = make(cache_seconds=0)

        for _ in range(3):
            await authorizer.identify("ada's-token")

        assert len(hub.asked) == 3

    async def test_no_token_is_logged_or_told(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        hub.models["ada's-token"] = {**ADA, "name": "\n"}
        hub.says = [Said(raises=httpx.ReadError("broken")), Said(raises=httpx.ReadError("broken")), Said(500)]

        told = []
        for _ in range(3):
            with pytest.raises((AuthorizerUnavailable, Unauthenticated)) as caught:
                await authorizer.identify("ada's-token")
            told.append(f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}")

        assert "ada's-token" not in caplog.text + "".join(told) + repr(authorizer) + repr(vars(authorizer))

    async def test_connections_are_closed_at_the_end(self, authorizer: JupyterHubAuthorizer, hub: PlayedHub) -> None:
        async with authorizer:
            assert not hub.closed

        assert hub.closed


class TestLogin:
    async def test_a_code_is_changed_for_a_token(self, authorizer: JupyterHubAuthorizer, hub: PlayedHub) -> None:
        hub.codes["a-code", "a-verifier"] = "new-token"

        assert await authorizer.token_for_code("a-code", "a-verifier") == "new-token"
        assert hub.forms() == [
            {
                "client_id": "service-r2d",
                "client_secret": "secret of r2d",
                "redirect_uri": "/services/r2d/oauth_callback",
                "grant_type": "authorization_code",
                "code": "a-code",
                "code_verifier": "a-verifier",
            }
        ]
        assert "authorization" not in hub.asked[0].headers

    @pytest.mark.parametrize(
        ("code", "verifier"),
        [("other", "a-verifier"), ("a-code", "other"), ("", "a-verifier"), ("a-code", ""), ("\udcff", "\n")],
    )
    async def test_a_wrong_code_is_no_login(
        self, authorizer: JupyterHubAuthorizer, hub: PlayedHub, code: str, verifier: str
    ) -> None:
        hub.codes["a-code", "a-verifier"] = "new-token"

        with pytest.raises(Unauthenticated):
            await authorizer.token_for_code(code, verifier)

    async def test_a_hub_that_does_not_know_this_service_is_no_fault_of_who_logs_in(
        self, make: Make, hub: PlayedHub
    ) -> None:
        hub.codes["a-code", "a-verifier"] = "new-token"

        with pytest.raises(AuthorizerUnavailable, match="client_id") as caught:
            await make(api_token="another secret").token_for_code("a-code", "a-verifier")

        assert "another secret" not in str(caught.value)

    def test_a_browser_is_sent_to_the_hub_with_all_that_it_needs(self, authorizer: JupyterHubAuthorizer) -> None:
        url = urlsplit(authorizer.authorize_url("a state&x", "a challenge"))

        assert (url.scheme, url.netloc, url.path) == ("", "", "/hub/api/oauth2/authorize")
        assert dict(parse_qsl(url.query)) == {
            "client_id": "service-r2d",
            "redirect_uri": "/services/r2d/oauth_callback",
            "response_type": "code",
            "state": "a state&x",
            "code_challenge": "a challenge",
            "code_challenge_method": "S256",
        }

    @pytest.mark.parametrize(
        ("host", "base", "hub_at"),
        [
            ("", "", "/hub/"),
            ("", "/", "/hub/"),
            ("", "jhub", "/jhub/hub/"),
            ("", "/jhub/", "/jhub/hub/"),
            ("https://hub.example.org", "/", "https://hub.example.org/hub/"),
            ("https://hub.example.org/", "/jhub/", "https://hub.example.org/jhub/hub/"),
        ],
    )
    def test_the_hub_is_where_its_host_and_path_say(self, make: Make, host: str, base: str, hub_at: str) -> None:
        authorizer = make(hub_host=host, hub_base_url=base)

        assert authorizer.authorize_url("s", "c").startswith(f"{hub_at}api/oauth2/authorize?")
        assert authorizer.logout_url == f"{hub_at}logout"
