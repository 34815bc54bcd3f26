"""Prints sentences, tables and JSON."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from repo2docker_service.entrypoints.cli.terminal import plain

Json = Mapping[str, Any]

_WIDE: Final = 10_000
"""Characters of a line that goes to a file or program: nothing is folded there."""

_LONG: Final = ("image", "repository")
"""Columns of which most tables have one."""


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


def doubt(answer: Json) -> None:
    """Say beside a result if there may be more images than it is made of."""
    if answer.get("partial"):
        note("The registry does not tell all that it holds: there may be images that are missing here.")
    if unreadable := answer.get("unreadable"):
        note(f"What the registry gives of these images cannot be read: {', '.join(unreadable)}.")


def emit(value: Json) -> None:
    """Print a JSON object on a line of its own."""
    print(json.dumps(value), flush=True)


def show_images(images: Iterable[Json]) -> None:
    """Print a table of images, or records where that is too wide; ids and names can be pasted elsewhere."""
    rows = (
        (
            image["id"],
            image["name"],
            image.get("ref"),
            decimal(int(image.get("size") or 0)),
            when(image.get("created_at")),
            image.get("owner"),
            _notes(image),
        )
        for image in images
    )
    _show(("id", "image", "ref", "size", "created", "owner", "notes"), rows, "No images.")


def show_builds(builds: Iterable[Json]) -> None:
    """Print a table of builds, or records where that is too wide; ids can be pasted elsewhere."""
    rows = (
        (
            build["id"],
            build.get("reason") or build["state"],
            source(build),
            build.get("ref"),
            str(build.get("commit") or "")[:10],
            when(build.get("created_at")),
            build.get("owner"),
        )
        for build in builds
    )
    _show(("id", "state", "repository", "ref", "commit", "created", "owner"), rows, "No builds.")


def show_leftovers(leftovers: Sequence[Json]) -> None:
    """Print a table of what was or would be removed, or records where that is too wide; say why, or why it is left."""
    reasons = [reason for reason in ("why", "stays") if any(each.get(reason) for each in leftovers)]
    rows = (
        (
            each["kind"],
            each["name"],
            when(each.get("since")),
            decimal(int(each["size"])) if each.get("size") else "",
            each.get("repo"),
            *(each.get(reason) for reason in reasons),
        )
        for each in leftovers
    )
    _show(("what", "name", "since", "size", "repository", *reasons), rows, "There is nothing to remove.")


def show_rebuilds(found: Iterable[Json]) -> None:
    """Print a table of outdated images and what becomes of each, or records where that is too wide."""
    rows = (
        (
            each["state"],
            each["image"]["id"],
            each["image"]["name"],
            each["image"].get("owner"),
            each.get("why_skipped") or each["image"].get("outdated"),
        )
        for each in found
    )
    _show(("state", "id", "image", "owner", "why"), rows, "No image is outdated.")


def show_usage(usage: Iterable[Json]) -> None:
    """Print a table of owners, and how much each has of what it may have."""
    rows = (
        (
            each["owner"],
            _of_limit(each["builds"], each["builds_limit"]),
            _of_limit(each["images"], each["images_limit"]),
            decimal(int(each["size"])),
        )
        for each in usage
    )
    _show(("owner", "builds", "images", "size"), rows, "Nobody has anything.")


def show_plugins(plugins: Iterable[Json]) -> None:
    """Print a table of plugins, where each is from, and what it offers or why it is not used."""
    rows = ((each["name"], each["package"], each["problem"] or ", ".join(each["offers"])) for each in plugins)
    _show(("plugin", "package", "offers"), rows, "There are no plugins.")


def show_facts(facts: Json) -> None:
    """Print names and values."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(*map(_text, (name.replace("_", " "), _words(value))))
    _print(table, _console())


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
    words = [word for word in ("private", "outdated", "default", "featured", "protected") if image.get(word)]
    # Where nobody has looked, it is neither true nor false.
    words += ["not launchable"] if image.get("launchable") is False else []
    return ", ".join([*words, *(["changed outside"] if image.get("changed_outside") else [])])


def _of_limit(used: int, limit: int) -> str:
    return f"{used} of {limit}" if limit else str(used)


def _words(value: object) -> str:
    if not isinstance(value, Mapping):
        return value if isinstance(value, str) else json.dumps(value)
    names = {str(name).replace("_", " "): each for name, each in value.items()}
    if not all(isinstance(each, bool) for each in names.values()):
        return ", ".join(f"{name} {_words(each)}" for name, each in names.items())
    can, cannot = (", ".join(name for name, each in names.items() if each is wanted) for wanted in (True, False))
    return "; ".join([*([can] if can else []), *([f"not {cannot}"] if cannot else [])])


def _show(names: Sequence[str], rows: Iterable[Sequence[object]], when_empty: str) -> None:
    table, records = _table(names), []
    for row in rows:
        cells = [_text(cell) for cell in row]
        table.add_row(*cells)
        records.append(_record(names, [cell.plain for cell in cells]))
    console = _console()
    if not records:
        note(when_empty)
    elif _width(table, console) <= console.width:
        _print(table, console)
    else:
        print("\n".join(records))


def _print(table: Table, console: Console) -> None:
    if sys.stdout.isatty():
        console.print(table)
        return
    for line in console.render_lines(table, pad=False):
        print("".join(segment.text for segment in line).rstrip())


def _table(names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=True, overflow="ignore")
    return table


def _record(names: Sequence[str], cells: Sequence[str]) -> str:
    # Names of images and addresses are long. On a line of their own, only the terminal wraps them: they are
    # copied in one piece then.
    long = [cell for name, cell in zip(names, cells, strict=True) if name in _LONG]
    return "\n  ".join(["  ".join(cell for cell in cells if cell and cell not in long), *long])


def _width(table: Table, console: Console) -> int:
    return console.measure(table, options=console.options.update(width=_WIDE)).maximum


def _text(cell: object) -> Text:
    # Text, not str: what people called their image is no markup.
    return Text("" if cell is None else plain(cell))


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
