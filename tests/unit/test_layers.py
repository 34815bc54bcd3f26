"""The domain imports the standard library and itself, whatever else is installed."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "src" / "domain"
ALLOWED = sys.stdlib_module_names


@pytest.mark.parametrize("module", sorted(DOMAIN.rglob("*.py")), ids=lambda path: str(path.relative_to(DOMAIN)))
def test_a_domain_module_imports_only_the_standard_library_and_the_domain(module: Path) -> None:
    strangers = [name for name in imports(module) if not is_allowed(name)]

    assert strangers == []


def test_the_domain_was_found() -> None:
    assert (DOMAIN / "ports.py").is_file()


def test_a_forbidden_import_would_be_noticed(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("import json, httpx\ndef f():\n    from repo2docker_service.adapters import x\n")

    assert [name for name in imports(sample) if not is_allowed(name)] == [
        "httpx",
        "repo2docker_service.adapters",
    ]


def test_the_contract_names_every_dependency() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    dependencies = settings["project"]["dependencies"]
    contracts = settings["tool"]["importlinter"]["contracts"]
    forbidden = next(each for each in contracts if each.get("source_modules") == ["repo2docker_service.domain"])

    names = {re.split(r"[\[<>=~! ]", each)[0].replace("-", "_") for each in dependencies}
    assert names <= set(forbidden["forbidden_modules"])


def imports(module: Path) -> Iterator[str]:
    """Give the absolute name of everything the module imports, at whatever depth of its code."""
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(level=0, module=str(name)):
                yield name
            case ast.ImportFrom(level=level):
                yield from relative(module, level, node.module)


def relative(module: Path, level: int, name: str | None) -> Iterator[str]:
    folder = module.parents[level - 1].relative_to(ROOT / "src")
    yield ".".join(["repo2docker_service", *folder.parts, *([name] if name else [])])


def is_allowed(name: str) -> bool:
    return name.partition(".")[0] in ALLOWED or f"{name}.".startswith("repo2docker_service.domain.")
