"""Prints sentences, tables and JSON."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from repo2docker_service.entrypoints.cli.terminal import plain

Json = Mapping[str, Any]

_WIDE: Final = 1000
"""Characters of a line that goes to a file or program: nothing is folded there."""


def prepare_streams() -> None:
    """See to it that no character a stranger chose can break the printing, whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(sentence: str) -> None:
    """Print a result."""
    print(plain(sentence), flush=True)


def note(sentence: str) -> None:
    """Print something beside the result, where it does not end up in files."""
    print(plain(sentence), file=sys.stderr, flush=True)


def emit(value: Json) -> None:
    """Print a JSON object on a line of its own."""
    print(json.dumps(value), flush=True)


def show_images(images: Iterable[Json]) -> None:
    """Print a table of images; ids can be pasted into other commands."""
    table = _table("id", "image", "ref", "size", "created", "owner", "notes")
    for image in images:
        _row(
            table,
            image["id"],
            image["name"],
            image.get("ref"),
            decimal(int(image.get("size") or 0)),
            when(image.get("created_at")),
            image.get("owner"),
            _notes(image),
        )
    _print(table, "No images.")


def show_builds(builds: Iterable[Json]) -> None:
    """Print a table of builds; ids can be pasted into other commands."""
    table = _table("id", "state", "repository", "ref", "commit", "created", "owner")
    for build in builds:
        _row(
            table,
            build["id"],
            build.get("reason") or build["state"],
            source(build),
            build.get("ref"),
            str(build.get("commit") or "")[:10],
            when(build.get("created_at")),
            build.get("owner"),
        )
    _print(table, "No builds.")


def show_facts(facts: Json) -> None:
    """Print names and values."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        _row(table, name, value if isinstance(value, str) else json.dumps(value))
    _print(table, "Nothing is known.")


def source(build: Json) -> str:
    """Name the repository, and the folder in it when it is not the whole."""
    subdir = build.get("subdir")
    return f"{build.get('repo')} ({subdir})" if subdir else str(build.get("repo"))


def when(text: str | None) -> str:
    """Write a time of the API in the local time zone."""
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text


def _notes(image: Json) -> str:
    return ", ".join(word for word in ("private", "outdated") if image.get(word))


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True, overflow="ignore")
    for name in others:
        table.add_column(name, overflow="fold")
    return table


def _row(table: Table, *cells: object) -> None:
    from rich.text import Text

    # Text, not str: what people called their image is no markup.
    table.add_row(*(Text("" if cell is None else plain(cell)) for cell in cells))


def _print(table: Table, when_empty: str) -> None:
    if not table.row_count:
        note(when_empty)
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
    for line in console.render_lines(table) if not sys.stdout.isatty() else ():
        print("".join(segment.text for segment in line).rstrip())
    if sys.stdout.isatty():
        console.print(table)
