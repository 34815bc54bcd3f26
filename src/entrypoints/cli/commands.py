"""Runs one client command and turns whatever happens into an exit code."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from repo2docker_service.entrypoints.cli import building, cleaning, listing, rebuilding, summary
from repo2docker_service.entrypoints.cli.arguments import parse
from repo2docker_service.entrypoints.cli.client import Client
from repo2docker_service.entrypoints.cli.output import note, prepare_streams
from repo2docker_service.entrypoints.cli.problems import CommandFailed, ExitCode

_ACTIONS: Final[Mapping[str, Callable[[Client, Namespace], int]]] = {
    "build": building.build,
    "images": listing.images,
    "builds": listing.builds,
    "log": building.log,
    "cancel": building.cancel,
    "delete": cleaning.delete,
    "cleanup": cleaning.cleanup,
    "rebuild": rebuilding.rebuild,
    "summary": summary.summary,
    "info": listing.info,
}


def run(arguments: Sequence[str]) -> int:
    """Do what a client command line says and give the exit code."""
    options = parse(arguments)
    prepare_streams()
    try:
        with Client(options.url, options.token) as client:
            return int(_ACTIONS[options.command](client, options))
    except CommandFailed as failure:
        note(str(failure))
        return failure.exit_code
    except KeyboardInterrupt as interruption:
        return _interrupted(interruption)


def _interrupted(interruption: KeyboardInterrupt) -> int:
    for sentence in str(interruption).splitlines() or ["Interrupted."]:
        note(sentence)
    return ExitCode.INTERRUPTED
