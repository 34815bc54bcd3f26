"""Requests over HTTP: one at a time, bounded in size and time. Only this module knows the library that makes them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final

import httpx

from repo2docker_service import __version__
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, BrokenOff, ConnectionFailed, TooLong
from repo2docker_service.adapters.registries.v2.transport.connection_errors import (
    BROKEN,
    NO_AUTHORITIES,
    PROXY,
    TOO_SLOW,
    no_connection,
)
from repo2docker_service.adapters.trust import trusting

USER_AGENT: Final = f"repo2docker-service/{__version__}"

Headers = httpx.Headers
"""A mapping that does not mind upper and lower case; ``get_list`` gives what several headers of one name say."""

_HEADERS: Final = {
    "User-Agent": USER_AGENT,
    "Accept": "*/*",
    # A few compressed bytes could become very many.
    "Accept-Encoding": "identity",
}
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_LONGEST_REFUSAL: Final = 1 << 16
_CONNECTING: Final = 10.0
# For the registry, its token server, and where it keeps its blobs.
_KEPT: Final = httpx.Limits(max_keepalive_connections=3, keepalive_expiry=60.0)
_READING: Final = ("GET", "HEAD")
_BROKEN: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        body: all of it; of an error at most its first 64 kB.
        url: what was asked, as it was sent.
    """

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    url: str


class _Lane:
    """Sends one request at a time, and keeps the connections for the next."""

    def __init__(self) -> None:
        self.transports: dict[bool, httpx.AsyncHTTPTransport] = {}
        self._answered: set[bytes] = set()

    async def send(self, request: httpx.Request) -> httpx.Response:
        transport = self.transports[request.url.scheme == "https"]
        try:
            response = await transport.handle_async_request(request)
        except _BROKEN:
            # A server may close a kept connection just when it is used again.
            if request.method not in _READING or request.url.netloc not in self._answered:
                raise
            self._answered.clear()
            response = await transport.handle_async_request(request)
        self._answered.add(request.url.netloc)
        return response

    async def close(self) -> None:
        transports, self.transports = self.transports, {}
        self._answered.clear()
        for transport in transports.values():
            await transport.aclose()


class RegistryHttp:
    """An HTTP client that follows no redirects, keeps no cookies and heeds no environment.

    All this is the business of the library's client, so only the layer below it is used.

    Args:
        ca_bundle: a file of certificate authorities to trust besides those of this machine.
        insecure: trust every certificate.
        connections: most requests on their way at a time; more wait for their turn.
        deadline: seconds after which a request fails, however lively it is.
        proxy: the URL of a proxy for all requests; none when empty.
    """

    def __init__(
        self,
        *,
        ca_bundle: str = "",
        insecure: bool = False,
        connections: int = 10,
        deadline: float = 30.0,
        proxy: str = "",
    ) -> None:
        self._ca_bundle = ca_bundle
        self._insecure = insecure
        self._deadline = deadline
        self._proxy = proxy
        self._timeout = {"connect": min(_CONNECTING, deadline), "read": None, "write": None, "pool": None}
        self._tls: asyncio.Future[ssl.SSLContext] | None = None
        # The lane that was used last has the freshest connection. One pool for all would look through all of its
        # connections for every request.
        self._free: asyncio.LifoQueue[_Lane] = asyncio.LifoQueue()
        self._lanes = [_Lane() for _ in range(connections)]
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def open(self) -> None:
        """Read whom to trust now instead of when it is needed.

        Raises:
            OSError: the file cannot be read, or holds no certificates.
        """
        await self._trust()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str] = _NONE, content: bytes = b"", *, most: int
    ) -> Answer:
        """Send a request, wait for its turn first, and read the answer to its end.

        Args:
            method: such as ``GET``.
            url: where to; it must be absolute, and fit for HTTP.
            headers: besides those that every request has.
            content: the body of the request.
            most: the longest answer that is wanted, in bytes.

        Raises:
            ConnectionFailed: there is no answer, or not all of it.
            TooLong: the answer is.
            BadAnswer: the answer is compressed.
        """
        with _plainly(self._deadline, reading=method in _READING):
            request = self._request(method, url, headers, content)
            lane = await self._free.get()
            try:
                async with asyncio.timeout(self._deadline):
                    return await self._send(lane, request, url, most)
            finally:
                self._free.put_nowait(lane)

    async def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        self._tls = None
        for lane in self._lanes:
            await lane.close()

    def _request(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> httpx.Request:
        return httpx.Request(
            method,
            url,
            headers=_HEADERS | dict(headers),
            content=content or None,
            extensions={"timeout": self._timeout},
        )

    async def _send(self, lane: _Lane, request: httpx.Request, url: str, most: int) -> Answer:
        await self._open(lane, secure=request.url.scheme == "https")
        response = await lane.send(request)
        try:
            return Answer(response.status_code, response.headers, await _body(response, most), url)
        finally:
            await response.aclose()

    async def _open(self, lane: _Lane, *, secure: bool) -> None:
        if secure in lane.transports:
            return
        try:
            # Plain connections need no authorities, and reading these takes a while.
            tls = await self._trust() if secure or self._proxy else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        except OSError as error:
            raise ConnectionFailed(NO_AUTHORITIES) from error
        lane.transports[secure] = httpx.AsyncHTTPTransport(
            verify=tls, trust_env=False, limits=_KEPT, proxy=self._proxy or None
        )

    async def _trust(self) -> ssl.SSLContext:
        if self._tls is None:
            read = partial(trusting, self._ca_bundle, insecure=self._insecure)
            self._tls = asyncio.get_running_loop().run_in_executor(None, read)
        try:
            # Whoever gives up waiting must not stop the others.
            return await asyncio.shield(self._tls)
        except OSError:
            # Somebody may mend it.
            self._tls = None
            raise


async def _body(response: httpx.Response, most: int) -> bytes:
    refused = response.is_error
    most = min(most, _LONGEST_REFUSAL) if refused else most
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > most:
            break
    if len(body) > most and not refused:
        raise TooLong(f"it answered with more than {most} bytes")
    if body and response.headers.get("Content-Encoding", "identity") != "identity":
        raise BadAnswer("it compressed its answer, though it was asked not to")
    return bytes(body[:most])


@contextmanager
def _plainly(deadline: float, *, reading: bool) -> Iterator[None]:
    """Turn what the library raises into errors of ours."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise no_connection(error) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ConnectionFailed(TOO_SLOW.format(deadline), again=True, ambiguous=not reading) from error
    except httpx.ProxyError as error:
        raise ConnectionFailed(PROXY, again=True) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError):
        # The error may quote what cannot be sent, and this may be a secret.
        raise BadAnswer("what it is to be sent is no HTTP") from None
    except (httpx.TransportError, OSError) as error:
        # What goes wrong with encryption after the connection is made comes as it is.
        raise BrokenOff(BROKEN, again=True, ambiguous=not reading) from error
