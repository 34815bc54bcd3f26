"""Answers that go on: sent in pieces as they come, ended when the reader leaves.

The web framework's own stream of events sends one piece per event and fails when readers leave; ours joins what comes
fast, asks the source for one thing at a time (so a slow reader slows its source and nothing piles up here), and
closes the source as soon as nobody reads any more. When the process is asked to stop, streams of events say so and end:
readers go on elsewhere, or here when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from repo2docker_service.entrypoints.http.stopping import Stopping

T = TypeVar("T")

EVENTS: Final = "text/event-stream"
HEARTBEAT: Final = b":\n\n"
RECONNECT: Final = b"event: reconnect\ndata: {}\n\n"
"""Tells a reader of events that the process stops."""
_FAREWELL: Final = 1.0
"""Seconds for which a reader is waited for who is told so, and takes nothing."""


@dataclass(frozen=True)
class Pace:
    """How a stream is sent; all times in seconds."""

    heartbeat: float = 15.0
    """Silence after which a comment is sent, so that no proxy takes the connection for dead."""
    flush: float = 0.05
    """Least time between two writes."""
    most: int = 64 * 1024
    """Bytes at which a write does not wait."""
    patience: float = 60.0
    """How long a reader may take for one write."""
    recheck: float = 5.0
    """Time between two looks whether a reader may read on; an authorizer may remember for some time besides."""


DEFAULT_PACE: Final = Pace()


class Stream(StreamingResponse):
    """An answer in pieces. Its source is closed when it ends, fails, or the reader leaves or stops reading.

    It also ends when ``until`` does: the reader may not be allowed to read any more.

    Args:
        pieces: what is sent.
        media_type: of what is sent.
        patience: seconds that a reader may take for one write.
        stopping: notices that the process stops, at which streams of events end.
        headers: more of them.
        until: ends when the reader may not read on.
        farewell: the last that is sent where the process stops.
        lost: the last that is sent where the reader may not read on.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        *,
        media_type: str,
        patience: float = DEFAULT_PACE.patience,
        stopping: Stopping | None = None,
        headers: Mapping[str, str] | None = None,
        until: Callable[[], Awaitable[object]] | None = None,
        farewell: bytes = RECONNECT,
        lost: bytes = RECONNECT,
    ) -> None:
        # Proxies that gather answers before they pass them on would make a live log a dead one.
        unbuffered = {"X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"}
        super().__init__(pieces, headers=unbuffered | dict(headers or {}), media_type=media_type)
        self._pieces = pieces
        self._until = until
        self._farewell = farewell
        self._lost = lost
        self._begun = False
        self._patience = patience
        # Who reads events can be told to come back; a file that ends early would be taken for the whole.
        self._stopping = stopping if stopping is not None and media_type == EVENTS else Stopping()

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the source ends, the reader leaves, or the process stops."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_reader_leaves(receive))
        losing = [] if self._until is None else [asyncio.ensure_future(self._until())]
        try:
            with self._stopping.cancelling(sending):
                await asyncio.wait((sending, leaving, *losing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost = any(task.done() for task in losing)
            for task in (leaving, sending, *losing):
                await _stop(task)
        if not sending.cancelled():
            sending.result()
        elif self._stopping.begun or lost:
            await self._send_away(send, self._farewell if self._stopping.begun else self._lost)

    async def _send_away(self, send: Send, word: bytes) -> None:
        with contextlib.suppress(OSError):  # TimeoutError is one, too
            async with asyncio.timeout(_FAREWELL):
                await self._begin(send)
                await send({"type": "http.response.body", "body": word, "more_body": False})

    async def _begin(self, send: Send) -> None:
        if not self._begun:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            self._begun = True

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            await self._begin(send)
            async for piece in pieces:
                if not await self._is_taken(send, piece):
                    return
                # A fast reader of what is there already would wait nowhere, and everybody else for it.
                await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _is_taken(self, send: Send, piece: bytes) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except OSError:  # TimeoutError is one, too
            return False
        return True


async def paced(frames: AsyncGenerator[bytes], pace: Pace, heartbeat: bytes = b"") -> AsyncGenerator[bytes]:
    """Give frames as they come: joined when they come fast, a heartbeat when none comes. Closes them at the end."""
    loop = asyncio.get_running_loop()
    step = _step(frames)
    waiting = bytearray()
    next_write = loop.time()
    try:
        while True:
            silence = pace.heartbeat if heartbeat else None
            timeout = max(0.0, next_write - loop.time()) if waiting else silence
            done, _ = await asyncio.wait((step,), timeout=timeout)
            if done:
                frame = step.result()
                if frame is None:
                    break
                waiting += frame
                step = _step(frames)
                if len(waiting) < pace.most:
                    continue
            yield bytes(waiting) or heartbeat
            waiting.clear()
            next_write = loop.time() + pace.flush
        if waiting:
            yield bytes(waiting)
    finally:
        await _stop(step)
        await frames.aclose()


@contextlib.asynccontextmanager
async def closed_at_the_end(items: AsyncIterator[Any]) -> AsyncIterator[None]:
    """Close the items when the context is left, if they can be closed."""
    try:
        yield
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


async def with_silence(items: AsyncIterator[T], longest: float | None) -> AsyncGenerator[T | None]:
    """Give items as they come, and nothing whenever none has come for the longest time of silence. Closes them.

    To wait for an item must bear being cancelled, unless silence may last for ever.
    """
    async with closed_at_the_end(items):
        while True:
            try:
                # A task for each wait would cost more than all the rest.
                async with asyncio.timeout(longest):
                    item = await anext(items)
            except TimeoutError:
                yield None
            except StopAsyncIteration:
                return
            else:
                yield item


async def begun(items: AsyncIterator[T]) -> AsyncGenerator[T]:
    """Wait for the first item, so that an error at the beginning is raised here, while it can still become a status."""
    try:
        first = [item async for item in _one(items)]
    except BaseException:
        async with closed_at_the_end(items):
            raise
    # From here on it is the reader's to close.
    return after(first, items)


async def _one(items: AsyncIterator[T]) -> AsyncGenerator[T]:
    with contextlib.suppress(StopAsyncIteration):
        yield await anext(items)


async def after(first: Iterable[T], items: AsyncIterator[T]) -> AsyncGenerator[T]:
    """Give items after those that are there already. Closes them at the end."""
    async with closed_at_the_end(items):
        for item in first:
            yield item
        async for item in items:
            yield item


def _step(frames: AsyncGenerator[bytes]) -> asyncio.Task[bytes | None]:
    async def step() -> bytes | None:
        return await anext(frames, None)

    return asyncio.create_task(step())


async def _reader_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stop(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
