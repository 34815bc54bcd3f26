"""A connection to the API of a Kubernetes cluster, and its errors in our words."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from repo2docker_service.domain.errors import BuilderUnavailable

PART: Final = "cluster"
CONFLICT: Final = 409
NOT_FOUND: Final = 404
GONE: Final = 410
_TOO_MANY: Final = 429
_ANSWERS_WITHIN: Final = 60.0
"""Seconds for any call that is no stream."""
_CONNECTS_WITHIN: Final = 10.0
_PAUSES: Final = (0.1, 0.3, 1.0, 2.0)
"""Seconds between tries of a call: an API server that is restarted is back within them."""
_LONGEST_PAUSE: Final = 10.0
"""Seconds that are waited when a server asks for more patience."""
_LEFT_FOR: Final = 2.0
"""Seconds that calls have to come to an end when all is closed."""
_MERGE: Final = "application/merge-patch+json"


@dataclass
class Refused(Exception):
    """The cluster does not do what it was asked, and says why; the words are those of its ``Status``."""

    status: int
    reason: str
    message: str
    retry_after: float = 0.0
    """Seconds; 0 where it said nothing of it."""

    def __str__(self) -> str:
        return f"{self.status} {self.reason}: {self.message}"

    @property
    def passing(self) -> bool:
        """Whether the same may be granted in a moment."""
        return self.status == _TOO_MANY or self.status >= 500


@dataclass
class ClusterConnection:
    """Calls to one cluster. Open inside a running event loop; close in the same."""

    kubeconfig: str = ""
    """A file; without one, that of ``KUBECONFIG``, or else the account of the pod in which this runs."""
    context: str = ""
    _client: Any = None
    _version: tuple[int, int] | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _left: set[asyncio.Task[Any]] = field(default_factory=set)
    """Calls that nobody waits for any more."""

    async def close(self) -> None:
        """Close all connections."""
        if self._left:
            await asyncio.wait(self._left, timeout=_LEFT_FOR)
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def version(self) -> tuple[int, int]:
        """Give the version of the server: what it knows depends on that."""
        if self._version is None:
            told = await self.json("GET", "/version")
            self._version = (_number(told["major"]), _number(told["minor"]))
        return self._version

    async def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        expected: tuple[int, ...] = (),
    ) -> Any:
        """Give the answer to a call, which is tried again while the server is away or has too much to do.

        A call that the server has done and could not answer is done again: one that creates may find its own work.

        Raises:
            Refused: with one of the statuses that are expected.
            BuilderUnavailable: the cluster does not answer, or refuses otherwise.
        """
        for pause in (*_PAUSES, None):
            try:
                with self.errors(*expected):
                    async with self._request(method, path, query, body, _ANSWERS_WITHIN) as response:
                        return await response.json()
            except _Passing as passing:
                if pause is None:
                    raise
                await asyncio.sleep(max(pause, min(passing.retry_after, _LONGEST_PAUSE)))
        raise AssertionError("the last pause is None")

    @asynccontextmanager
    async def stream(
        self, path: str, query: Mapping[str, str], silence: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Begin a GET whose answer is read as it comes, inside of :meth:`errors`.

        Args:
            path: what to get.
            query: what of it.
            silence: seconds without a word after which the connection counts as broken: a network may drop it so.

        Raises:
            Refused: the cluster refuses.
        """
        async with self._request("GET", path, query, None, None, silence) as response:
            try:
                yield response
            finally:
                _abort(response)

    @contextmanager
    def errors(self, *expected: int) -> Iterator[None]:
        """Turn errors of the connection, and refusals that are not expected, into ``BuilderUnavailable``."""
        try:
            yield
        except Refused as refused:
            if refused.status in expected:
                raise
            problem = f"it refuses: {refused.message}"
            if refused.passing:
                raise _Passing(PART, problem, refused.retry_after) from refused
            raise BuilderUnavailable(PART, problem) from refused
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _Passing(PART, "the connection broke") from error

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any,
        seconds: float | None,
        silence: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        client = await self._opened()
        response = await self._whole(
            client.call_api(
                path,
                method,
                query_params=list((query or {}).items()),
                header_params={"Accept": "*/*", "Content-Type": _MERGE if method == "PATCH" else "application/json"},
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _request_timeout=aiohttp.ClientTimeout(seconds, sock_connect=_CONNECTS_WITHIN, sock_read=silence),
            )
        )
        async with response:
            if response.status >= 400:
                raise _refused(response, await response.text())
            yield response

    async def _whole(self, call: Coroutine[Any, Any, Any]) -> Any:
        """Let a call come to its answer though nobody waits: an interrupted handshake leaves its connection behind."""
        task = asyncio.ensure_future(call)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._left.add(task)
            task.add_done_callback(self._drop)
            raise

    def _drop(self, task: asyncio.Task[Any]) -> None:
        self._left.discard(task)
        if not task.cancelled() and task.exception() is None:
            _abort(task.result())
            task.result().close()

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await self._open()
        return self._client

    async def _open(self) -> Any:
        try:
            client, config = (importlib.import_module(f"kubernetes_asyncio.{name}") for name in ("client", "config"))
        except ImportError as error:
            missing = "kubernetes-asyncio is not installed: pip install 'repo2docker-service[kubernetes]'"
            raise BuilderUnavailable(PART, missing) from error
        chosen = client.Configuration()
        chosen.connection_pool_maxsize = 0  # as many followers of logs as there are would block everything else
        try:
            if self.kubeconfig or os.environ.get("KUBECONFIG"):
                file = self.kubeconfig or os.environ["KUBECONFIG"]
                await config.load_kube_config(file, self.context or None, chosen, persist_config=False)
            else:
                config.load_incluster_config(chosen)
        except (config.ConfigException, OSError) as error:
            raise BuilderUnavailable(PART, f"it is not known how to reach it: {error}") from error
        return client.ApiClient(chosen)


@dataclass
class _Passing(BuilderUnavailable):
    """Unavailable for now: worth another try."""

    retry_after: float = 0.0


def _abort(response: aiohttp.ClientResponse) -> None:
    """End the connection of an answer that is left early: it would wait for the server to say goodbye."""
    if response.connection is not None and response.connection.transport is not None:
        response.connection.transport.abort()


def _number(text: str) -> int:
    # Some distributions write 20+.
    match = re.match(r"[0-9]+", text)
    return int(match[0]) if match else 0


def _refused(response: aiohttp.ClientResponse, text: str) -> Refused:
    try:
        told = json.loads(text)
        # Of a node that it does not reach, the server gives no reason beside its words.
        message, reason = str(told["message"]), str(told.get("reason", response.reason))
    except (ValueError, KeyError, TypeError):
        reason, message = str(response.reason), text[:1000]
    wait = response.headers.get("Retry-After", "")
    return Refused(response.status, reason, message, float(wait) if wait.isdecimal() else 0.0)
