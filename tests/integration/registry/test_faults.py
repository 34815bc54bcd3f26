"""A real registry behind a proxy that misbehaves: what is tried again, and what comes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.integration.registry import faults
from tests.integration.registry.clients import LOG, ONCE, QUICK, client_of
from tests.integration.registry.proxy import Fault, RegistryProxy, registry_proxy
from tools.parts.registry import running_registry
from tools.parts.registry_content import DOCKER_CONFIG, SCHEMA2, image_config, manifest, put_image, writing

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, CircuitOpen, ConnectionFailed, Refused
from repo2docker_service.adapters.registries.v2.transport.retrying import Retries

HEAD = "HEAD /v2/app/manifests/"
MANIFEST = "GET /v2/app/manifests/"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[RegistryProxy]:
    with running_registry(tmp_path) as registry, registry_proxy(registry.port) as proxy:
        yield proxy


@pytest.fixture
def digest(proxy: RegistryProxy) -> str:
    """Put an image into the registry, and give its digest."""
    digest = put_image(proxy.url, "app", "one", {"label": "value"})
    proxy.forget()
    return digest


async def test_a_registry_that_is_busy_is_asked_again(proxy: RegistryProxy, digest: str) -> None:
    """Case 55."""
    proxy.on(HEAD, faults.refuse(503), times=2)
    async with client_of(proxy.url) as client:
        assert await client.digest("app", "one") == digest

    assert len(proxy.requests) == 3


def in_four_seconds() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)


@pytest.mark.parametrize(
    ("wanted", "least", "most"),
    [
        (lambda: "3", 2.9, 3.1),
        (in_four_seconds, 2.5, 4.1),
        (lambda: "999999999", 59, 60.1),
        (lambda: "-5", 0, 0.1),
        (lambda: "soon", 0, 0.1),
        (lambda: None, 0, 0.1),
    ],
)
async def test_a_registry_that_wants_a_pause_gets_it_within_reason(
    wanted: Callable[[], str | None], least: float, most: float, proxy: RegistryProxy, digest: str
) -> None:
    """Case 56."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    pause = wanted()
    proxy.on(HEAD, faults.refuse(429, "TOOMANYREQUESTS", **({"Retry_After": pause} if pause else {})), times=1)
    async with client_of(proxy.url, retries=Retries(tries=3, first=0.02, sleep=wait)) as client:
        assert await client.digest("app", "one") == digest

    assert least <= sum(waited) <= most


async def test_a_pause_that_one_is_asked_for_is_a_pause_for_all(proxy: RegistryProxy, digest: str) -> None:
    """Case 56."""
    proxy.on(HEAD, faults.refuse(429, Retry_After="1"), times=1)
    async with client_of(proxy.url) as client:
        first = asyncio.create_task(client.digest("app", "one"))
        # By then it was told.
        await asyncio.sleep(0.3)
        assert await client.digest("app", "one") == await first == digest

    told, *others = [request.at for request in proxy.requests]
    assert len(others) == 2
    assert min(others) - told > 0.95


@pytest.mark.parametrize(
    "fault",
    [faults.cut, faults.cut_chunked, faults.reset, faults.reset_within, faults.garbage],
    ids=lambda each: each.__name__,
)
async def test_an_answer_that_breaks_off_is_asked_for_again(fault: Fault, proxy: RegistryProxy, digest: str) -> None:
    """Cases 57 and 58."""
    proxy.on(MANIFEST, fault, times=2)
    async with client_of(proxy.url) as client:
        assert (await client.summary("app", digest)).labels == {"label": "value"}

    assert len(proxy.seen(MANIFEST)) == 3


@pytest.mark.parametrize("fault", [faults.cut, faults.cut_chunked, faults.reset, faults.reset_within])
async def test_an_answer_that_always_breaks_off_is_an_error(fault: Fault, proxy: RegistryProxy, digest: str) -> None:
    """Cases 57 and 58."""
    proxy.on(MANIFEST, fault)
    async with client_of(proxy.url) as client:
        with pytest.raises(ConnectionFailed, match="the connection broke"):
            await client.summary("app", digest)

    assert len(proxy.seen(MANIFEST)) >= QUICK.tries


@pytest.mark.parametrize("pattern", [MANIFEST, "GET /v2/app/blobs/"])
async def test_an_answer_whose_end_nobody_can_know_is_checked(pattern: str, proxy: RegistryProxy) -> None:
    """Case 57: here even its first half makes sense."""
    with writing(proxy.url, "app") as writer:
        config = writer.blob(padded(image_config("one", {})), DOCKER_CONFIG)
        digest = writer.manifest("one", padded(manifest(config, [])), SCHEMA2)
    proxy.on(pattern, faults.cut_without_length)
    async with client_of(proxy.url) as client:
        with pytest.raises(BadAnswer, match=r"not what its digest says|not as long as"):
            await client.summary("app", digest)


def padded(content: bytes) -> bytes:
    return content + b" " * len(content)


async def test_half_a_list_is_none(proxy: RegistryProxy, digest: str) -> None:
    """Case 57."""
    proxy.on("GET /v2/app/tags", faults.cut_without_length)
    async with client_of(proxy.url) as client:
        with pytest.raises(BadAnswer, match="not JSON"):
            await client.tags("app")


@pytest.mark.parametrize("fault", [faults.delayed(30), faults.dripping(0.1)], ids=["silent", "dripping"])
async def test_a_registry_that_takes_too_long_is_not_waited_for(
    fault: Fault, proxy: RegistryProxy, digest: str
) -> None:
    """Cases 59 and 60."""
    proxy.on(MANIFEST, fault)
    async with client_of(proxy.url, deadline=0.5, retries=ONCE) as client, asyncio.timeout(5):
        with pytest.raises(ConnectionFailed, match=r"did not answer within 0\.5 seconds"):
            await client.summary("app", digest)


async def test_a_registry_that_goes_on_failing_is_left_alone(proxy: RegistryProxy, digest: str) -> None:
    """Case 61; that what was known of it is still listed is tested where lists are."""
    proxy.on("", faults.refuse(500))
    async with client_of(proxy.url) as client:
        for _ in range(5):
            with pytest.raises(Refused, match="status 500"):
                await client.digest("app", "one")
        proxy.forget()
        for _ in range(20):
            with pytest.raises(CircuitOpen):
                await client.digest("app", "one")

    assert not proxy.requests


async def test_a_connection_that_is_closed_when_it_is_used_again_is_replaced(proxy: RegistryProxy, digest: str) -> None:
    """Case 66."""
    proxy.on("", faults.hang_up_when_used_again)
    async with client_of(proxy.url, retries=ONCE) as client:
        for _ in range(3):
            assert await client.digest("app", "one") == digest

    assert [request.number for request in proxy.requests] == [1, 2, 1, 2, 1]


async def test_a_deletion_is_not_sent_twice_by_chance(proxy: RegistryProxy, digest: str) -> None:
    proxy.on("DELETE ", faults.reset)
    async with client_of(proxy.url) as client:
        with pytest.raises(ConnectionFailed):
            await client.delete("app", "one")

    assert len(proxy.seen("DELETE")) == 1


async def test_a_registry_that_does_not_answer_heads_is_asked_for_all(proxy: RegistryProxy, digest: str) -> None:
    """Case 69."""
    proxy.on("HEAD ", faults.refuse(405, "UNSUPPORTED"))
    async with client_of(proxy.url) as client:
        assert await client.digest("app", "one") == digest
        assert await client.digest("app", "two") is None


async def test_a_warning_of_the_registry_is_passed_on_once(
    proxy: RegistryProxy, digest: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Case 70."""
    proxy.on("", faults.with_header("Warning", '299 - "This registry closes \u202e in May"'.encode().decode("latin-1")))
    async with client_of(proxy.url) as client:
        with caplog.at_level(logging.WARNING, LOG.name):
            await client.digest("app", "one")
            await client.digest("app", "one")

        assert len(client.warnings) == 1
        assert client.warnings[0].startswith("This registry closes")
    assert len(caplog.records) == 1
