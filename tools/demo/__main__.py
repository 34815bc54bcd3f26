"""Run the demo: alone, or with a JupyterHub where HUB is set."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

from tools.parts import PartMissing

from . import alone, with_hub

STOPPED = 130


def main() -> int:
    """Run the demo and give its exit status."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)
    try:
        return with_hub.run() if os.environ.get("HUB", "") not in {"", "0"} else alone.run()
    except PartMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        with suppress(OSError):
            print("\nStopped.", file=sys.stderr, flush=True)
        return STOPPED


def stop(number: int, _frame: object) -> NoReturn:
    """End as after Ctrl-C, so that everything that was started here is stopped and removed."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough
    if number == signal.SIGHUP:  # the terminal is gone: writing to it would fail
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
