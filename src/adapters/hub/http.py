"""Requests to the hub: bounded in size and time. Only this module knows the library that makes them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

from repo2docker_service import __version__
from repo2docker_service.domain.errors import AuthorizerUnavailable

LONGEST_ANSWER: Final = 1 << 20

_HEADERS: Final = {
    "User-Agent": f"repo2docker-service/{__version__}",
    "Accept": "application/json",
    # A few compressed bytes could become very many.
    "Accept-Encoding": "identity",
}
# Proxies close what was silent for five seconds; a connection must not end just when it is used again.
_KEPT: Final = httpx.Limits(max_connections=10, max_keepalive_connections=10, keepalive_expiry=4.0)
_BROKEN: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered."""

    status: int
    headers: Mapping[str, str]
    """Does not mind upper and lower case."""
    body: bytes = field(repr=False)


class HubHttp:
    """An HTTP client that follows no redirects, keeps no cookies and heeds no environment.

    All this is the business of the library's client, so only the layer below it is used.

    Args:
        tls: whom to trust, and what to show; never needed for plain connections.
        timeout: seconds after which a request fails, however lively it is.
        transport: sends the requests, in place of the network.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout = timeout
        self._transport = transport or httpx.AsyncHTTPTransport(
            verify=tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False, limits=_KEPT
        )

    async def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Read something. What breaks on the way is tried once more.

        Raises:
            AuthorizerUnavailable: there is no answer, or not all of it, or too much.
        """
        with self._plainly():
            async with asyncio.timeout(self._timeout):
                try:
                    return await self._send("GET", url, headers)
                except _BROKEN:
                    return await self._send("GET", url, headers)

    async def post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form, once.

        Raises:
            AuthorizerUnavailable: there is no answer, or not all of it, or too much.
        """
        with self._plainly():
            async with asyncio.timeout(self._timeout):
                return await self._send("POST", url, {}, form)

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Answer:
        # The deadline covers all of it.
        timeout = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"))}
        request = httpx.Request(method, url, headers=_HEADERS | dict(headers), data=form, extensions=timeout)
        response = await self._transport.handle_async_request(request)
        try:
            return Answer(response.status_code, response.headers, await _body(response))
        finally:
            await response.aclose()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn what the library raises into an error of ours."""
        try:
            yield
        except (TimeoutError, httpx.TimeoutException) as error:
            raise unavailable(f"it did not answer within {self._timeout:g} seconds") from error
        except httpx.ConnectError as error:
            raise unavailable(_no_connection(error)) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError):
            # The error may quote what cannot be sent, and this may be a secret.
            raise unavailable("what it is to be sent is no HTTP") from None
        except (httpx.TransportError, OSError) as error:
            raise unavailable("the connection broke") from error


def unavailable(problem: str) -> AuthorizerUnavailable:
    """Make the error that says why the hub could not be asked."""
    return AuthorizerUnavailable("hub", problem)


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise unavailable(f"it answered with more than {LONGEST_ANSWER} bytes")
    if body and response.headers.get("Content-Encoding", "identity") != "identity":
        raise unavailable("it compressed its answer, though it was asked not to")
    return bytes(body)


def _no_connection(error: BaseException | None) -> str:
    while error is not None:
        match error:
            case ssl.SSLCertVerificationError():
                words = error.verify_message
                return f"its certificate is not trusted ({words}): see JupyterHubAuthorizer.ca_bundle"
            case ssl.SSLError():
                return "no secure connection can be made with it"
        error = error.__cause__ or error.__context__
    return "nothing answers at its host and port"
