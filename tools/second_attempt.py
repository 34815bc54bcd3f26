"""Runs tests once more that failed: ``python -m tools.second_attempt STATUS ARGUMENTS OF PYTEST``.

What fails on a machine that does much else may fail for lack of it; what fails twice, and with nothing beside it, is
broken. So a few tests that failed run again alone, and what passes then is told, for somebody to mend it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FAILED: Final = 1
"""Pytest's status when all tests ran, and some of them failed."""
MOST: Final = 3
"""More than so many do not fail by chance."""
KEPT: Final = Path(".pytest_cache/v/cache/lastfailed")
TOLD: Final = Path("build/second-attempts")
"""Where it is told as well, for the end of all that is run."""


def main(status: int, arguments: Sequence[str]) -> int:
    """Give the status of the second attempt, or the first one's where there is nothing to try again."""
    places = tuple(each for each in arguments if each.startswith("tests"))
    names = [name for name in failed() if name.startswith(places)]
    if status != FAILED or not 0 < len(names) <= MOST:
        return status
    tell(f"== failed, tried again alone: {', '.join(names)}")
    again = ["--last-failed", "--last-failed-no-failures=none", *arguments]
    second = subprocess.run([sys.executable, "-m", "pytest", "-q", *again], check=False).returncode
    if not second:
        tell(f"== passed at the second attempt: {', '.join(names)}")
    return second


def tell(line: str) -> None:
    """Print a line, and keep it."""
    print(line, flush=True)
    TOLD.parent.mkdir(exist_ok=True)
    with TOLD.open("a") as told:
        told.write(f"{line}\n")


def failed() -> list[str]:
    """Give the names of the tests that failed when they last ran."""
    return list(json.loads(KEPT.read_text())) if KEPT.exists() else []


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
