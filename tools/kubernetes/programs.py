"""The programs of a cluster: built once for a version of Debian's source package, then kept in the cache folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.parts.cache import alone, cache_folder
from tools.parts.errors import PartMissing
from tools.parts.packages import require
from tools.parts.progress import say, step

from .apt import Apt

SUITE = "bookworm"
"""The last release of Debian whose Kubernetes can do without a runtime beside the Docker engine."""
UNPACKED = ("golang-1.19-go", "golang-1.19-src", "etcd-server", "busybox-static")
GOROOT = "usr/lib/go-1.19"
COPIED = {"etcd": "usr/bin/etcd", "busybox": "bin/busybox"}
SCRIPT = Path(__file__).with_name("build.sh")
VERSION = re.compile(r"kubernetes_(?P<whole>(?:.*really)?(?P<upstream>1\.20\.[0-9]+)-.*)\.dsc")


def present() -> Path | None:
    """Give the folder with the programs that the present script has built, if it has."""
    return max(_place().glob(f"*-{_mark()}"), default=None)


def ensure() -> Path:
    """Give the folder with the programs, building them if need be, which takes six minutes and more.

    Raises:
        PartMissing: they cannot be built here.
    """
    with alone("kubernetes-programs"):
        return present() or _make()


def _place() -> Path:
    return cache_folder() / "kubernetes"


def _mark() -> str:
    parts = (SCRIPT.read_text(), SUITE, *UNPACKED, *COPIED)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _make() -> Path:
    require("gcc", "dpkg-source")
    _place().mkdir(exist_ok=True)
    for unfinished in _place().glob("building-*"):
        shutil.rmtree(unfinished)
    with tempfile.TemporaryDirectory(dir=_place(), prefix="building-") as temporary:
        folder = Path(temporary)
        with step("Fetching the source package of Kubernetes, and Go"):
            apt = Apt(folder / "apt", SUITE)
            apt.unpack(folder / "root", *UNPACKED)
            apt.source(folder / "source", "kubernetes")
        (source,) = (folder / "source").glob("*.dsc")
        if (version := VERSION.fullmatch(source.name)) is None:
            raise PartMissing(f"Only Kubernetes 1.20 is started as we do; the mirror has {source.name}.")
        _build(folder, source, version["upstream"])
        for name, path in COPIED.items():
            shutil.copy2(folder / "root" / path, folder / "made" / name)
        return (folder / "made").rename(_place() / f"{version['whole']}-{_mark()}")


def _build(folder: Path, source: Path, version: str) -> None:
    command = ["bash", str(SCRIPT), str(source), str(folder / "root" / GOROOT), version, str(folder / "made")]
    with (
        step(f"Building Kubernetes {version}"),
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as builder,
    ):
        assert builder.stdout is not None
        for line in builder.stdout:
            say(line.rstrip())
    if builder.returncode != 0:
        raise PartMissing("Kubernetes could not be built here: see above.")
