"""Encrypted connections with the hub: only with the right one, and with our own certificate where it wants one."""

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.integration.raw_servers import listening
from tests.unit.adapters.hub.played_hub import ADA
from tests.unit.adapters.v2.scripted import in_turn, json_of, serving
from tools.parts.certificates import Certificate, authority, issue

from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer
from repo2docker_service.domain.errors import AuthorizerUnavailable

pytestmark = pytest.mark.served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def signer(folder: Path) -> Certificate:
    return authority(folder)


@pytest.fixture(scope="module")
def of_hub(signer: Certificate, folder: Path) -> Certificate:
    return issue(signer, folder, "hub", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def of_service(signer: Certificate, folder: Path) -> Certificate:
    return issue(signer, folder, "service", "DNS:service")


def authorizer(url: str, **settings: str) -> JupyterHubAuthorizer:
    return JupyterHubAuthorizer(
        api_url=f"{url}/hub/api",
        api_token="secret of r2d",
        client_id="service-r2d",
        service_prefix="/services/r2d/",
        **settings,
    )


async def test_an_authority_that_is_named_is_trusted(of_hub: Certificate, signer: Certificate) -> None:
    async with (
        serving(in_turn(json_of(ADA)), of_hub.context) as server,
        authorizer(server.url, ca_bundle=str(signer.file)) as asking,
    ):
        assert (await asking.identify("a-token")).name == "ada"


async def test_a_hub_of_an_unknown_authority_gets_no_token(of_hub: Certificate) -> None:
    async with serving(in_turn(json_of(ADA)), of_hub.context) as server:
        async with authorizer(server.url) as asking:
            with pytest.raises(AuthorizerUnavailable, match=r"not trusted .*JupyterHubAuthorizer\.ca_bundle"):
                await asking.identify("a-token")

        assert server.requests == []


async def test_a_hub_of_another_name_gets_no_token(of_hub: Certificate, signer: Certificate) -> None:
    async with serving(in_turn(json_of(ADA)), of_hub.context) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        async with authorizer(url, ca_bundle=str(signer.file)) as asking:
            with pytest.raises(AuthorizerUnavailable, match="not trusted"):
                await asking.identify("a-token")

        assert server.requests == []


async def test_a_hub_that_wants_a_certificate_is_shown_ours(
    of_hub: Certificate, of_service: Certificate, signer: Certificate
) -> None:
    wanting = of_hub.context
    wanting.verify_mode = ssl.CERT_REQUIRED
    wanting.load_verify_locations(signer.file)
    ours = {"ssl_certfile": str(of_service.file), "ssl_keyfile": str(of_service.key)}

    async with serving(in_turn(json_of(ADA)), wanting) as server:
        async with authorizer(server.url, ca_bundle=str(signer.file), **ours) as asking:
            assert (await asking.identify("a-token")).name == "ada"
        async with authorizer(server.url, ca_bundle=str(signer.file)) as asking:
            with pytest.raises(AuthorizerUnavailable):
                await asking.identify("a-token")


async def test_a_hub_without_encryption_is_not_asked_with_it() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    async with listening(talk) as port, authorizer(f"https://127.0.0.1:{port}") as asking:
        with pytest.raises(AuthorizerUnavailable, match="no secure connection"):
            await asking.identify("a-token")
