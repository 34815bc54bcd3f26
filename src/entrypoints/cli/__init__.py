"""The command ``repo2docker-service``: serves, or asks a service that is running.

Nothing heavy is imported before it is known what was asked for.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and give the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _serve(arguments) if _is_for_serving(arguments) else _ask(arguments)
    except BrokenPipeError:
        return _reader_left()
    except SystemExit as end:  # argparse and traitlets leave this way after help and bad usage
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _reader_left() -> int:
    # As in "… | head": nobody reads any more, and the interpreter's own last flush must not complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _is_for_serving(arguments: Sequence[str]) -> bool:
    return not arguments or arguments[0].startswith("-")


def _serve(arguments: Sequence[str]) -> int:
    from repo2docker_service.entrypoints.cli.serving_options import run

    return run(arguments)


def _ask(arguments: Sequence[str]) -> int:
    from repo2docker_service.entrypoints.cli.commands import run

    return run(arguments)
