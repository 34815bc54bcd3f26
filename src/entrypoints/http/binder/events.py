"""What BinderHub's clients are told: JSON objects without a name, of which ``phase`` says what they are about."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Final

from repo2docker_service.domain.errors import BuildNotFound, ServiceError
from repo2docker_service.domain.models import Build, BuildState, LogChunk
from repo2docker_service.domain.streams.following import Item
from repo2docker_service.entrypoints.http.errors import status_of
from repo2docker_service.entrypoints.http.event_stream import with_silence

log = logging.getLogger(__name__)

KEEP_ALIVE: Final = b":keepalive\n\n"
LAST: Final = "end"
"""The id after an event that nothing follows: a browser's own EventSource comes back after it, and says it."""
_END: Final = f"id: {LAST}\n\n".encode("ascii")
_PHASES: Final = {BuildState.QUEUED: "building", BuildState.BUILDING: "building", BuildState.PUSHING: "pushing"}
"""What is told of lines that come in a state."""


def event(phase: str, message: str, **more: object) -> bytes:
    """Write one event; a message carries its own line end, as clients write it to a terminal as it is."""
    data = {"phase": phase, "message": f"{message}\n", **more}
    return f"data: {json.dumps(data, separators=(',', ':'))}\n\n".encode("ascii")


def failed(message: str, status: int | None = None) -> bytes:
    """Write the event of a failure, which is the last of its stream: clients read no status of HTTP."""
    return event("failed", message, **({} if status is None else {"status_code": int(status)})) + _END


def _passing(message: str, status: int) -> bytes:
    """Write a failure without the id of an end: who comes back by itself goes on with the build."""
    return event("failed", message, status_code=int(status))


STOPPED: Final = _passing(
    "The service is being restarted. The build goes on: ask for it again in a moment.", HTTPStatus.SERVICE_UNAVAILABLE
)
LOST: Final = _passing(
    "You may not read on with this token, or may do other things now. The build goes on: ask for it again.",
    HTTPStatus.FORBIDDEN,
)
BROKEN: Final = "Something went wrong here. The build may go on: ask for it again."


def ended(build: Build) -> bytes:
    """Write how a build ended."""
    if build.state is BuildState.SUCCEEDED:
        message = "The image was there already." if build.reused else "The image is built."
        return event("ready", message, imageName=str(build.plan.image)) + _END
    if build.state is BuildState.CANCELLED:
        return failed("The build was cancelled.")
    cause = f" {build.cause.advice}" if build.cause is not None else ""
    return failed(f"{build.message}{cause}")


async def build_events(
    build: Build, follow: Callable[[], Awaitable[AsyncIterator[Item]]], heartbeat: float
) -> AsyncGenerator[bytes]:
    """Tell a build as it is followed, to its end.

    Args:
        build: as it is now, which is told before anything is waited for.
        follow: gives what comes of it; to wait for an item bears being cancelled.
        heartbeat: seconds of silence after which a comment is sent.
    """
    if not build.state.ended:
        yield event("waiting", _place(build))
    state, final, trouble = BuildState.QUEUED, build, STOPPED
    try:
        async with aclosing(with_silence(await follow(), heartbeat)) as heard:
            async for item in heard:
                if item is None:
                    yield KEEP_ALIVE
                    continue
                if isinstance(item, LogChunk):
                    yield b"".join(event(_PHASES[state], line) for line in item.lines)
                    continue
                final = item
                state = state if item.state.ended else item.state
    except BuildNotFound as error:
        trouble = failed(str(error), HTTPStatus.NOT_FOUND)
    except ServiceError as error:
        trouble = _passing(str(error), status_of(type(error)))
    except Exception:
        log.exception("Build %s could not be followed", build.id)
        trouble = _passing(BROKEN, HTTPStatus.INTERNAL_SERVER_ERROR)
    yield ended(final) if final.state.ended else trouble


def _place(build: Build) -> str:
    if build.queue_position is None:
        return "Waiting for a build to start..."
    return f"Waiting for a build to start: number {build.queue_position} in the queue..."
