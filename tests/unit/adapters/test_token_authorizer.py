"""One person with one token."""

import re
from pathlib import Path

import pytest
from traitlets.config import Config

from repo2docker_service.adapters.authorizers.token import TokenAuthorizer
from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, Owner, OwnerKind
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.signing import Signer
from repo2docker_service.testing.authorizer import AuthorizerContract

VARIABLE = "REPO2DOCKER_SERVICE_TOKEN"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation("test", Signer([b"a key for tests only"]), tmp_path)


@pytest.fixture(autouse=True)
def _no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


class TestTokenAuthorizer(AuthorizerContract):
    @pytest.fixture
    def token(self) -> str:
        return "A token, gr\u00fc\u00dfe"

    @pytest.fixture
    def identity(self) -> Identity:
        return Identity("admin", OwnerKind.USER, frozenset(), frozenset({"admin"}))

    @pytest.fixture
    def authorizer(self, token: str, installation: Installation) -> TokenAuthorizer:
        return TokenAuthorizer(installation=installation, token=token)


async def test_the_token_of_the_configuration_goes_first(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "from the environment")
    config = Config({"TokenAuthorizer": {"token": "from the file", "user": "ada"}})

    authorizer = TokenAuthorizer(config=config, installation=installation)

    assert (authorizer.token, authorizer.generated) == ("from the file", False)
    assert (await authorizer.identify("from the file")).owner == Owner(OwnerKind.USER, "ada")
    with pytest.raises(Unauthenticated):
        await authorizer.identify("from the environment")


async def test_the_token_of_the_environment_goes_second(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, " from the environment\n")

    authorizer = TokenAuthorizer(installation=installation)

    assert (authorizer.token, authorizer.generated) == ("from the environment", False)
    assert (await authorizer.identify("from the environment")).name == "admin"


async def test_else_a_token_is_made_that_nobody_can_guess(installation: Installation) -> None:
    one, other = (TokenAuthorizer(installation=installation) for _ in range(2))

    assert one.generated
    assert re.fullmatch(r"[0-9a-f]{48}", one.token)
    assert one.token == one.token
    assert one.token != other.token
    assert (await one.identify(one.token)).name == "admin"


@pytest.mark.parametrize("empty", ["", " ", "\n"])
async def test_an_empty_token_lets_nobody_in(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, empty: str
) -> None:
    monkeypatch.setenv(VARIABLE, empty)

    for authorizer in (
        TokenAuthorizer(installation=installation),
        TokenAuthorizer(installation=installation, token=empty),
        TokenAuthorizer(installation=installation, config=Config({"TokenAuthorizer": {"token": empty}})),
    ):
        assert authorizer.generated
        with pytest.raises(Unauthenticated):
            await authorizer.identify(empty)


async def test_whoever_holds_the_token_is_an_administrator(installation: Installation) -> None:
    authorizer = TokenAuthorizer(installation=installation)

    assert Policy(authorizer.allows).is_admin(await authorizer.identify(authorizer.token))


def test_the_token_is_marked_as_secret(installation: Installation) -> None:
    authorizer = TokenAuthorizer(installation=installation)

    assert authorizer.trait_metadata("token", "secret") is True
    assert authorizer.token not in repr(authorizer)
