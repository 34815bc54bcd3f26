"""A Docker engine's REST API over the standard library.

The parts need an engine before anything is installed, and neither a Docker CLI nor a Python package can be
counted on then. A connection serves one request, so that an engine that restarts meanwhile disturbs nobody.
Paths name no version of the API: engines refuse too old ones, and what is asked here is the same in all.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

Body = bytes | Iterable[bytes]


class EngineError(Exception):
    """The engine refused a request, or reported a failure in the middle of its answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file instead of to a host."""
        # Known to the base class before it is connected, so that closing closes it even when that fails.
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connect(url: str, timeout: float | None) -> http.client.HTTPConnection:
    """Give a connection, not opened yet, to `unix:///path` or `tcp://host:port`."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return UnixConnection(parts.path, timeout)
    if parts.scheme in ("tcp", "http") and parts.hostname:
        return http.client.HTTPConnection(parts.hostname, parts.port or 2375, timeout=timeout)
    raise ValueError(f"An engine is reached by unix:// or tcp://, not by {url}")


def answers(url: str, timeout: float = 5) -> bool:
    """Tell whether an engine answers `GET /_ping` at this address."""
    try:
        with closing(connect(url, timeout)) as connection:
            connection.request("GET", "/_ping")
            return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, ValueError, http.client.HTTPException):
        return False


class DockerApi:
    """Requests to one engine."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        timeout: float | None = None,
        kind: str = "application/x-tar",
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and give its answer to be read in pieces; a body in pieces goes out as it comes."""
        connection = connect(self.url, timeout)
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            connection.request(method, target, body, {"Content-Type": kind})
            answer = connection.getresponse()
            if answer.status >= http.HTTPStatus.BAD_REQUEST:
                raise EngineError(answer.status, _message(answer.read()))
            yield answer
        finally:
            connection.close()

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: object = None,
        timeout: float = 60,
    ) -> Any:  # noqa: ANN401 (any JSON)
        """Send a request with a JSON body and give the decoded answer, or None where it has no text."""
        data = b"" if body is None else json.dumps(body).encode()
        with self.open(method, path, query, data, timeout, kind="application/json") as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def follow(self, path: str, query: Mapping[str, str], body: Body = b"", timeout: float = 900) -> Iterator[str]:
        """Send a request that is answered by JSON lines; give what they say, raise what they report."""
        with self.open("POST", path, query, body, timeout) as answer:
            for line in answer:
                item = json.loads(line) if line.strip() else {}
                if "error" in item:
                    raise EngineError(answer.status, item["error"])
                yield item.get("stream") or item.get("status") or ""


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace").strip()
