"""Ask the service what nobody would ask, by its own description of its API: ``make fuzz``."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from tools.service import PRETENDED, build, configured, running_service

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
ENOUGH: Final = 10_000
_EXAMPLES: Final = 100
"""As many for each operation that all of them are more than enough."""
_PATIENCE: Final = 1800.0
_LONGEST_LINE: Final = 2000
"""Characters of a request that are shown; some are of many thousands."""
_BUILDER: Final = ("builds:create!user", "builds:cancel!user", "images:delete!user", "builds:read", "images:read")
CALLERS: Final[Mapping[str, Sequence[str]]] = {
    "anonymous": (),
    "builder": _BUILDER,
    "admin": ("admin", "metrics:read"),
}
"""Who asks, with which scopes; the token of each is its name."""
_TOKENS: Final = {name: {"name": name, "scopes": list(scopes)} for name, scopes in CALLERS.items() if scopes}
_SETTINGS: Final[Mapping[str, Mapping[str, object]]] = {
    "Repo2DockerService": {**PRETENDED, "requests_per_person": 0, "streams_per_person": 0},
    "InMemoryServerLauncher": {"start_seconds": 0.0},
    "InMemoryAuthorizer": {"tokens": _TOKENS},
}
_REPOSITORIES: Final = tuple(f"https://github.com/binder-examples/{name}" for name in ("requirements", "conda", "r"))
_RULES: Final = """
[cache]
enabled = false

[generation]
database = "none"
max-examples = {examples}

[dictionaries]
tokens = {{ values = {tokens} }}

[checks]
# A text may be no address, no ref, or not there: what the description cannot say is refused with a sentence.
positive_data_acceptance.expected-statuses = ["2xx", "303", 400, 401, 403, 404, 405, 409, 410, 412, 415, 422, 428, 429]
# What is wrong may also be too long to be looked at.
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429, 431]

[[operations]]  # it has no end: a few are opened, each until something happens
include-path = "/api/v1/events"
generation.max-examples = 2
max-stream-events = 1
request-timeout = 3

[[operations]]  # some of the tokens are good
include-name = "POST /login"
parameters."body.token" = {{ dictionary = "tokens", probability = 0.3 }}

[[operations]]  # a build that was forgotten is told from its image
include-name = "GET /api/v1/builds/{{build_id}}"
checks.use_after_free.enabled = false
"""
_PHASE: Final = re.compile(r"\W+([A-Z][a-z]+) \(in ([\d.]+)s\)")

Tell = Callable[[str], object]


@dataclass(frozen=True)
class Asked:
    """What one caller asked for."""

    cases: int
    """Requests that were made up; some were sent more than once."""
    tested: int
    """How many operations they were for."""
    operations: int
    """How many there are."""
    complaint: str
    """What schemathesis says where it is not content."""


@dataclass(frozen=True)
class Found:
    """What came of it."""

    asked: Mapping[str, Asked]
    """By caller."""
    answers: Mapping[int, int]
    """How many there were, by status."""
    tracebacks: int
    """How many are in the service's log."""

    @property
    def cases(self) -> int:
        """How many requests were made up."""
        return sum(each.cases for each in self.asked.values())

    @property
    def errors(self) -> int:
        """How many answers told of an error of the service."""
        return sum(count for status, count in self.answers.items() if status >= 500)

    @property
    def problems(self) -> Sequence[str]:
        """What went wrong, in short."""
        found = [f"{self.errors:,} server errors"] * bool(self.errors)
        found += [f"{self.tracebacks} tracebacks"] * bool(self.tracebacks)
        for name, each in self.asked.items():
            found += [f"complaints as {name}"] * bool(each.complaint)
            found += [f"{each.operations - each.tested} operations left out as {name}"] * (
                each.tested < each.operations
            )
        return found


def fuzz(folder: Path, *, examples: int, seed: int, phases: Sequence[str] = PHASES, tell: Tell = str) -> Found:
    """Start a service of pretended parts, with a few images, and ask it as each caller.

    Args:
        folder: for all that is written.
        examples: how many requests for each operation, and how many sequences.
        seed: for all that is left to chance.
        phases: those of schemathesis.
        tell: hears how far it is.
    """
    rules = folder / "schemathesis.toml"
    rules.write_text(_RULES.format(examples=examples, tokens=json.dumps(list(_TOKENS))))
    options = [f"--config-file={rules}", "run", f"--phases={','.join(phases)}", f"--seed={seed}"]
    with running_service(folder / "service", configured(_SETTINGS)) as service:
        with service.client_with("builder") as client:
            for address in _REPOSITORIES:
                build(client, repo=address)
        with ThreadPoolExecutor() as threads:
            asked = {name: threads.submit(_ask, folder, name, service.url, options, tell) for name in CALLERS}
        with service.client_with("admin") as client:
            answers = _answers(client.get(f"{service.url}metrics").raise_for_status().text)
    tracebacks = service.log.read_text(errors="replace").count("Traceback")
    return Found({name: each.result() for name, each in asked.items()}, answers, tracebacks)


def _ask(folder: Path, name: str, url: str, options: Sequence[str], tell: Tell) -> Asked:
    (place := folder / name).mkdir()
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color", *options]
    command += [f"{url}api/v1/openapi.json", f"--url={url.rstrip('/')}", "--report-json-path=report.json"]
    if CALLERS[name]:
        command += [f"--header=Authorization: Bearer {name}"]
    said: list[str] = []
    environment = dict(os.environ, PYTHONUNBUFFERED="1", NO_COLOR="1", COLUMNS="120")
    with subprocess.Popen(
        command, cwd=place, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        (patience := Timer(_PATIENCE, process.kill)).start()
        for line in process.stdout or ():
            said.append(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…\n")
            if found := _PHASE.match(line):
                tell(f"{name}: {found[1].lower()} took {float(found[2]):.0f} s")
        patience.cancel()
    return _asked(place / "report.json", "".join(said) if process.returncode else "")


def _asked(report: Path, complaint: str) -> Asked:
    if not report.is_file() or not (text := report.read_text()):
        return Asked(0, 0, 1, complaint or "There is no report.")
    told: Mapping[str, Any] = json.loads(text)
    return Asked(told["test_cases"]["generated"], told["operations"]["tested"], told["operations"]["total"], complaint)


def _answers(figures: str) -> Mapping[int, int]:
    counted: Counter[int] = Counter()
    for family in text_string_to_metric_families(figures):
        if family.name == "repo2docker_service_requests":
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    counted[int(sample.labels["code"])] += int(sample.value)
    return counted


def main() -> int:
    """Ask, tell what came of it, and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument(
        "--examples", type=int, default=_EXAMPLES, help=f"requests for each operation and caller ({_EXAMPLES})"
    )
    parser.add_argument("--seed", type=int, default=1, help="for all that is left to chance (1)")
    options = parser.parse_args()
    tell = partial(print, "fuzz:", flush=True)
    tell(f"asking as {', '.join(CALLERS)} at once; this takes some minutes")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="r2d-") as folder:
        found = fuzz(Path(folder), examples=options.examples, seed=options.seed, tell=tell)
    for name, each in found.asked.items():
        if each.complaint:
            print(f"== what schemathesis says as {name}\n{each.complaint}")
    for name, each in found.asked.items():
        tell(f"{name}: {each.cases:,} cases for {each.tested} of {each.operations} operations")
    statuses = ", ".join(f"{count:,} {status}" for status, count in sorted(found.answers.items()))
    seconds = time.monotonic() - begun
    tell(f"{found.cases:,} cases, {sum(found.answers.values()):,} answers in {seconds:.0f} s: {statuses}")
    problems = [*found.problems]
    if options.examples >= _EXAMPLES and found.cases < ENOUGH:
        problems.append(f"not the {ENOUGH:,} cases that are promised")
    tell("; ".join(problems) or "no server error, no status that is not documented, no traceback")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
