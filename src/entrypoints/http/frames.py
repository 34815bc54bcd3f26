"""What streams tell: builds, log lines and images as events, or lines as plain text.

Everything that others wrote goes through JSON with all but ASCII escaped, so no line of a log can end an event.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final, TypeVar

from repo2docker_service.domain.errors import ServiceError
from repo2docker_service.domain.models import Build, ImageName, LogChunk
from repo2docker_service.domain.servers import ServerProgress, open_address
from repo2docker_service.domain.streams.following import Item
from repo2docker_service.entrypoints.http.build_shapes import build_shape
from repo2docker_service.entrypoints.http.errors import problem_of
from repo2docker_service.entrypoints.http.event_stream import HEARTBEAT, closed_at_the_end, with_silence

RETRY: Final = b"retry: 500\n\n"
News = TypeVar("News")
_SAFE_ID: Final = re.compile(r"[!-~]{1,200}", re.ASCII)


def frame(event: str, data: object, identifier: str = "") -> bytes:
    """Write one event."""
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode("ascii")


async def log_frames(
    items: AsyncIterator[Item], rendered: Callable[[Item], bytes] | None = None, heartbeat: float | None = None
) -> AsyncGenerator[bytes]:
    """Tell a log as it is followed: ``log``, ``state``, and at last ``end`` with the final build.

    Args:
        items: what is followed; to wait for one must bear being cancelled where heartbeats are wanted.
        rendered: turns an item into bytes.
        heartbeat: seconds of silence after which a comment is sent.
    """
    rendered = rendered or as_event
    yield RETRY
    final: Build | None = None
    try:
        async with aclosing(with_silence(items, heartbeat)) as heard:
            async for item in heard:
                if item is None:
                    yield HEARTBEAT
                    continue
                # An ended build is held back: what remains of the log comes before the end.
                if isinstance(item, LogChunk) or final is None or not item.state.ended:
                    yield rendered(item)
                if isinstance(item, Build):
                    final = item
        if final is not None:
            yield frame("end", build_data(final))
    except ServiceError as error:
        yield _failure(error)


def as_event(item: Item) -> bytes:
    """Write one item of a followed build as an event."""
    return _lines(item) if isinstance(item, LogChunk) else frame("state", build_data(item))


def as_text(item: Item) -> bytes:
    """Write the lines of one item as they are."""
    return ("\n".join(item.lines) + "\n").encode("utf-8", "replace") if isinstance(item, LogChunk) else b""


async def text_frames(
    items: AsyncIterator[Item], rendered: Callable[[Item], bytes] | None = None
) -> AsyncGenerator[bytes]:
    """Tell a log as plain text, a line for each line."""
    rendered = rendered or as_text
    async with closed_at_the_end(items):
        async for item in items:
            yield rendered(item)


async def event_frames(items: AsyncIterator[News], rendered: Callable[[News], bytes]) -> AsyncGenerator[bytes]:
    """Tell items as events, one after the other, and at last what goes wrong with them."""
    yield RETRY
    try:
        async with closed_at_the_end(items):
            async for item in items:
                yield rendered(item)
    except ServiceError as error:
        yield _failure(error)


def as_change(item: Build | ImageName) -> bytes:
    """Write a change of a list page as an event."""
    return frame("build", build_data(item)) if isinstance(item, Build) else frame("image", {"name": str(item)})


def as_progress(item: ServerProgress) -> bytes:
    """Write how far the start of a server is as an event: ``progress``, and at last ``ready`` or ``failed``."""
    if item.ready:
        return frame("ready", {"url": item.url, "open_url": open_address(item.url, item.path)})
    if item.failed:
        return frame("failed", {"message": item.message})
    return frame("progress", {"percent": item.percent, "message": item.message})


def build_data(build: Build) -> dict[str, Any]:
    """Give the same JSON values for a build as the plain answers hold."""
    return build_shape(build).model_dump(mode="json", exclude_unset=True)


def _lines(chunk: LogChunk) -> bytes:
    last = chunk.first + len(chunk.lines) - 1
    identifier = chunk.cursor if _SAFE_ID.fullmatch(chunk.cursor) else str(last)
    return frame("log", {"first": chunk.first, "lines": list(chunk.lines)}, identifier)


def _failure(error: ServiceError) -> bytes:
    return frame("error", problem_of(error).body())
