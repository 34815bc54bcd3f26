"""The commands that remove much at once: what nobody needs any more, and all that an owner has."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Final

from repo2docker_service.entrypoints.cli import listing
from repo2docker_service.entrypoints.cli.client import Client, Json
from repo2docker_service.entrypoints.cli.output import doubt, emit, note, show_leftovers
from repo2docker_service.entrypoints.cli.problems import ExitCode

_DRY: Final = "Nothing was removed: this is what would be."


def cleanup(client: Client, options: Namespace) -> int:
    """Collect, or only say what would be collected."""
    answer = client.get("admin", "cleanup") if options.dry_run else client.clean_up()
    found = answer.get("items", [])
    _show(found, _DRY if options.dry_run else f"Removed: {len(found)}.", options)
    return ExitCode.DONE


def delete(client: Client, options: Namespace) -> int:
    """Delete an image, or all that an owner has."""
    return listing.delete(client, options) if options.owner is None else _delete_owner(client, options)


def _delete_owner(client: Client, options: Namespace) -> int:
    protected = "delete" if options.protected else None
    if options.dry_run or not options.yes:
        answer = client.get("admin", "owners", options.owner, "removal", protected=protected)
        found = answer.get("items", [])
        if options.dry_run or not found:
            _show(found, _DRY, options)
            doubt(answer)
            return ExitCode.DONE
        if options.json:  # what goes is to be printed once, when it has gone
            note(f"To be removed: {len(found)}. See them with --dry-run.")
        else:
            show_leftovers(found)
        listing.agree(options)
    answer = client.remove_owner(options.owner, protected=protected)
    found = answer.get("items", [])
    left = sum(bool(each.get("stays")) for each in found)
    _show(found, f"Removed: {len(found) - left}. Left: {left}.", options)
    doubt(answer)
    return ExitCode.REFUSED if left else ExitCode.DONE


def _show(found: Sequence[Json], sentence: str, options: Namespace) -> None:
    if options.json:
        for each in found:
            emit(each)
        return
    show_leftovers(found)
    if found:
        note(sentence)
