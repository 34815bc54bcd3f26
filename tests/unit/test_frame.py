"""What holds for the repository as a whole."""

import ast
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for folder in ("src", "tools") for path in (ROOT / folder).rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
LONGEST_README = 100


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_is_short(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_functions_are_short(module: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [each.name for each in functions if length(each) > LONGEST_FUNCTION] == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {module.parent for module in (ROOT / "src").rglob("*.py")}

    assert [name(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < LONGEST_README


def test_the_constraints_name_no_host_and_no_folder() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []


def test_the_constraints_pin_everything_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wishes = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}

    wanted = {normalized(re.split(r"[\[<>=~! ]", wish)[0]) for wish in wishes} - {project["name"]}
    assert wanted - {normalized(each) for each in pinned} == set()


def test_the_lock_of_the_page_names_no_download_address() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(), object_hook=without_funding)

    assert "://" not in json.dumps(lock)


def test_the_lock_of_the_page_has_a_checksum_for_every_package() -> None:
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]

    unchecked = [path for path, package in packages.items() if path and not package.get("integrity")]
    assert unchecked == []


def test_no_script_of_the_page_runs_npm_which_is_not_found_by_that_name_while_the_package_is_installed() -> None:
    scripts = json.loads((ROOT / "frontend" / "package.json").read_text())["scripts"]

    assert [name for name, command in scripts.items() if "npm" in command] == []


def test_the_link_for_editable_installs_leads_to_the_code() -> None:
    link = ROOT / ".editable" / "repo2docker_service"

    assert str(link.readlink()) == "../src"


def test_the_package_says_it_is_typed() -> None:
    assert (ROOT / "src" / "py.typed").is_file()


def test_continuous_integration_can_be_started() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def normalized(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def without_funding(package: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in package.items() if key != "funding"}
