"""Clients of registries, as quick as tests want them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from repo2docker_service.adapters.registries.v2.auth.credentials import (
    ConfiguredCredentials,
    Credentials,
    NoCredentials,
)
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient
from repo2docker_service.adapters.registries.v2.transport.http import RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.retrying import Retries

QUICK = Retries(tries=4, first=0.01)
ONCE = Retries(tries=1)
LOG = logging.getLogger("registry of a test")


@asynccontextmanager
async def client_of(
    url: str,
    *,
    user: tuple[str, str] | None = None,
    docker_config: Path | None = None,
    realms: Collection[str] = (),
    ca_bundle: Path | None = None,
    deadline: float = 10.0,
    connections: int = 10,
    retries: Retries = QUICK,
) -> AsyncIterator[RegistryClient]:
    """Give a client of a registry for a while, as a user if one is given, or with a config.json."""
    host = url.partition("://")[2]
    credentials: Credentials = NoCredentials()
    if user:
        credentials = ConfiguredCredentials(host, username=user[0], password=user[1])
    elif docker_config:
        credentials = ConfiguredCredentials(host, docker_config=str(docker_config))
    http = RegistryHttp(ca_bundle=str(ca_bundle or ""), deadline=deadline, connections=connections)
    client = RegistryClient(url, http, credentials, token_realm_hosts=realms, retries=retries, log=LOG)
    try:
        yield client
    finally:
        await client.close()
