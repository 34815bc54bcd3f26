"""An HTTP transport that connects to checked addresses only, whatever a host name stands for."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

import httpcore
import httpx

from repo2docker_service.adapters.addresses import IPAddress, check_address_policy, check_name_policy

LookUp = Callable[[str, int], Iterable[str]]
"""Gives the network addresses of a host name; raises ``OSError`` when there are none."""

_PATIENCE: Final = 2.0
"""Seconds after which the next address of a host is tried."""
_MOST_TRIED: Final = 6
_KEEP_ALIVE: Final = 60.0


class UnknownHost(Exception):
    """Nobody knows an address of that name."""


def system_look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class CheckingBackend(httpcore.AsyncNetworkBackend):
    """Looks a host up once, checks every address of it, and connects to one of just these.

    The name is never looked up a second time, so that its owner cannot give another answer after the check.
    """

    def __init__(self, look_up: LookUp, threads: ThreadPoolExecutor, *, private_allowed: bool) -> None:
        self._look_up = look_up
        self._threads = threads
        self._private_allowed = private_allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the base class's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers."""
        *early, last = (await self._checked(host, port))[:_MOST_TRIED]
        for address in early:
            try:
                return await self._network.connect_tcp(str(address), port, _PATIENCE, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[IPAddress]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, self._look_up, host, port)
            addresses = [ip_address(text) for text in found]
        except (OSError, ValueError) as error:
            # Python's own encoding of names refuses labels that are too long with a ValueError.
            raise UnknownHost from error
        if not addresses:
            raise UnknownHost
        for address in addresses:
            check_address_policy(address, private_allowed=self._private_allowed)
        return addresses


class PoolTransport(httpx.AsyncBaseTransport):
    """Sends httpx's requests through a connection pool of our making. Errors of httpcore pass."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer as soon as its head is there."""
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.content,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class ProxyTransport(PoolTransport):
    """Sends everything through a proxy, which looks names up: only what is written in an address can be checked."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, *, private_allowed: bool) -> None:
        super().__init__(pool)
        self._private_allowed = private_allowed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Check the host as it is written, then send."""
        check_name_policy(request.url.host, private_allowed=self._private_allowed)
        return await super().handle_async_request(request)


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


def direct_transport(
    tls: ssl.SSLContext, look_up: LookUp, threads: ThreadPoolExecutor, *, private_allowed: bool
) -> PoolTransport:
    """Make a transport that connects to hosts itself."""
    backend = CheckingBackend(look_up, threads, private_allowed=private_allowed)
    return PoolTransport(
        httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=_KEEP_ALIVE,
            network_backend=backend,
        )
    )


def proxy_transport(tls: ssl.SSLContext, proxy: str, *, private_allowed: bool) -> PoolTransport:
    """Make a transport that has a proxy connect to hosts."""
    parsed = httpx.Proxy(proxy)
    pool = httpcore.AsyncHTTPProxy(
        proxy_url=str(parsed.url),
        proxy_auth=parsed.raw_auth,
        ssl_context=tls,
        max_connections=None,
        max_keepalive_connections=20,
        keepalive_expiry=_KEEP_ALIVE,
    )
    return ProxyTransport(pool, private_allowed=private_allowed)
