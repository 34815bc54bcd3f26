"""Speaks HTTP with a running service."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

import httpx

from repo2docker_service import __version__
from repo2docker_service.entrypoints.cli.event_stream import Event, events, lines
from repo2docker_service.entrypoints.cli.problems import Refused, Unreachable, problem_from

Json = Mapping[str, Any]

# Looking up a ref may take a while. A stream has a heartbeat every 15 seconds: three may be lost.
_TIMEOUT: Final = httpx.Timeout(60, connect=10)
# A service may fetch the image that builds run in before it answers.
_START_TIMEOUT: Final = httpx.Timeout(90, connect=10)
# Years of builds may have to go.
_CLEANUP_TIMEOUT: Final = httpx.Timeout(900, connect=10)
_STREAM_TIMEOUT: Final = httpx.Timeout(10, read=50)


class Client:
    """Asks one service, on behalf of whoever holds the token."""

    def __init__(self, address: str, token: str = "") -> None:
        self._address = address
        self._with_token = bool(token)
        headers = {"User-Agent": f"repo2docker-service/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=f"{address}api/v1/",
            headers=headers,
            timeout=_TIMEOUT,
            verify=address.startswith("https:"),  # reading all certificates takes a while
            trust_env=not _is_loopback(address),  # no proxy leads to this machine itself
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, *path: str, **parameters: str | None) -> Json:
        """Read one thing.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        return self._ask("GET", path, params=_given(parameters))

    def post(self, *path: str, body: Json | None = None) -> Json:
        """Start or change something.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        return self._ask("POST", path, json=body)

    def clean_up(self) -> Json:
        """Have everything removed that nobody needs any more.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        return self._ask("POST", ("admin", "cleanup"), timeout=_CLEANUP_TIMEOUT)

    def remove_owner(self, owner: str, **parameters: str | None) -> Json:
        """Have all removed that an owner has.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        path = ("admin", "owners", owner, "removal")
        return self._ask("POST", path, params=_given(parameters), timeout=_CLEANUP_TIMEOUT)

    def start_build(self, body: Json) -> Json:
        """Ask for a build.

        Raises:
            NotNow: the service cannot start builds yet.
            CommandFailed: the service does not answer, or refuses.
        """
        return self._ask("POST", ("builds",), json=body, timeout=_START_TIMEOUT)

    def delete(self, *path: str, digest: str, **parameters: str | None) -> None:
        """Delete something that still has this digest.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        self._ask("DELETE", path, params=_given(parameters), headers={"If-Match": f'"{digest}"'})

    def every(self, *path: str, **parameters: str | None) -> Iterator[Json]:
        """Give the items of a list.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        for page in self.pages(*path, **parameters):
            yield from page.get("items", ())

    def pages(self, *path: str, **parameters: str | None) -> Iterator[Json]:
        """Give a list page after page.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        cursor: str | None = None
        while True:
            page = self.get(*path, **parameters, limit="100", cursor=cursor)
            yield page
            cursor = page.get("next")
            if not cursor:
                return

    def log(self, build: str) -> Iterator[str]:
        """Give the lines of a log as far as it is written.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        with self._stream("builds", build, "log", accept="text/plain") as response:
            yield from lines(response.iter_bytes())

    def follow(self, build: str, after: str = "") -> Iterator[Event]:
        """Give the events of a log until this one connection ends, from the first or after that of an id.

        Raises:
            CommandFailed: the service does not answer, or refuses.
        """
        with self._stream("builds", build, "log", accept="text/event-stream", after=after) as response:
            for event in events(response.iter_bytes()):
                if event.name == "error":  # the stream had begun before the service could not go on
                    status = int(event.data.get("status", 500))
                    raise problem_from(status, event.data, with_token=self._with_token)
                yield event

    def _ask(self, method: str, path: tuple[str, ...], **more: Any) -> Json:
        with self._translated():
            response = self._http.request(method, _path(path), **more)
            self._check(response)
        return _object(response) if response.content else {}

    @contextmanager
    def _stream(self, *path: str, accept: str, after: str = "") -> Iterator[httpx.Response]:
        headers = {"Accept": accept} | ({"Last-Event-ID": after} if after else {})
        with (
            self._translated(),
            self._http.stream("GET", _path(path), headers=headers, timeout=_STREAM_TIMEOUT) as response,
        ):
            if not response.is_success:
                response.read()
            self._check(response)
            yield response

    def _check(self, response: httpx.Response) -> None:
        if response.is_redirect:
            # Following it could hand the token to somebody else.
            raise Unreachable(f"{self._address} sends callers on to another address. Give the right one with --url.")
        if not response.is_success:
            raise problem_from(
                response.status_code,
                _details(response),
                with_token=self._with_token,
                retry_after=response.headers.get("Retry-After", ""),
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise Unreachable(f"The service at {self._address} takes too long to answer.") from None
        except httpx.ConnectError as error:
            raise Unreachable(
                f"The service at {self._address} cannot be reached: {error}. Is it running? Is --url right?"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"The connection to {self._address} broke: {error}") from None


def _path(parts: tuple[str, ...]) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def _given(parameters: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value is not None}


def _object(response: httpx.Response) -> Json:
    try:
        value = response.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refused("What answers here is not repo2docker-service. Give another address with --url.")
    return value


def _details(response: httpx.Response) -> Json:
    try:
        value = json.loads(response.content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
