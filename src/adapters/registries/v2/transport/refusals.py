"""What the statuses of errors mean, and what the registry says about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    ConnectionFailed,
    NotFound,
    Refused,
    RegistryError,
    Unauthorized,
)
from repo2docker_service.adapters.registries.v2.transport.connection_errors import NOT_SECURE
from repo2docker_service.adapters.registries.v2.transport.documents import mapping, read_object, sequence, text
from repo2docker_service.adapters.registries.v2.transport.http import Answer, Headers

MAY_PASS: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that another try may do away with."""

# With the others that may pass, a server has not even begun with what it was asked.
_MAY_BE_DONE: Final = frozenset({500, 502, 504})
_WARNING: Final = re.compile(r'\b299\s+\S+\s+"((?:[^"\\]|\\.)*)"', re.ASCII)
_ESCAPED: Final = re.compile(r"\\(.)")
_LONGEST: Final = 300
_KINDS: Final[dict[int, type[Refused]]] = {401: Unauthorized, 403: Unauthorized, 404: NotFound}
_MEANINGS: Final = {
    401: "it does not allow this, or there is no such thing",
    403: "it does not allow this",
    404: "it has no such thing",
    405: "it does not support this",
    429: "it has had too many requests",
}


def refusal(answer: Answer) -> RegistryError:
    """Make the error that belongs to an answer with a status of 300 or more."""
    if answer.status < 400:
        return BadAnswer(f"it redirects with status {answer.status}, which it may not here: check V2Registry.url")
    if answer.status == 400 and answer.url.startswith("http://") and b"HTTPS" in answer.body[:500]:
        return ConnectionFailed(NOT_SECURE)
    code, message = _said(answer.body)
    problem = _MEANINGS.get(answer.status, f"it answered with status {answer.status}")
    if code and answer.status < 500:
        # What fails inside a server often comes with its paths.
        problem += f" ({code}: {message})" if message else f" ({code})"
    return _KINDS.get(answer.status, Refused)(
        problem,
        status=answer.status,
        code=code,
        again=answer.status in MAY_PASS,
        ambiguous=answer.status in _MAY_BE_DONE,
        pause=_pause(answer.headers),
    )


def readable(said: str) -> str:
    """Make foreign text one line of visible characters that cannot reorder the text around it, and short."""
    line = " ".join(said.split())
    return "".join(each for each in line if unicodedata.category(each)[0] != "C")[:_LONGEST]


def warnings(headers: Headers) -> Sequence[str]:
    """Give what the registry wants people to know, though nothing failed."""
    given = ", ".join(headers.get_list("Warning"))
    return [readable(_ESCAPED.sub(r"\1", match[1])) for match in _WARNING.finditer(given)]


def _said(body: bytes) -> tuple[str, str]:
    try:
        errors = sequence(read_object(body, "the error").get("errors"))
    except BadAnswer:
        return "", ""
    first = mapping(errors[0]) if errors else {}
    return readable(text(first.get("code")))[:80], readable(text(first.get("message")))


def _pause(headers: Headers) -> float | None:
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return (parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
