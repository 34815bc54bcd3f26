"""Put what is promised to the test, and write the figures into the documentation: ``make reliability``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Final

from tools.parts import PartMissing

from .figures import missed
from .report import Result, page
from .rig import Rig, rig
from .trials import TRIALS, Trial

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "reliability.md"


def main() -> int:
    """Run the trials and give the exit status: 1 when a promise was not kept."""
    options = _parser().parse_args()
    results: dict[str, Result] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="r2d-") as folder, rig(Path(folder), options.seed) as parts:
            for name in options.trials or TRIALS:
                results[name] = run(TRIALS[name], parts, short=options.short)
                if options.write:
                    PAGE.write_text(page(results, options.seed, PAGE.read_text()))
    except PartMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    return int(any(isinstance(result, str) or missed(result) for result in results.values()))


def run(trial: Trial, parts: Rig, *, short: bool) -> Result:
    """Run one trial and print its figures as it ends; one that breaks does not keep the others from being run."""
    print(f"\n== {trial.title}: {trial.promise}", flush=True)
    begun = time.monotonic()
    try:
        figures = trial.run(parts, trial.short if short else trial.full)
    except PartMissing:
        raise
    except Exception as error:  # noqa: BLE001 - whatever breaks, the rest is worth knowing
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    for figure in figures:
        print(f"   {figure}")
    print(f"   {time.monotonic() - begun:.0f} s", flush=True)
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.reliability", description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"which to run: {', '.join(TRIALS)} (all)")
    parser.add_argument("--seed", type=int, default=1, help="for all that is left to chance (1)")
    parser.add_argument("--short", action="store_true", help="the short form, as in the tests")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reference/reliability.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
