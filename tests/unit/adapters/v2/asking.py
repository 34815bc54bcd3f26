"""Clients for tests: impatient ones, whose waits cost no time."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.unit.adapters.v2.scripted import Reply

from repo2docker_service.adapters.registries.v2.auth.credentials import Credential, Secret
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient
from repo2docker_service.adapters.registries.v2.transport.http import RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.retrying import Retries

NOBODY = Credential()
SOMEBODY = Credential("somebody", Secret("canary-pass"))
PASSWORD = f"Basic {base64.b64encode(b'somebody:canary-pass').decode()}"
OTHER = Credential("somebody", Secret("canary-new"))
OTHER_PASSWORD = f"Basic {base64.b64encode(b'somebody:canary-new').decode()}"
OCI = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"


@dataclass
class Known:
    """Credentials that are known beforehand, and what they become when the registry rejects them."""

    credential: Credential = NOBODY
    next: Credential | None = None
    rejections: int = 0

    async def get(self) -> Credential:
        return self.credential

    def rejected(self) -> None:
        self.rejections += 1
        self.credential = self.next or self.credential


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def retries(self) -> Retries:
        return Retries(sleep=self.sleep, clock=self.time)


@asynccontextmanager
async def client_of(
    url: str,
    credentials: Known | None = None,
    *,
    clock: Clock | None = None,
    token_realm_hosts: Collection[str] = (),
    unauthorized_is_absent: bool = False,
    connections: int = 10,
    deadline: float = 5.0,
    ca_bundle: str = "",
    insecure: bool = False,
) -> AsyncIterator[RegistryClient]:
    """Make a client, and close it."""
    client = RegistryClient(
        url,
        RegistryHttp(connections=connections, deadline=deadline, ca_bundle=ca_bundle, insecure=insecure),
        credentials or Known(),
        token_realm_hosts=token_realm_hosts,
        retries=(clock or Clock()).retries,
        unauthorized_is_absent=unauthorized_is_absent,
        log=logging.getLogger("registry"),
    )
    try:
        yield client
    finally:
        await client.close()


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def packed(value: object) -> bytes:
    return json.dumps(value).encode()


@dataclass(frozen=True)
class Stored:
    """Something that a registry keeps."""

    body: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return digest_of(self.body)

    @property
    def descriptor(self) -> dict[str, object]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.body)}

    @property
    def reply(self) -> Reply:
        headers = {"Content-Type": self.media_type, "Docker-Content-Digest": self.digest}
        return Reply(body=self.body, headers=headers)


def config_of(media_type: str = OCI_CONFIG, **fields: object) -> Stored:
    return Stored(packed(fields), media_type)


def layer(size: int, letter: str = "a") -> dict[str, object]:
    return {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{letter * 64}", "size": size}


def manifest_of(config: Stored, *layers: dict[str, object], media_type: str = OCI) -> Stored:
    document = {"schemaVersion": 2, "mediaType": media_type, "config": config.descriptor, "layers": layers}
    return Stored(packed(document), media_type)


def index_of(*children: dict[str, object], media_type: str = OCI_INDEX) -> Stored:
    return Stored(packed({"schemaVersion": 2, "mediaType": media_type, "manifests": children}), media_type)
