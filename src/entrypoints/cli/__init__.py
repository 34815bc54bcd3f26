"""The command ``repo2docker-service``: serves, or asks a service that is running.

Nothing heavy is imported before it is known what was asked for.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import IO, Final

LIST_PLUGINS: Final = "plugins"
"""The one word that names no client command, as it reads the same settings as serving does."""
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and give the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        print(end="", flush=True)  # what cannot be written is told here, not by the interpreter's own last flush
    except BrokenPipeError:  # as in "… | head": nobody reads any more
        _silence(sys.stdout)
        return 128 + signal.SIGPIPE
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        return _not_written(error)
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        return _serve(arguments) if _is_for_serving(arguments) else _ask(arguments)
    except SystemExit as end:  # argparse and traitlets leave this way after help and bad usage
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _not_written(error: OSError) -> int:
    _silence(sys.stdout)
    try:
        print(f"The output cannot be written: {error.strerror}.", file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)
    return 4


def _silence(stream: IO[str]) -> None:
    # The interpreter's own last flush must not complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_for_serving(arguments: Sequence[str]) -> bool:
    return not arguments or arguments[0].startswith("-") or arguments[0] == LIST_PLUGINS


def _serve(arguments: Sequence[str]) -> int:
    # Hardly anything of what is imported is garbage, and to look for it takes a tenth of the time of a start.
    gc.disable()
    try:
        from repo2docker_service.entrypoints.cli.serving_options import run

        return run(arguments)
    finally:
        gc.enable()


def _ask(arguments: Sequence[str]) -> int:
    from repo2docker_service.entrypoints.cli.commands import run

    return run(arguments)
