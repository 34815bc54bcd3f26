"""Names that could lead elsewhere are refused before anything is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pytest
from tests.integration.registry.clients import client_of
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.registry import running_registry
from tools.parts.registry_content import put_image

from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient

Ask = Callable[[RegistryClient, str], Awaitable[object]]
DIGEST = f"sha256:{'0' * 64}"
REPOSITORIES = [
    "",
    "..",
    "app/..",
    "app/../other",
    "app/./other",
    "app//other",
    "/app",
    "app/",
    "app/%2e%2e/other",
    "app%2Fother",
    "app#",
    "app?n=1",
    "app\n",
    "app\r\nHost: elsewhere",
    "app\0",
    "app other",
    "App",
    "app:one",
    "app@" + DIGEST,
    "a" * 256,
    "\uff41\uff50\uff50",
    "\u0430pp",
    "app\u0661",
    "http://elsewhere/app",
]
REFERENCES = [
    "",
    "..",
    ".one",
    "-one",
    "one/../../other/manifests/two",
    "one/two",
    "%2e%2e",
    "one#",
    "one?x",
    "one\n",
    "one two",
    "o" * 129,
    "\uff4fne",
    "sha256:" + "0" * 63,
    "sha256:" + "A" * 64,
    "sha256:" + "0" * 64 + "\n",
    "md5:" + "0" * 32,
]
OF_A_REPOSITORY: dict[str, Ask] = {
    "tags": lambda client, name: client.tags(name),
    "digest": lambda client, name: client.digest(name, "one"),
    "summary": lambda client, name: client.summary(name, DIGEST),
    "delete": lambda client, name: client.delete(name, "one"),
    "delete by digest": lambda client, name: client.delete(name, DIGEST),
}
OF_A_REFERENCE: dict[str, Ask] = {
    "digest": lambda client, reference: client.digest("app", reference),
    "summary": lambda client, reference: client.summary("app", reference),
    "delete": lambda client, reference: client.delete("app", reference),
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryProxy]:
    folder = tmp_path_factory.mktemp("registry")
    with running_registry(folder) as registry, registry_proxy(registry.port) as proxy:
        put_image(registry.url, "app", "one", {})
        yield proxy


@pytest.fixture
def proxy(watched: RegistryProxy) -> RegistryProxy:
    watched.forget()
    return watched


@pytest.mark.parametrize("ask", OF_A_REPOSITORY.values(), ids=OF_A_REPOSITORY)
async def test_a_name_that_is_none_reaches_no_registry(ask: Ask, proxy: RegistryProxy) -> None:
    """Case 54."""
    async with client_of(proxy.url) as client:
        for name in REPOSITORIES:
            with pytest.raises(ValueError, match="no repository"):
                await ask(client, name)

    assert not proxy.requests


@pytest.mark.parametrize("ask", OF_A_REFERENCE.values(), ids=OF_A_REFERENCE)
async def test_a_tag_or_digest_that_is_none_reaches_no_registry(ask: Ask, proxy: RegistryProxy) -> None:
    """Case 54."""
    async with client_of(proxy.url) as client:
        for reference in REFERENCES:
            with pytest.raises(ValueError, match=r"no (tag|digest)"):
                await ask(client, reference)

    assert not proxy.requests


async def test_a_prefix_that_is_no_name_reaches_no_registry(proxy: RegistryProxy) -> None:
    """Case 54."""
    async with client_of(proxy.url) as client:
        # Without a prefix all repositories are meant.
        for name in REPOSITORIES[1:]:
            with pytest.raises(ValueError, match="no repository"):
                await client.repositories(name)

    assert not proxy.requests


# This registry puts "localhost/" before the name, and then takes no more than 255 characters.
LONGEST = "/".join(["a" * 81, "b" * 81, "c" * 81])


@pytest.mark.parametrize("name", ["a", LONGEST, "a.b_c__d---e/f0/1g", "app"])
async def test_a_name_that_is_one_reaches_the_registry_as_it_is(name: str, proxy: RegistryProxy) -> None:
    async with client_of(proxy.url) as client:
        assert await client.digest(name, "one") is None or name == "app"

    assert proxy.requests[0].target == f"/v2/{name}/manifests/one"


async def test_the_longest_tag_reaches_the_registry(proxy: RegistryProxy) -> None:
    async with client_of(proxy.url) as client:
        assert await client.digest("app", "o" * 128) is None

    assert len(proxy.requests) == 1
