"""A machine on which the pages of the documentation are followed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.integration.documentation.stand_ins import PROGRAMS
from tests.pages import Block
from tools.parts.packages import SYSTEM_FOLDERS, program
from tools.service import COMMAND

Words = Mapping[str, str | Callable[[], str]]
"""What stands for words that a page shows, each a regular expression; or how to find out when it is needed."""
CURL = "silent\nshow-error\nfail-with-body\n"
"""Its settings, by which a refusal is noticed."""
STOPS_WITHIN = 100


@dataclass(frozen=True)
class Machine:
    """Someone's home, and the programs found first."""

    home: Path
    words: Words
    variables: Mapping[str, str]

    def __post_init__(self) -> None:
        (self.home / ".curlrc").write_text(CURL)
        # Pages begin with the environment that the first of them has made.
        activate = self.home / "r2d" / "bin" / "activate"
        activate.parent.mkdir(parents=True)
        activate.touch()
        programs = self.home / "stand-ins"
        programs.mkdir()
        for name, script in PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)

    def follow(self, blocks: Iterable[Block], folder: Path) -> str:
        """Run what a page shows, as one who stops at the first failure; give all that was printed."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", "".join(self._read(each.script) for each in blocks)],
            cwd=folder,
            env=self._environment(),
            input="a token\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STOPS_WITHIN,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _read(self, script: str) -> str:
        for word, meant in self.words.items():
            if re.search(word, script, re.MULTILINE):
                meaning = meant if isinstance(meant, str) else meant()
                script = meaning.join(re.split(f"(?:{word})", script, flags=re.MULTILINE))
        return script

    def _environment(self) -> dict[str, str]:
        ours = ("PYTHON", "R2D_", "REPO2DOCKER_", "JUPYTERHUB_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        path = f"{self.home / 'stand-ins'}:{clean['PATH']}:{SYSTEM_FOLDERS}"
        known = {
            "HOME": str(self.home),
            "PATH": path,
            "PYTHON": sys.executable,
            "SERVICE": str(COMMAND),
            "UVICORN": str(COMMAND.with_name("uvicorn")),
            "DOCKER": program("docker") or "docker",
            "MAKE": shutil.which("make") or "make",
        }
        return {**clean, **known, **self.variables}
