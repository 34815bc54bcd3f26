"""Ask the service what nobody would ask, by its own description of its API: ``make fuzz``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tools.service import build, running_service

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
ENOUGH: Final = 10_000
_PATIENCE: Final = 1800.0
_BUILDER: Final = ("builds:create!user", "builds:cancel!user", "images:delete!user", "builds:read", "images:read")
_CALLERS: Final[Mapping[str, Sequence[str]]] = {
    "anonymous": (),
    "builder": _BUILDER,
    "admin": ("admin", "metrics:read"),
}
_SERVICE: Final = f"""
c.Repo2DockerService.requests_per_person = 0
c.Repo2DockerService.streams_per_person = 0
for part in ("image_builder", "registry", "authorizer", "source_resolver", "server_launcher"):
    c.Repo2DockerService[part] = "memory"
c.InMemoryServerLauncher.start_seconds = 0.0
c.Repo2DockerService.requests_per_person = 0
c.InMemoryAuthorizer.tokens = {{
    name: {{"name": name, "scopes": scopes}} for name, scopes in {dict(_CALLERS)!r}.items() if scopes
}}
"""
_REPOSITORIES: Final = tuple(f"https://github.com/binder-examples/{name}" for name in ("requirements", "conda", "r"))
_RULES: Final = """
[cache]
enabled = false

[generation]
database = "none"

[checks]
# A text may be no address, no ref, or not there: what the description cannot say is refused with a sentence.
positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 405, 409, 410, 412, 415, 422, 428, 429]

[[operations]]  # it has no end
include-path = "/api/v1/events"
enabled = false

[[operations]]  # a build that was forgotten is told from its image
include-name = "GET /api/v1/builds/{build_id}"
checks.use_after_free.enabled = false
"""


@dataclass(frozen=True)
class Found:
    """What came of it."""

    answers: Mapping[int, int]
    """How many there were, by status."""
    tracebacks: int
    """How many are in the service's log."""
    complaints: Mapping[str, str]
    """What schemathesis says, by caller, where it is not content."""

    @property
    def well(self) -> bool:
        """Whether nothing went wrong."""
        return not self.complaints and not self.tracebacks and not any(status >= 500 for status in self.answers)


def fuzz(folder: Path, *, examples: int, seed: int, phases: Sequence[str] = PHASES) -> Found:
    """Start a service of pretended parts, with a few images, and ask it as each caller.

    Args:
        folder: for all that is written.
        examples: how many requests for each operation, and how many sequences.
        seed: for all that is left to chance.
        phases: those of schemathesis.
    """
    rules = folder / "schemathesis.toml"
    rules.write_text(_RULES)
    options = ["--phases", ",".join(phases), "--max-examples", str(examples), "--seed", str(seed)]
    with running_service(folder / "service", _SERVICE) as service:
        with _client(service.url, "builder") as client:
            for address in _REPOSITORIES:
                build(client, repo=address)
        with ThreadPoolExecutor() as threads:
            asked = [threads.submit(_ask, folder, name, service.url, options) for name in _CALLERS]
            said = [each.result() for each in asked]
        answers = _answers(service.url)
    complaints = {name: text for name, text in zip(_CALLERS, said, strict=True) if text}
    return Found(answers, service.log.read_text(errors="replace").count("Traceback"), complaints)


def _ask(folder: Path, name: str, url: str, options: Sequence[str]) -> str:
    """Give what schemathesis says when it is not content."""
    (place := folder / name).mkdir()
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--no-color",
        "--config-file",
        str(folder / "schemathesis.toml"),
    ]
    command += ["run", f"{url}api/v1/openapi.json", "--url", url.rstrip("/"), *options]
    if _CALLERS[name]:
        command += ["--header", f"Authorization: Bearer {name}"]
    done = subprocess.run(
        command, cwd=place, env=dict(os.environ), capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _answers(url: str) -> Mapping[int, int]:
    with _client(url, "admin") as client:
        text = client.get(f"{url}metrics").raise_for_status().text
    counted: Counter[int] = Counter()
    for family in text_string_to_metric_families(text):
        if family.name == "repo2docker_service_requests":
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    counted[int(sample.labels["code"])] += int(sample.value)
    return counted


def _client(url: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=f"{url}api/v1/", headers={"Authorization": f"Bearer {name}"}, timeout=60)


def main() -> int:
    """Ask, tell what came of it, and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="requests for each operation and caller (100)")
    parser.add_argument("--seed", type=int, default=1, help="for all that is left to chance (1)")
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="r2d-") as folder:
        found = fuzz(Path(folder), examples=options.examples, seed=options.seed)
    for name, text in found.complaints.items():
        print(f"== {name}\n{text}")
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(found.answers.items()))
    total = sum(found.answers.values())
    print(f"fuzz: {total:,} answers in {time.monotonic() - begun:.0f} s ({statuses}), {found.tracebacks} tracebacks")
    if options.examples >= parser.get_default("examples") and total < ENOUGH:
        print(f"fuzz: {ENOUGH:,} were to be asked for")
        return 1
    return 0 if found.well else 1


if __name__ == "__main__":
    sys.exit(main())
