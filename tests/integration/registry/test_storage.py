"""A real registry behind a proxy that leads elsewhere, or gives more than anybody can hold."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.integration.registry import faults
from tests.integration.registry.clients import client_of
from tests.integration.registry.proxy import Exchange, Fault, RegistryProxy, registry_proxy
from tools.parts.certificates import authority, issue
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.registry_content import basic, put_image
from tools.parts.token_server import token_server

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Refused

ADA = ("ada", "pass")
BLOB = "GET /v2/app/blobs/"
MB = 1 << 20


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RunningRegistry]:
    with running_registry(tmp_path, Setup(users=dict([ADA]))) as registry:
        yield registry


@pytest.fixture
def digest(registry: RunningRegistry) -> str:
    """Put an image into the registry, and give its digest."""
    return put_image(registry.url, "app", "one", {"label": "value"}, auth=basic(*ADA))


@pytest.fixture
def proxy(registry: RunningRegistry) -> Iterator[RegistryProxy]:
    with registry_proxy(registry.port) as proxy:
        yield proxy


@pytest.fixture
def storage(registry: RunningRegistry) -> Iterator[RegistryProxy]:
    """Keep blobs under another port, for whoever has no password to show."""

    def give(exchange: Exchange) -> None:
        blob = httpx.get(f"{exchange.behind}{exchange.request.target.partition('?')[0]}", auth=ADA).content
        faults.answer(200, blob)(exchange)

    with registry_proxy(registry.port) as storage:
        storage.on(BLOB, give)
        yield storage


def to(place: str, status: int = 307) -> Fault:
    """Redirect to the same path at another place, with a query as storages want it."""

    def act(exchange: Exchange) -> None:
        faults.answer(status, Location=f"{place}{exchange.request.target}?signature=1")(exchange)

    return act


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_storage_elsewhere_is_asked_without_a_password(
    status: int, proxy: RegistryProxy, storage: RegistryProxy, digest: str
) -> None:
    """Case 63."""
    proxy.on(BLOB, to(storage.url, status))
    async with client_of(proxy.url, user=ADA) as client:
        assert (await client.summary("app", digest)).labels == {"label": "value"}

    assert len(storage.requests) == 1
    assert storage.requests[0].target.endswith("?signature=1")
    assert "authorization" not in storage.requests[0].headers
    assert "cookie" not in storage.requests[0].headers
    assert proxy.requests[-1].headers["authorization"] == basic(*ADA)


async def test_a_redirection_within_the_registry_keeps_the_password(proxy: RegistryProxy, digest: str) -> None:
    proxy.on(BLOB, to(proxy.url), times=1)
    async with client_of(proxy.url, user=ADA) as client:
        assert (await client.summary("app", digest)).labels == {"label": "value"}

    assert len(proxy.seen(BLOB)) == 2


async def test_the_password_does_not_come_back_from_elsewhere(
    proxy: RegistryProxy, storage: RegistryProxy, digest: str
) -> None:
    """Case 63."""
    proxy.on(BLOB, to(storage.url), times=1)
    storage.on(BLOB, to(proxy.url))
    async with client_of(proxy.url, user=ADA) as client:
        with pytest.raises(Refused, match="its storage"):
            await client.summary("app", digest)

    assert "authorization" not in proxy.requests[-1].headers


async def test_redirections_have_an_end(proxy: RegistryProxy, digest: str) -> None:
    """Case 64."""
    proxy.on(BLOB, faults.answer(307, Location="/v2/app/blobs/again"))
    async with client_of(proxy.url, user=ADA) as client:
        with pytest.raises(BadAnswer, match="redirects without end"):
            await client.summary("app", digest)

    assert len(proxy.seen(BLOB)) <= 6


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://169.254.169.254/", "http://a@127.0.0.1/", "\\"]
)
async def test_a_redirection_to_where_nobody_should_go_is_not_followed(
    location: str, proxy: RegistryProxy, digest: str
) -> None:
    """Case 64."""
    proxy.on(BLOB, faults.answer(307, Location=location))
    async with client_of(proxy.url, user=ADA) as client, asyncio.timeout(5):
        with pytest.raises(BadAnswer, match="redirects to where nobody should go"):
            await client.summary("app", digest)


async def test_a_redirection_does_not_give_encryption_up(
    registry: RunningRegistry, storage: RegistryProxy, digest: str, tmp_path: Path
) -> None:
    """Case 64."""
    trusted = authority(tmp_path)
    shown = issue(trusted, tmp_path, "server", "IP:127.0.0.1")
    with registry_proxy(registry.port, shown.context) as proxy:
        proxy.on(BLOB, to(storage.url))
        async with client_of(proxy.url, user=ADA, ca_bundle=trusted.file) as client:
            with pytest.raises(BadAnswer, match="without encryption"):
                await client.summary("app", digest)

    assert len(proxy.seen(BLOB)) == 1
    assert not storage.requests


@pytest.mark.parametrize("path", ["manifests", "tags"])
async def test_only_blobs_may_be_elsewhere(
    path: str, proxy: RegistryProxy, storage: RegistryProxy, digest: str
) -> None:
    """Case 63."""
    proxy.on(f"GET /v2/app/{path}/", to(storage.url))
    async with client_of(proxy.url, user=ADA) as client:
        with pytest.raises(BadAnswer, match="may not"):
            await (client.summary("app", digest) if path == "manifests" else client.tags("app"))

    assert not storage.requests


async def test_storage_may_not_ask_who_one_is(
    proxy: RegistryProxy, storage: RegistryProxy, digest: str, tmp_path: Path
) -> None:
    """Case 65."""
    with token_server(tmp_path) as tokens:
        proxy.on(BLOB, to(storage.url))
        storage.on(BLOB, faults.refuse(401, WWW_Authenticate=f'Bearer realm="{tokens.realm}",service="s"'))
        async with client_of(proxy.url, user=ADA) as client:
            with pytest.raises(Refused, match=r"its storage .* status 401"):
                await client.summary("app", digest)

    assert not tokens.requests
    assert len(storage.requests) == 1


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (faults.bomb, "compressed its answer"),
        (faults.huge(200), "more than 4194304 bytes"),
        (faults.with_body(b"[" * 100_000), "too deep"),
        (faults.with_body(b'{"a":' * 50_000), "too deep"),
        (faults.with_body(b'{"size": ' + b"9" * 1_000_000 + b"}"), "not JSON"),
    ],
    ids=["bomb", "100 MB", "deep", "deep objects", "long number"],
)
async def test_a_manifest_that_nobody_can_hold_is_refused(
    fault: Fault, problem: str, proxy: RegistryProxy, digest: str
) -> None:
    """Case 62."""
    # Made before memory is measured.
    faults.packed()
    proxy.on("GET /v2/app/manifests/", fault)
    async with client_of(proxy.url, user=ADA) as client:
        with pytest.raises(BadAnswer, match=problem), at_most(32 * MB):
            await client.summary("app", digest)


async def test_a_long_refusal_is_not_read_to_its_end(proxy: RegistryProxy, digest: str) -> None:
    """Case 62."""
    proxy.on("GET /v2/app/manifests/", faults.huge(404))
    async with client_of(proxy.url, user=ADA) as client:
        with pytest.raises(NotFound), at_most(2 * MB):
            await client.summary("app", digest)


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """See that no more memory than so many bytes is taken meanwhile, those of the proxy included."""
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < size
