"""Packages of a Python index of which only a file is wanted: fetched, and installed nowhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .errors import PartMissing
from .progress import step


def fetch(name: str, version: str, digest: str, folder: Path) -> Path:
    """Fetch the wheel of a package into a folder; one whose SHA-256 is another is refused.

    Raises:
        PartMissing: pip cannot have it.
    """
    asked = folder / "requirements.txt"
    asked.write_text(f"{name}=={version} --hash=sha256:{digest}\n")
    words = ["download", "--quiet", "--no-deps", "--only-binary=:all:", f"--dest={folder}", f"--requirement={asked}"]
    with step(f"Fetching {name} {version}"):
        done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise PartMissing(f"pip cannot fetch {name} {version}: {lines[-1] if lines else 'no reason given'}")
    return next(folder.glob("*.whl"))
