"""A real registry, and a proxy before it that counts and misbehaves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.registry.images import Shelf
from tests.integration.registry.proxy import RegistryProxy, registry_proxy
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.registry_content import put_image
from tools.parts.token_server import TokenServer, token_server

from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Give an installation that needs no engine."""
    return Installation("test", Signer([secrets.token_bytes(32)]), tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningRegistry]:
    """Run a registry in which everybody may do everything."""
    with running_registry(tmp_path) as server:
        yield server


@pytest.fixture
def proxy(server: RunningRegistry) -> Iterator[RegistryProxy]:
    """Stand before it."""
    with registry_proxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def shelf(proxy: RegistryProxy, installation: Installation) -> Shelf:
    """Put images into it, through the proxy."""
    return Shelf(proxy.url, installation)


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[TokenServer]:
    """Run a token server."""
    with token_server(tmp_path) as tokens:
        yield tokens


@pytest.fixture
def guarded(tokens: TokenServer, tmp_path: Path) -> Iterator[RegistryProxy]:
    """Stand before a registry that wants tokens and has one image."""
    with running_registry(tmp_path, Setup(tokens=tokens.auth)) as registry, registry_proxy(registry.port) as proxy:
        put_image(registry.url, "app", "one", {}, auth=f"Bearer {tokens.token('ada', ['repository:app:pull,push'])}")
        yield proxy
