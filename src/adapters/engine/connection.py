"""A connection to a Docker engine, and its errors in our words."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import aiohttp
from aiodocker import Docker
from aiodocker.exceptions import DockerError

from repo2docker_service.domain.errors import BuilderUnavailable, Unavailable

DEFAULT_URL: Final = "unix:///var/run/docker.sock"
_ANSWERS_WITHIN: Final = 60.0
"""Seconds for any call that is no stream: an engine that accepts and never answers is down, too."""
_READ_AT_ONCE: Final = 128 * 1024
"""Bytes of a stream that are taken before whoever reads has to say that there may be more."""
CANNOT_CONNECT: Final = 900
"""aiodocker's own status for an engine that is not there."""


def default_url() -> str:
    """Give the engine that other Docker programs here would use."""
    return os.environ.get("DOCKER_HOST") or DEFAULT_URL


_TIMEOUT: Final = aiohttp.ClientTimeout(total=_ANSWERS_WITHIN, sock_connect=10)


class EngineConnection:
    """Calls to one engine. Open inside a running event loop; close in the same."""

    def __init__(self, url: str, unavailable: type[Unavailable] = BuilderUnavailable) -> None:
        self.url = url
        self._unavailable = unavailable
        self._docker: Docker | None = None
        self._streams: aiohttp.ClientSession | None = None

    @property
    def docker(self) -> Docker:
        """The aiodocker client, made on first use."""
        if self._docker is None:
            url = "unix://localhost" if self.url.startswith("unix://") else self.url
            self._docker = Docker(url, connector=self._connector(), timeout=_TIMEOUT)
        return self._docker

    @property
    def _stream_session(self) -> aiohttp.ClientSession:
        if self._streams is None:
            # The engine sends each entry of a log as a chunk of its own, and to take a million of them apart costs more
            # than all else. In HTTP/1.0 there are no chunks.
            self._streams = aiohttp.ClientSession(
                connector=self._connector(), version=aiohttp.HttpVersion10, read_bufsize=_READ_AT_ONCE
            )
        return self._streams

    def _connector(self) -> aiohttp.BaseConnector:
        # aiodocker's own connector allows 100 connections: as many followers of logs would block everything else.
        if self.url.startswith("unix://"):
            return aiohttp.UnixConnector(self.url.removeprefix("unix://"), limit=0)
        return aiohttp.TCPConnector(limit=0)

    async def close(self) -> None:
        """Close all connections."""
        if self._streams is not None:
            await self._streams.close()
            self._streams = None
        if self._docker is not None:
            await self._docker.close()
            await self._docker.connector.close()
            self._docker = None

    @contextmanager
    def errors(self, part: str = "engine") -> Iterator[None]:
        """Turn errors of the connection and failures of the engine itself into ``Unavailable``; refusals pass."""
        try:
            yield
        except DockerError as error:
            if error.status == CANNOT_CONNECT:
                raise self._unavailable(part, f"nothing listens at {self.url}") from error
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unavailable(part, "the connection broke") from error

    @contextmanager
    def refusals(self, part: str = "engine") -> Iterator[None]:
        """Turn what the engine refuses, where nothing should be refused, into ``Unavailable`` with its own words."""
        try:
            yield
        except DockerError as error:
            missing = error.status == CANNOT_CONNECT
            problem = f"nothing listens at {self.url}" if missing else f"it refuses: {error.message}"
            raise self._unavailable(part, problem) from error

    async def json(self, resource: str, /, *, within: float = _ANSWERS_WITHIN, **params: str) -> Any:
        """Give the engine's answer to a GET; ``within`` so many seconds."""
        async with self._request(self.docker.session, "GET", resource, params, within) as response:
            return await response.json()

    async def post(self, resource: str, /, *, within: float = _ANSWERS_WITHIN, **params: str) -> Any:
        """Give the engine's answer to a POST; ``within`` so many seconds."""
        async with self._request(self.docker.session, "POST", resource, params, within) as response:
            return await response.json()

    async def head(self, resource: str, /, **params: str) -> None:
        """Ask whether something is there.

        Raises:
            DockerError: it is not, or the engine refuses.
        """
        async with self._request(self.docker.session, "HEAD", resource, params, _ANSWERS_WITHIN):
            pass

    async def put(self, resource: str, content: bytes, /, **params: str) -> None:
        """Send an archive.

        Raises:
            DockerError: the engine refuses.
        """
        async with self._request(self.docker.session, "PUT", resource, params, _ANSWERS_WITHIN, content):
            pass

    @asynccontextmanager
    async def get(self, resource: str, /, **params: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Begin a GET whose answer is read as it comes.

        aiodocker never gives back the connection of a stream that is left early, so streams are read here.

        Raises:
            DockerError: the engine refuses.
        """
        async with self._request(self._stream_session, "GET", resource, params) as response:
            yield response

    @asynccontextmanager
    async def _request(
        self,
        session: aiohttp.ClientSession,
        method: str,
        resource: str,
        params: Mapping[str, str],
        seconds: float | None = None,
        content: bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        docker = self.docker
        if docker.api_version == "auto":
            await docker.version()
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=10)
        url = f"{docker.docker_host}/{docker.api_version}/{resource}"
        async with session.request(method, url, params=params, data=content, timeout=timeout) as response:
            if response.status >= 400:
                raise DockerError(response.status, (await response.text())[:1000])
            yield response
