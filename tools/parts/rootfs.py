"""A Debian root file system with what repo2docker needs around it, for machines without an image registry."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .cache import cache_folder
from .errors import PartMissing
from .mirror import mirror
from .packages import program, require
from .progress import step

# The release before this one has no docker-buildx.
SUITE = "trixie"
PACKAGES = "ca-certificates,git,python3,python3-venv,docker-cli,docker-buildx,busybox-static"
# Of this machine's making, not of Debian's; or useless inside an image.
NOT_WANTED = (
    "etc/hostname",
    "etc/resolv.conf",
    "var/log/bootstrap.log",
    "var/cache/apt/archives/*.deb",
    "var/cache/apt/*.bin",
    "var/lib/apt/lists/*_*",
)
RECIPE = " ".join((SUITE, PACKAGES, *NOT_WANTED))
PIECE = 1 << 20


@contextmanager
def debian_tar() -> Iterator[Iterable[bytes]]:
    """Give the root file system as a tar, in pieces.

    Raises:
        PartMissing: it cannot be made on this machine.
    """
    require("debootstrap")
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="debian-") as folder:
        # A temporary folder is for its owner only; the root of an image is for everybody.
        root = Path(folder) / "root"
        with step(f"Making a Debian {SUITE} root file system"):
            _debootstrap(root)
        yield _tar(root)


def _debootstrap(root: Path) -> None:
    options = ["--variant=minbase", f"--include={PACKAGES}"]
    command = [program("debootstrap") or "debootstrap", *options, SUITE, str(root), mirror(SUITE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stdout + done.stderr).strip().splitlines()[-1]
        raise PartMissing(f"Let the engine reach an image registry: debootstrap fails here with '{reason}'.")
    for pattern in NOT_WANTED:
        for path in root.glob(pattern):
            path.unlink()


def _tar(root: Path) -> Iterator[bytes]:
    command = [shutil.which("tar") or "tar", "-C", str(root), "--numeric-owner", "-c", "."]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        while piece := tar.stdout.read(PIECE):
            yield piece
    if tar.returncode != 0:
        raise PartMissing(f"Reading {root} into an image failed: is the disk full?")
