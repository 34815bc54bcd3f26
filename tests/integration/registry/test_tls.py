"""Whom a client trusts, what it says of whom it does not, and what is left when it is no longer wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.registry.clients import ONCE, client_of
from tests.integration.registry.faults import delayed
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.certificates import Certificate, authority, issue
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.registry_content import put_image

from repo2docker_service.adapters.registries.v2.auth.credentials import NoCredentials
from repo2docker_service.adapters.registries.v2.errors import ConnectionFailed
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient
from repo2docker_service.adapters.registries.v2.transport.http import RegistryHttp

TAGS = "GET /v2/app/tags/list"


@pytest.fixture
def trusted(tmp_path: Path) -> Certificate:
    return authority(tmp_path)


@pytest.fixture
def secure(trusted: Certificate, tmp_path: Path) -> Iterator[RunningRegistry]:
    """Run a registry whose certificate is for this address."""
    shown = issue(trusted, tmp_path, "server", "IP:127.0.0.1")
    with running_registry(tmp_path, Setup(tls=(shown.file, shown.key))) as registry:
        yield registry


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[RunningRegistry]:
    with running_registry(tmp_path) as registry:
        yield registry


async def problem_with(url: str, ca_bundle: Path | None = None) -> str:
    """Give what a client says of a registry that it does not get through to."""
    async with client_of(url, ca_bundle=ca_bundle) as client:
        with pytest.raises(ConnectionFailed) as caught:
            await client.ping()
    assert not caught.value.again
    return caught.value.problem


async def test_an_authority_of_the_administrators_own_is_trusted(secure: RunningRegistry, trusted: Certificate) -> None:
    """Case 67."""
    async with client_of(secure.url, ca_bundle=trusted.file) as client:
        await client.ping()


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secure: RunningRegistry) -> None:
    """Case 67."""
    assert "its certificate is not trusted" in await problem_with(secure.url)


async def test_a_certificate_that_vouches_for_itself_is_not_trusted(trusted: Certificate, tmp_path: Path) -> None:
    """Case 67."""
    with running_registry(tmp_path, Setup(tls=(trusted.file, trusted.key))) as registry:
        assert "its certificate is not trusted" in await problem_with(registry.url)


async def test_a_certificate_of_another_host_is_not_trusted(trusted: Certificate, tmp_path: Path) -> None:
    """Case 67."""
    shown = issue(trusted, tmp_path, "server", "DNS:elsewhere.example", "IP:127.0.0.2")
    with running_registry(tmp_path, Setup(tls=(shown.file, shown.key))) as registry:
        assert await problem_with(registry.url, trusted.file) == "its certificate is for another host name"


async def test_every_certificate_is_trusted_when_that_is_wanted(secure: RunningRegistry) -> None:
    client = RegistryClient(secure.url, RegistryHttp(insecure=True), NoCredentials())
    await client.ping()
    await client.close()


async def test_http_where_https_is_spoken_is_explained(secure: RunningRegistry) -> None:
    """Case 67."""
    assert "it wants https there" in await problem_with(f"http://{secure.host}")


async def test_https_where_http_is_spoken_is_explained(plain: RunningRegistry) -> None:
    """Case 67."""
    assert "it speaks plain HTTP there" in await problem_with(f"https://{plain.host}")


async def test_nothing_behind_a_port_is_told_from_a_bad_certificate(plain: RunningRegistry) -> None:
    plain.stop()
    async with client_of(plain.url, retries=ONCE) as client:
        with pytest.raises(ConnectionFailed, match="nothing answers") as caught:
            await client.ping()

    assert caught.value.again


async def test_calls_that_are_given_up_leave_nothing_behind(plain: RunningRegistry) -> None:
    """Case 68."""
    put_image(plain.url, "app", "one", {})
    before = asyncio.all_tasks()
    with registry_proxy(plain.port) as proxy:
        proxy.on(TAGS, delayed(30))
        async with client_of(proxy.url, connections=2) as client:
            calls = [asyncio.create_task(client.tags("app")) for _ in range(20)]
            async with asyncio.timeout(5):
                await until_asked(proxy, 2)
            for call in calls:
                call.cancel()
            await asyncio.wait(calls)

            assert all(call.cancelled() for call in calls)
            assert asyncio.all_tasks() == before
            proxy.forget()
            # Both places are free again.
            assert await asyncio.gather(*(client.tags("app") for _ in range(2))) == [["one"]] * 2
        assert connections_to(proxy) == 0


async def until_asked(proxy: RegistryProxy, count: int) -> None:
    while len(proxy.seen(TAGS)) < count:  # noqa: ASYNC110 (the proxy lives in another thread)
        await asyncio.sleep(0.01)


def connections_to(proxy: RegistryProxy) -> int:
    """Count the connections that clients on this machine have with a port and did not close."""
    port = f":{int(proxy.host.rpartition(':')[2]):04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    established = "01"
    return sum(line.split()[2].endswith(port) and line.split()[3] == established for line in lines)
