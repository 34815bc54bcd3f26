"""Encrypted connections are only made with whom they should be made, and what is wrong with others is told apart."""

import asyncio
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.integration.raw_servers import certificate, listening
from tests.unit.adapters.v2.asking import Known, client_of
from tests.unit.adapters.v2.scripted import Server, in_turn, json_of, serving

from repo2docker_service.adapters.registries.v2.errors import ConnectionFailed
from repo2docker_service.adapters.registries.v2.transport.http import RegistryHttp

pytestmark = pytest.mark.served

OK = in_turn(json_of({"tags": ["a"]}))
Certificate = tuple[Path, ssl.SSLContext]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Make a certificate for localhost, and give its file and what a server needs."""
    return certificate(tmp_path_factory.mktemp("ours"), "localhost")


def at_localhost(server: Server) -> str:
    return server.url.replace("127.0.0.1", "localhost")


async def test_a_certificate_of_an_unknown_authority_is_not_trusted(ours: Certificate) -> None:
    """Case 67."""
    async with serving(OK, ours[1]) as server, client_of(at_localhost(server)) as client:
        with pytest.raises(ConnectionFailed, match=r"not trusted .*V2Registry\.ca_bundle") as caught:
            await client.ping()

        assert not caught.value.again
        assert server.requests == []


async def test_an_authority_that_is_configured_is_trusted(ours: Certificate) -> None:
    """Case 67."""
    async with serving(OK, ours[1]) as server, client_of(at_localhost(server), ca_bundle=str(ours[0])) as client:
        await client.ping()
        assert await client.tags("r") == ["a"]


async def test_a_certificate_for_another_host_is_not_trusted(ours: Certificate) -> None:
    """Case 67."""
    async with serving(OK, ours[1]) as server, client_of(server.url, ca_bundle=str(ours[0])) as client:
        with pytest.raises(ConnectionFailed, match="another host name"):
            await client.ping()


async def test_every_certificate_is_trusted_where_an_administrator_says_so(ours: Certificate) -> None:
    async with serving(OK, ours[1]) as server, client_of(server.url, insecure=True) as client:
        await client.ping()


async def test_a_registry_without_encryption_is_not_asked_with_it() -> None:
    """Case 67."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent no HTTP\r\n")

    async with listening(talk) as port, client_of(f"https://127.0.0.1:{port}") as client:
        with pytest.raises(ConnectionFailed, match="plain HTTP") as caught:
            await client.ping()

        assert not caught.value.again


async def test_a_registry_with_encryption_is_not_asked_without_it(ours: Certificate) -> None:
    """Case 67: it may just hang up, as this one does, or say what is wrong."""
    async with serving(OK, ours[1]) as server, client_of(server.url.replace("https", "http"), Known()) as client:
        with pytest.raises(ConnectionFailed):
            await client.ping()
        assert server.requests == []


async def test_an_encrypted_connection_that_is_tampered_with_is_broken(ours: Certificate) -> None:
    async with serving(OK, ours[1]) as server:

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", urlsplit(server.url).port)
            behind_writer.write(await reader.read(1 << 16))
            writer.write(await behind_reader.read(1 << 16))
            # Both have agreed on keys; this is not written with them.
            await reader.read(1 << 16)
            writer.write(b"\x17\x03\x03\x00\x20" + b"x" * 32)
            await writer.drain()
            behind_writer.close()

        async with (
            listening(talk) as port,
            client_of(f"https://localhost:{port}", ca_bundle=str(ours[0])) as client,
        ):
            with pytest.raises(ConnectionFailed, match="the connection broke"):
                await client.ping()


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_file_of_authorities_that_is_none_is_told(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    http = RegistryHttp(ca_bundle=str(file))

    with pytest.raises(OSError, match=r"."):
        await http.open()
    with pytest.raises(ConnectionFailed, match=r"V2Registry\.ca_bundle"):
        await http.send("GET", "https://127.0.0.1:1/v2/", most=100)
    await http.close()


async def test_a_file_of_authorities_that_is_mended_is_read_again(ours: Certificate, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    async with serving(OK, ours[1]) as server, client_of(at_localhost(server), ca_bundle=str(file)) as client:
        with pytest.raises(ConnectionFailed, match=r"V2Registry\.ca_bundle"):
            await client.ping()
        file.write_bytes(ours[0].read_bytes())

        await client.ping()
