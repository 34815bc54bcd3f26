"""What fails beside others is tried again alone, and told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tools.second_attempt import MOST, TOLD, main

ONCE = """
import pathlib
def test_fails_once():
    mark = pathlib.Path("mark")
    been = mark.exists()
    mark.touch()
    assert been
def test_passes(): pathlib.Path("runs").open("a").write("x")
"""
ALWAYS = "def test_fails(): assert False\n"
MANY = f"import pytest\n@pytest.mark.parametrize('n', range({MOST + 1}))\ndef test_fails(n): assert False\n"
BROKEN = "import nothing_of_this_name\n"


@pytest.mark.parametrize(("content", "first", "second"), [(ONCE, 1, 0), (ALWAYS, 1, 1), (MANY, 1, 1), (BROKEN, 2, 2)])
def test_few_that_failed_together_get_one_more_chance_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    content: str,
    first: int,
    second: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(content)
    arguments = ["-m", "not network", "tests"]
    assert subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode == first
    capfd.readouterr()

    assert main(first, arguments) == second

    told = capfd.readouterr().out
    assert ("passed at the second attempt: tests/test_it.py::test_fails_once" in told) is (second == 0)
    assert ("tried again alone" in told) is (content in {ONCE, ALWAYS})
    assert (TOLD.read_text() if TOLD.exists() else "") == "".join(
        f"{line}\n" for line in told.splitlines() if line.startswith("== ")
    )
    if content == ONCE:
        assert (tmp_path / "runs").read_text() == "x"
