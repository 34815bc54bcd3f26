"""Reads server-sent events as bytes come in.

The HTTP library's own line reader also splits at characters, such as U+2028, that are allowed inside JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream."""

    name: str
    id: str = ""
    """Where to go on after it; empty when the event does not say."""
    data: Mapping[str, Any] = field(default_factory=dict)


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Cut bytes into lines at line feeds only."""
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        if b"\n" in chunk:
            *whole, rest = pending.split(b"\n")
            pending = bytearray(rest)
            yield from (line.decode(errors="replace").removesuffix("\r") for line in whole)
    if pending:
        yield pending.decode(errors="replace")


def events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """Give every event that arrived whole; comments, such as heartbeats, are passed over."""
    fields: dict[str, str] = {}
    for line in lines(chunks):
        if not line:
            if "data" in fields:
                yield _event(fields)
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        # Several data lines are one text, as the standard has it.
        fields[name] = f"{fields[name]}\n{value}" if name == "data" and "data" in fields else value


def _event(fields: Mapping[str, str]) -> Event:
    return Event(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
