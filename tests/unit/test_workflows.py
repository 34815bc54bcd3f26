"""What runs at GitHub: what a person can run, with as few rights as it needs, and of others only what was looked at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
FILES: Final = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
WORKFLOWS: Final[dict[str, dict[str, Any]]] = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
JOBS: Final = {f"{name}: {job}": told for name, each in WORKFLOWS.items() for job, told in each["jobs"].items()}
TARGETS: Final = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PINNED: Final = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())

    assert used
    assert [each for each in used if not PINNED.fullmatch(each)] == []


def test_an_action_is_used_in_one_version_everywhere() -> None:
    used = {each for file in FILES for each in re.findall(r"uses: (\S+)", file.read_text())}

    assert len({each.partition("@")[0] for each in used}) == len(used)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_has_no_right_that_a_job_does_not_ask_for(workflow: str) -> None:
    assert WORKFLOWS[workflow]["permissions"] == {}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_says_what_it_may_and_how_long_it_may_take(job: str) -> None:
    assert JOBS[job]["permissions"]
    assert JOBS[job]["timeout-minutes"] <= 60


@pytest.mark.parametrize("job", JOBS)
def test_a_job_makes_only_what_there_is_to_make(job: str) -> None:
    words = [word for each in commands(JOBS[job]) if each.startswith("make ") for word in each.split()[1:]]

    assert [word for word in words if "=" not in word and word not in TARGETS] == []


def test_tests_run_by_nothing_but_targets_of_make() -> None:
    told = [each for job in WORKFLOWS["test"]["jobs"].values() for each in commands(job)]

    assert [each for each in told if not each.startswith(("make ", "sudo apt-get update "))] == []


def test_every_python_that_we_name_is_tested() -> None:
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())

    assert WORKFLOWS["test"]["jobs"]["unit"]["strategy"]["matrix"]["python"] == named


def test_what_needs_a_network_has_a_job_of_its_own() -> None:
    told = {word for job in WORKFLOWS["test"]["jobs"].values() for each in commands(job) for word in each.split()}

    assert {"test-conda", "test-registry", "test-package", "image", "compose", "lint-workflows"} <= told


def test_tests_in_a_cluster_run_in_each_kind_that_there_is_a_script_for() -> None:
    script = (ROOT / "tools" / "kubernetes" / "elsewhere.sh").read_text()
    kinds = re.findall(r"^([a-z0-9]+)\)$", script, re.MULTILINE)

    assert WORKFLOWS["test"]["jobs"]["kubernetes"]["strategy"]["matrix"]["cluster"] == kinds == ["kind", "k3s"]
