"""JSON from foreign hands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import BadAnswer

_HUGE: Final = 1 << 62
_MOST_PARTS: Final = 300_000
"""Objects and values that a document may have: they take many times the room of their text."""


def read_object(body: bytes, what: str) -> Mapping[str, object]:
    """Read a JSON object.

    Args:
        body: its text.
        what: what it should be, for the error.

    Raises:
        BadAnswer: it is none, or is made to be hard to read.
    """
    if sum(body.count(mark) for mark in (b"{", b"[", b",")) > _MOST_PARTS:
        raise BadAnswer(f"{what} has more parts than any honest one")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"{what} is not JSON, or too deep") from error
    if not isinstance(value, dict):
        raise BadAnswer(f"{what} is not a JSON object")
    return value


def text(value: object) -> str:
    """Give a string, empty for anything else, and for what JSON can express but Unicode cannot."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return ""
    return value


def mapping(value: object) -> Mapping[str, object]:
    """Give an object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[object]:
    """Give an array, empty for anything else."""
    return value if isinstance(value, list) else ()


def size(value: object) -> int:
    """Give a number of bytes.

    Raises:
        BadAnswer: it is none that can be.
    """
    # True is an integer too, as far as Python is concerned.
    if type(value) is not int or not 0 <= value < _HUGE:
        raise BadAnswer("a size in it is not one")
    return value
