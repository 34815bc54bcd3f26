"""Requests to git servers: bounded in size, and never with anything but what is asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import httpcore
import httpx

from repo2docker_service import __version__
from repo2docker_service.adapters.sources.git.transport import (
    LookUp,
    PoolTransport,
    direct_transport,
    proxy_transport,
)
from repo2docker_service.adapters.trust import trusting

# Some hosts serve repositories under their short address only to who says to be git.
_HEADERS: Final = {
    "User-Agent": f"git/repo2docker-service-{__version__}",
    "Accept": "*/*",
    # A few compressed bytes could become very many.
    "Accept-Encoding": "identity",
}
_LONGEST_REFUSAL: Final = 1 << 16
# A server may close a kept connection just when it is used again. All requests only read, so they can be repeated.
_STALE: Final = (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    """False when the body was longer than wanted and is cut."""


class GitHttp:
    """An HTTP client that follows no redirects, keeps no cookies and heeds no environment.

    All this is httpx's client's business, so only the layers below it are used.
    """

    def __init__(self, ca_bundle: str, proxy: str, look_up: LookUp) -> None:
        self._ca_bundle = ca_bundle
        self._proxy = proxy
        self._look_up = look_up
        self._transports: dict[bool, PoolTransport] = {}
        # Names whose owner is slow to answer must not take the threads that others look names up with.
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="git-host")
        self._tls: asyncio.Future[ssl.SSLContext] | None = None

    async def open(self) -> None:
        """Begin to read whom to trust, and wait for the end when an administrator has named a file for it.

        Raises:
            OSError: the file cannot be read, or holds no certificates.
        """
        reading = self._trust()
        if self._ca_bundle:
            await reading

    async def get(self, url: str, headers: Mapping[str, str], most: int, *, private_allowed: bool) -> Answer:
        """Ask for a page, up to so many bytes."""
        request = httpx.Request("GET", url, headers=_HEADERS | dict(headers))
        return await self._send(request, most, private_allowed=private_allowed)

    async def post(
        self, url: str, headers: Mapping[str, str], content: bytes, most: int, *, private_allowed: bool
    ) -> Answer:
        """Send content and give the answer, up to so many bytes."""
        request = httpx.Request("POST", url, headers=_HEADERS | dict(headers), content=content)
        return await self._send(request, most, private_allowed=private_allowed)

    async def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        transports, self._transports, self._tls = self._transports, {}, None
        for transport in transports.values():
            await transport.aclose()

    async def _send(self, request: httpx.Request, most: int, *, private_allowed: bool) -> Answer:
        # Whoever gives up waiting must not stop the others.
        tls = await asyncio.shield(self._trust())
        transport = self._transport(tls, private_allowed=private_allowed)
        try:
            return await _read(transport, request, most)
        except _STALE:
            return await _read(transport, request, most)

    def _trust(self) -> asyncio.Future[ssl.SSLContext]:
        if self._tls is None:
            # Reading all authorities takes long enough to be noticed by everyone else.
            self._tls = asyncio.get_running_loop().run_in_executor(self._threads, trusting, self._ca_bundle)
        return self._tls

    def _transport(self, tls: ssl.SSLContext, *, private_allowed: bool) -> PoolTransport:
        # Two pools, so that no connection that was allowed for one address serves another that is not.
        if private_allowed not in self._transports:
            if self._proxy:
                made = proxy_transport(tls, self._proxy, private_allowed=private_allowed)
            else:
                made = direct_transport(tls, self._look_up, self._threads, private_allowed=private_allowed)
            self._transports[private_allowed] = made
        return self._transports[private_allowed]


async def _read(transport: PoolTransport, request: httpx.Request, most: int) -> Answer:
    response = await transport.handle_async_request(request)
    try:
        most = most if response.is_success else _LONGEST_REFUSAL
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > most:
                break
        return Answer(response.status_code, response.headers, bytes(body[:most]), len(body) <= most)
    finally:
        await response.aclose()
