"""Requests to the hub: bounded in size and time. Only this module knows the library that makes them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, Final

import httpx

from repo2docker_service import __version__
from repo2docker_service.adapters.hub.answers import WRONG_ADDRESS, Answer
from repo2docker_service.adapters.hub.events import data_of_events
from repo2docker_service.domain.errors import AuthorizerUnavailable, Unavailable

LONGEST_ANSWER: Final = 1 << 20
CONNECTIONS: Final = 10

_HEADERS: Final = {
    "User-Agent": f"repo2docker-service/{__version__}",
    "Accept": "application/json",
    # A few compressed bytes could become very many.
    "Accept-Encoding": "identity",
}
# Proxies close what was silent for five seconds; a connection must not end just when it is used again.
_KEPT_SECONDS: Final = 4.0
_BROKEN: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


class HubHttp:
    """An HTTP client that follows no redirects, keeps no cookies and heeds no environment.

    All this is the business of the library's client, so only the layer below it is used.

    Args:
        tls: whom to trust, and what to show; never needed for plain connections.
        timeout: seconds after which a request fails, however lively it is.
        transport: sends the requests, in place of the network.
        unavailable: the error that says that the hub could not be asked.
        connections: how many there are at most; None sets no limit.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
        unavailable: type[Unavailable] = AuthorizerUnavailable,
        connections: int | None = CONNECTIONS,
    ) -> None:
        self._timeout = timeout
        self._unavailable = unavailable
        limits = httpx.Limits(
            max_connections=connections, max_keepalive_connections=CONNECTIONS, keepalive_expiry=_KEPT_SECONDS
        )
        self._transport = transport or httpx.AsyncHTTPTransport(
            verify=tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False, limits=limits
        )

    async def get(self, url: str, headers: Mapping[str, str], *, seconds: float | None = None) -> Answer:
        """Read something. What breaks on the way is tried once more.

        Args:
            url: what to read.
            headers: besides those that each request has.
            seconds: how long it may take, instead of what is usual.

        Raises:
            Unavailable: there is no answer, or not all of it, or too much.
        """
        async with self._within(seconds or self._timeout):
            try:
                return await self._send(_request("GET", url, headers))
            except _BROKEN:
                return await self._send(_request("GET", url, headers))

    async def post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form, once.

        Raises:
            Unavailable: there is no answer, or not all of it, or too much.
        """
        async with self._within(self._timeout):
            return await self._send(_request("POST", url, {}, data=form))

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], document: Mapping[str, Any], *, seconds: float
    ) -> Answer:
        """Send an object as JSON, once, to what may take its time.

        Raises:
            Unavailable: there is no answer, or not all of it, or too much.
        """
        async with self._within(seconds):
            return await self._send(_request(method, url, headers, json=document))

    @asynccontextmanager
    async def events(
        self, url: str, headers: Mapping[str, str], *, silence: float
    ) -> AsyncIterator[Answer | AsyncIterator[bytes]]:
        """Open a stream of events: the data of each, in turn, or the answer that is there instead of a stream.

        Args:
            url: where it is.
            headers: besides those that each request has.
            silence: seconds without a byte after which it counts as broken.

        Raises:
            Unavailable: there is no answer; reading on raises it when the stream breaks.
        """
        async with self._within(self._timeout):
            accepting = {**headers, "Accept": "text/event-stream"}
            request = _request("GET", url, accepting, silence=silence)
            response = await self._transport.handle_async_request(request)
        try:
            if response.is_success and response.headers.get("Content-Type", "").startswith("text/event-stream"):
                async with aclosing(self._events(response, silence)) as events:
                    yield events
            else:
                async with self._within(self._timeout):
                    answer = await self._whole(response)
                yield answer
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    def unavailable(self, problem: str) -> Unavailable:
        """Make the error that says why the hub could not be asked."""
        return self._unavailable("hub", problem)

    def document(self, answer: Answer) -> Mapping[str, Any]:
        """Give the object that is in an answer.

        Raises:
            Unavailable: it is none, so that this is no answer of a hub.
        """
        document = answer.document()
        if document is None:
            raise self.unavailable(WRONG_ADDRESS)
        return document

    def unexpected(self, answer: Answer) -> Unavailable:
        """Make the error for an answer of which nothing can be concluded."""
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status == httpx.codes.TOO_MANY_REQUESTS:
            return self.unavailable(f"it answered {answer.status}")
        return self.unavailable(f"it answered {answer.status}: check JupyterHubAuthorizer.api_url")

    async def _send(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        try:
            return await self._whole(response)
        finally:
            await response.aclose()

    async def _whole(self, response: httpx.Response) -> Answer:
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise self.unavailable(f"it answered with more than {LONGEST_ANSWER} bytes")
        if body and response.headers.get("Content-Encoding", "identity") != "identity":
            raise self.unavailable("it compressed its answer, though it was asked not to")
        return Answer(response.status_code, response.headers, bytes(body))

    async def _events(self, response: httpx.Response, silence: float) -> AsyncGenerator[bytes]:
        with self._plainly(silence):
            async with aclosing(data_of_events(response.aiter_raw())) as events:
                try:
                    async for data in events:
                        yield data
                except ValueError as error:
                    raise self.unavailable(str(error)) from error

    @asynccontextmanager
    async def _within(self, seconds: float) -> AsyncIterator[None]:
        """Bound what is done in it, and turn what the library raises into an error of ours."""
        with self._plainly(seconds):
            async with asyncio.timeout(seconds):
                yield

    @contextmanager
    def _plainly(self, seconds: float) -> Iterator[None]:
        try:
            yield
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self.unavailable(f"it did not answer within {seconds:g} seconds") from error
        except httpx.ConnectError as error:
            raise self.unavailable(_no_connection(error)) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError):
            # The error may quote what cannot be sent, and this may be a secret.
            raise self.unavailable("what it is to be sent is no HTTP") from None
        except (httpx.TransportError, OSError) as error:
            raise self.unavailable("the connection broke") from error


def _request(
    method: str, url: str, headers: Mapping[str, str], *, silence: float | None = None, **content: Any
) -> httpx.Request:
    # Besides the silence, the deadline covers all of it.
    timeout = httpx.Timeout(None, read=silence).as_dict()
    return httpx.Request(method, url, headers=_HEADERS | dict(headers), extensions={"timeout": timeout}, **content)


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
