"""The command that collects what nobody needs any more."""

from __future__ import annotations

from argparse import Namespace

from repo2docker_service.entrypoints.cli.client import Client
from repo2docker_service.entrypoints.cli.output import emit, note, show_leftovers
from repo2docker_service.entrypoints.cli.problems import ExitCode


def cleanup(client: Client, options: Namespace) -> int:
    """Collect, or only say what would be collected."""
    answer = client.get("admin", "cleanup") if options.dry_run else client.clean_up()
    found = answer.get("items", [])
    if options.json:
        for each in found:
            emit(each)
        return ExitCode.DONE
    show_leftovers(found)
    if found:
        note("Nothing was removed: this is what would be." if options.dry_run else f"Removed: {len(found)}.")
    return ExitCode.DONE
