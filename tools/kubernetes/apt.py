"""Debian's packages without installing them: apt with lists, caches and sources of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.parts.errors import PartMissing
from tools.parts.mirror import mirror

LIMIT = 900
MADE = ("state/lists/partial", "cache/archives/partial", "etc")


class Apt:
    """Fetch packages of one suite; the machine's own apt notices nothing of it."""

    def __init__(self, folder: Path, suite: str) -> None:
        """Ask for what the suite holds.

        Raises:
            PartMissing: there is no apt here, or no mirror that it may use has the suite.
        """
        if missing := [each for each in ("apt-get", "dpkg-deb") if shutil.which(each) is None]:
            raise PartMissing(f"Fetch Debian packages on a machine that has {' and '.join(missing)}.")
        self._folder = folder
        for each in MADE:
            (folder / each).mkdir(parents=True)
        sources = folder / "etc/sources.list"
        sources.write_text("".join(f"{kind} {mirror(suite)} {suite} main\n" for kind in ("deb", "deb-src")))
        self._get("update", folder)

    def unpack(self, target: Path, *packages: str) -> None:
        """Unpack packages, without what they depend on and without running anything of theirs."""
        downloads = self._folder / "downloads"
        downloads.mkdir(exist_ok=True)
        self._get("download", downloads, *packages)
        for package in packages:
            (file,) = downloads.glob(f"{package}_*.deb")
            run(["dpkg-deb", "-x", str(file), str(target)], downloads)

    def source(self, target: Path, package: str) -> None:
        """Fetch the files of a source package; its version is in the name of the one that ends in `.dsc`."""
        target.mkdir(exist_ok=True)
        self._get("source", target, "--download-only", package)

    def _get(self, command: str, folder: Path, *words: str) -> None:
        options = {
            "Dir::State": self._folder / "state",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self._folder / "cache",
            "Dir::Etc::sourcelist": self._folder / "etc/sources.list",
            "Dir::Etc::sourceparts": "-",
            # Its own user for downloads cannot enter the folders of others.
            "APT::Sandbox::User": "root",
        }
        settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        run(["apt-get", "-q", *settings, command, *words], folder)


def run(command: list[str], folder: Path, limit: float = LIMIT) -> str:
    """Run a command to its end and give what it printed.

    Raises:
        PartMissing: it failed; the message has the last line that it printed.
    """
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit, check=False
    )
    if done.returncode != 0:
        reason = (done.stdout.strip() or "no reason given").splitlines()[-1]
        raise PartMissing(f"{' '.join(command[:1])} failed here with '{reason}'.")
    return done.stdout
