"""What is being worked on: lines that are logged meanwhile can say so, whoever writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

REQUEST: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The number of the request that is being answered; empty when none is."""
BUILD: Final[ContextVar[str]] = ContextVar("build_id", default="")
"""The id of the build that this is about; empty when it is about none."""


@contextmanager
def about_request(number: str) -> Iterator[None]:
    """Work on a request, and perhaps on a build that it turns out to be about."""
    request, build = REQUEST.set(number), BUILD.set("")
    try:
        yield
    finally:
        BUILD.reset(build)
        REQUEST.reset(request)


@contextmanager
def about_build(identifier: str) -> Iterator[None]:
    """Work on a build; tasks that begin meanwhile are about it, too."""
    build = BUILD.set(identifier)
    try:
        yield
    finally:
        BUILD.reset(build)
