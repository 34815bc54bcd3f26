"""A page at a time, stable while things come and go."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from repo2docker_service.domain.errors import BadCursor

T = TypeVar("T")
Key = tuple[float | str, str]
"""What a list is ordered by, and an id that makes it unique."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, where the next ones begin, and how many there are on all pages."""

    items: Sequence[T]
    next: str | None
    total: int


def paginate(
    items: Iterable[T], key: Callable[[T], Key], *, limit: int, cursor: str = "", descending: bool = True
) -> Page[T]:
    """Order items and give the page after the cursor.

    Raises:
        BadCursor: the cursor was not given out by this function, or for another order.
    """
    ordered = sorted(items, key=key, reverse=descending)
    rest = ordered
    if cursor:
        last = _read(cursor)
        try:
            rest = [item for item in ordered if (key(item) < last if descending else key(item) > last)]
        except TypeError:
            raise _bad() from None
    page = rest[:limit]
    return Page(page, _write(key(page[-1])) if len(rest) > limit else None, len(ordered))


def _write(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read(cursor: str) -> Key:
    try:
        value, identifier = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        raise _bad() from None
    if not isinstance(value, int | float | str) or not isinstance(identifier, str):
        raise _bad()
    return value, identifier


def _bad() -> BadCursor:
    return BadCursor("cursor", "This cursor was not given out for this list.")
